import { ADMIN_OPTIONS, type Admin, askAny, createAdmins, dataOf } from '../admin/client.ts';
import type { InspectedDeadLetter } from '../admin/types.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, type CommandContext, EXIT } from '../command.ts';
import { readLine } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { watch } from '../terminal/watch.ts';
import { decodeLetter } from './decode-letter.ts';
import { renderLetter, renderLetters } from './letter-text.ts';
import { JOBS_OPTIONS, type JobsLine, parseJobs } from './parse-jobs.ts';
import { addLook, NO_LOOKS, renderQueues, type SeenQueues } from './queues-table.ts';
import { settleText } from './settle-text.ts';

/** Of each queue that has any, with the table. */
const LETTERS_SHOWN = 3;

type Asked<Kind extends JobsLine['kind']> = Extract<JobsLine, { kind: Kind }>;

export const jobsCommand: Command = {
  usage:
    'jobs [list] [--watch] [--json] [--url URL]…\n' +
    'jobs list <queue> [--limit N] [--offset N] [--json] [--url URL]…\n' +
    'jobs inspect <queue> <id> [--target host:port] [--json] [--url URL]…\n' +
    'jobs retry <queue> <id> | --all [--type TYPE] [--limit N]  --reason TEXT [--json] [--url URL]…\n' +
    'jobs discard <queue> <id> | --all [--type TYPE] [--limit N]  --reason TEXT [--json] [--url URL]…',
  about:
    'Shows what the queues hold, how old it is and how fast it is worked off, and settles dead letters. What is ' +
    'retried is tried as if it were new; what is discarded is never tried again. Both stand in the audit.',
  details: `  --watch   draws it anew every two seconds, until Ctrl-C
  --all     the oldest dead letters of the queue; with --type of that type alone, as many as --limit says (100)
  --limit   how many: of a list 50, up to 200; with --all up to 1000
  --offset  of a list, how many of the latest are left out
  --target  where the consumer is asked what a dead letter means; without it, by the configuration
  --json    what the admin API answers; of inspect, with \`event\` as its consumer reads it
  --url     an admin port; without it BANYAN_ADMIN_URL, else http://127.0.0.1:8081

Rates are of the last five minutes; watched, of the last half minute. Queues are the same at every replica.`,
  run(args, context) {
    const { values, positionals } = readLine(args, { ...ADMIN_OPTIONS, ...JOBS_OPTIONS });
    const line = parseJobs(values, positionals);
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      switch (line.kind) {
        case 'queues':
          return showQueues(admins, line, values.json, context);
        case 'letters':
          return showLetters(admins, line, values.json, context);
        case 'inspect':
          return inspect(admins, line, values.json, context);
        case 'settle':
          return settle(admins, line, values.json, context);
      }
    });
  },
};

async function showQueues(
  admins: readonly Admin[],
  line: Asked<'queues'>,
  json: boolean,
  context: CommandContext,
): Promise<number> {
  let looks = NO_LOOKS;
  const see = async (): Promise<SeenQueues> => {
    const seen = await askAny(admins, readQueues);
    looks = addLook(looks, seen.queues, context.now());
    return { ...seen, looks };
  };
  if (line.watched) {
    const show = renderQueues;
    await watch(context, { ask: see, draw: show, print: (seen, layout) => [...show(seen, layout), ''] });
    return EXIT.done;
  }
  if (json) {
    const queues = await askAny(admins, async ({ api }) => dataOf(await api.GET('/queues')));
    context.out.write(`${JSON.stringify(queues)}\n`);
  } else writeLines(context.out, renderQueues(await see(), layoutFor(context)));
  return EXIT.done;
}

async function readQueues({ api, url }: Admin) {
  const queues = dataOf(await api.GET('/queues'));
  const withLetters = queues.filter(({ jobs }) => jobs.dead > 0);
  const letters = await Promise.all(
    withLetters.map(async ({ name }) => {
      const params = { path: { queue: name }, query: { limit: LETTERS_SHOWN } };
      return { queue: name, page: dataOf(await api.GET('/queues/{queue}/dead-letters', { params })) };
    }),
  );
  return { queues, letters, url };
}

async function showLetters(
  admins: readonly Admin[],
  { queue, limit, offset }: Asked<'letters'>,
  json: boolean,
  context: CommandContext,
): Promise<number> {
  const params = { path: { queue }, query: { limit, offset } };
  const page = await askAny(admins, async ({ api }) =>
    dataOf(await api.GET('/queues/{queue}/dead-letters', { params })),
  );
  if (json) context.out.write(`${JSON.stringify(page)}\n`);
  else writeLines(context.out, renderLetters(queue, page, layoutFor(context)));
  return EXIT.done;
}

async function inspect(
  admins: readonly Admin[],
  { queue, id, target }: Asked<'inspect'>,
  json: boolean,
  context: CommandContext,
): Promise<number> {
  const { letter, consumer } = await askAny(admins, async ({ api }) => {
    const path = { queue, id };
    const [found, { consumer }] = await Promise.all([
      api.GET('/queues/{queue}/dead-letters/{id}', { params: { path } }).then(dataOf),
      api.GET('/queues/{queue}', { params: { path: { queue } } }).then(dataOf),
    ]);
    return { letter: found satisfies InspectedDeadLetter, consumer };
  });
  const decoded = await decodeLetter(letter, { consumer, target }, context);
  if (json) {
    context.out.write(`${JSON.stringify({ ...letter, event: decoded.event ?? null })}\n`);
  } else writeLines(context.out, renderLetter(letter, decoded, layoutFor(context)));
  return EXIT.done;
}

async function settle(
  admins: readonly Admin[],
  { queue, action, letters, reason }: Asked<'settle'>,
  json: boolean,
  context: CommandContext,
): Promise<number> {
  const settled = await askAny(admins, async ({ api }) => {
    if ('id' in letters) {
      const sent = { params: { path: { queue, id: letters.id } }, body: { reason } };
      return dataOf(await api.POST(`/queues/{queue}/dead-letters/{id}/${action}`, sent));
    }
    const sent = { params: { path: { queue } }, body: { ...letters, reason } };
    return dataOf(await api.POST(`/queues/{queue}/${action}`, sent));
  });
  if (json) context.out.write(`${JSON.stringify(settled)}\n`);
  else writeLines(context.out, [settleText(settled)]);
  return EXIT.done;
}
