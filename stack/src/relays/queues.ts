import type { Queue } from '@banyan/gateway/carve-out';

type Variables = Record<string, string>;

/**
 * Which event of an outbox goes to which queue, as `RELAY_ROUTES` says it: its own jobs, each queue of events, and last
 * the one that takes what nobody named. Null where nothing is to be brought anywhere.
 */
export function routesOf(queues: readonly Queue[], source: string): string | null {
  const events = queues.filter(({ takes }) => takes !== 'jobs');
  const jobs = queues.filter(({ takes, consumer }) => takes === 'jobs' && consumer === source);
  const last = events.find(({ takes }) => takes === 'rest') ?? events.at(-1) ?? jobs.at(-1);
  if (last === undefined) return null;
  const named = [...jobs, ...events]
    .filter((queue) => queue !== last)
    .map(({ name, takes }) => `${name}:${typeof takes === 'string' ? 'job' : takes.join(',')}`);
  return [...named, last.name].join(';');
}

/** What the queues of a carve-out are called, for its service and, as long as it owns, for the monolith. */
export function queueNamesOf(
  queues: readonly Queue[],
  carveOut: { name: string; prefix: string },
): Variables {
  const variables: Variables = {};
  for (const { name, consumer, takes } of queues) {
    if (consumer !== carveOut.name) continue;
    variables[`${carveOut.prefix}_${takes === 'jobs' ? 'JOBS' : 'EVENTS'}_QUEUE`] = name;
  }
  return variables;
}
