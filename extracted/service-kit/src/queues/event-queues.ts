import { type JobsOptions, Queue } from 'bullmq';
import type { Logger } from '../logger.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import type { QueueConnection } from './connection.ts';
import { type EventJob, UNKNOWN_TYPE } from './event-job.ts';
import type { Routes, TypeFilter } from './routes.ts';

export const QUEUE_PREFIX = 'banyan';
/** Dead letters are kept in Redis for so long, and so many; the outbox keeps them whatever happens here. */
export const DEAD_LETTERS_KEPT = { age: 30 * 86_400, count: 10_000 } as const;
const WAITING_MAX = 5_000;
/** Counted so often while it changes. */
const COUNT_EVERY_MS = 250;
/** What one relay may put in without counting again. */
const ALLOWANCE_MAX = 1_000;
const ATTEMPTS_MAX = 2 ** 30;
const JOB_BYTES_MAX = 1_048_576;

/** Put in with others, one that is too large would keep all of them out, each time anew. */
export function isTooLarge({ job }: OutgoingEvent): boolean {
  // Of most of them the length of the body says enough.
  return job.body.length > JOB_BYTES_MAX / 2 && Buffer.byteLength(JSON.stringify(job)) > JOB_BYTES_MAX;
}

export type OutgoingEvent = { readonly id: string; readonly type: string | null; readonly job: EventJob };

export type EventQueues = {
  readonly routes: Routes;
  isReady(): boolean;
  /** How many events may be put in now, and which; what is full stays out of both. */
  room(): Promise<{ readonly events: number; readonly filter: TypeFilter }>;
  /** One that is there already stays as it is. */
  add(events: readonly OutgoingEvent[]): Promise<void>;
  /**
   * Of these, those that are dead letters here. Their consumer says so itself, but may have died before it could: then
   * whatever is sent again changes nothing, and nobody would say it ever.
   */
  findDead(events: readonly OutgoingEvent[]): Promise<Acknowledgement[]>;
  close(): Promise<void>;
};

/**
 * How a job of an event lives. Its id is the event's: sent again it is the same job while it waits, is worked on or is
 * a dead letter. It is gone when it is done, for one that stayed would swallow the event that is sent again because
 * its acknowledgement was lost. How often it is tried is its consumer's to decide.
 */
const JOB = {
  attempts: ATTEMPTS_MAX,
  backoff: { type: 'by-kind' },
  removeOnComplete: true,
  removeOnFail: DEAD_LETTERS_KEPT,
  stackTraceLimit: 0,
  sizeLimit: JOB_BYTES_MAX,
} as const satisfies JobsOptions;

export function openQueue<Data>(
  name: string,
  { connection, prefix, logger }: { connection: QueueConnection; prefix: string; logger: Logger },
): Queue<Data> {
  const queue = new Queue<Data>(name, {
    connection: connection.redis,
    prefix,
    // What is asked of a Redis that is away fails at once, and a queue made meanwhile works when it is back.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  queue.on('error', (error) => logger.debug({ err: error, queue: name }, 'a queue has an error'));
  return queue;
}

/** The queues that a relay puts events in. The bound on what waits is exact up to one allowance for each relay. */
export function createEventQueues(options: {
  readonly connection: QueueConnection;
  readonly routes: Routes;
  readonly logger: Logger;
  readonly prefix?: string;
  readonly waitingMax?: number;
  readonly nowMs?: () => number;
}): EventQueues {
  const { connection, routes, logger, prefix = QUEUE_PREFIX } = options;
  const { waitingMax = WAITING_MAX, nowMs = () => performance.now() } = options;
  const queues = new Map(
    routes.queues.map((name) => [
      name,
      { queue: openQueue<EventJob>(name, { connection, prefix, logger }), left: 0, countAt: 0 },
    ]),
  );

  const count = async (name: string): Promise<readonly [string, number]> => {
    const known = queues.get(name);
    if (!known) throw new Error(`${name} is no queue of these`);
    if (known.left <= 0 || nowMs() >= known.countAt) {
      const counts = await known.queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      const waiting = Object.values(counts).reduce((sum, each) => sum + each, 0);
      known.left = Math.min(waitingMax - waiting, ALLOWANCE_MAX);
      known.countAt = nowMs() + COUNT_EVERY_MS;
    }
    return [name, known.left];
  };

  const queueOf = (type: string | null) => {
    const name = routes.queueOf(type);
    const known = queues.get(name);
    if (!known) throw new Error(`${name} is no queue of these`);
    return known;
  };

  return {
    routes,
    isReady: () => connection.isReady(),
    async room() {
      const counted = await Promise.all(routes.queues.map(count));
      const open = counted.filter(([, left]) => left > 0).map(([, left]) => left);
      const full = new Set(counted.filter(([, left]) => left <= 0).map(([name]) => name));
      return { events: open.length === 0 ? 0 : Math.min(...open), filter: routes.filterFor(full) };
    },
    async add(events) {
      await Promise.all(
        [...Map.groupBy(events, ({ type }) => queueOf(type))].map(async ([known, group]) => {
          known.left -= group.length;
          await known.queue.addBulk(
            group.map(({ id, type, job }) => ({
              name: type ?? UNKNOWN_TYPE,
              data: job,
              opts: { ...JOB, jobId: id },
            })),
          );
        }),
      );
    },
    async findDead(events) {
      // At one moment: one that is tried again meanwhile has no reason any more.
      const asked = connection.redis.multi();
      for (const { id, type } of events) {
        const { queue } = queueOf(type);
        asked.zscore(queue.toKey('failed'), id).hget(queue.toKey(id), 'failedReason');
      }
      const answers = (await asked.exec()) ?? [];
      return events.flatMap(({ id }, index) => {
        const [[scoreFault, failedAt] = [], [reasonFault, said] = []] = answers.slice(2 * index);
        if (scoreFault || reasonFault) throw scoreFault ?? reasonFault;
        return typeof failedAt === 'string' ? [{ id, outcome: 'dead', said: String(said ?? '') }] : [];
      });
    },
    async close() {
      await Promise.all([...queues.values()].map(({ queue }) => queue.close()));
    },
  };
}
