import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueuesConfig } from '../config/config.ts';
import { StoreAway } from '../rollout/flag-store.ts';
import { createRedisConnection } from '../rollout/stores/redis-connection.ts';
import { within } from '../rollout/stores/within.ts';
import type { Logger } from '../telemetry/logger.ts';
import { perMinute, RATE_MINUTES } from './per-minute.ts';
import {
  type LetterAction,
  type LetterOutcome,
  type NamedQueue,
  type QueueReport,
  type Queues,
  QueuesAway,
  type Rate,
} from './queues.ts';
import { discardedEntry, LETTER_FIELDS, readContent, readLetter } from './read-letter.ts';

/** How long a command may take, and all those of one question. */
const COMMAND_MS = 1_000;
const QUESTION_MS = 3_000;
/** For the first connection. Later ones come back by themselves, and nobody waits for that. */
const CONNECT_MS = 2_000;
/** For everything that is done with several letters; what is left then is left. */
const SETTLE_MS = 6_000;
const SETTLED_AT_ONCE = 16;
const SCAN_BATCH = 500;
/** More than a queue keeps of its dead letters. */
const SCANNED_MAX = 20_000;
/** Of those that are to be tried again, which are in the order of when. */
const DELAYED_LOOKED_AT = 20;
/** Of the list in which acknowledgements travel; it loses the eldest, whose events are sent again. */
const ACKNOWLEDGEMENTS_MAX = 100_000;
const QUEUE_CLOSE_MS = 500;

/** BullMQ's words for a job that is not there, or not dead. */
const GONE_CODES: readonly unknown[] = [-1, -3];

/** The queues in Redis, by a connection of their own: it is made at once, and fails each question while Redis is away. */
export function openQueues(
  { redisUrl, prefix, named }: QueuesConfig,
  { now, logger }: { readonly now: () => number; readonly logger: Logger },
): Queues {
  const connection = createRedisConnection(redisUrl, COMMAND_MS);
  const { redis } = connection;
  const firstWord = Promise.withResolvers<void>();
  for (const event of ['ready', 'error', 'close']) redis.once(event, () => firstWord.resolve());
  const queues = new Map(named.map(({ name }) => [name, openQueue(name)]));
  // It tries again by itself.
  redis.connect().catch(() => {});

  function openQueue(name: string): Queue {
    const queue = new Queue(name, {
      connection: redis,
      prefix,
      // What is asked while Redis is away fails at once, and a queue made meanwhile works when it is back.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    queue.on('error', (error) => logger.debug({ err: error, queue: name }, 'a queue has an error'));
    return queue;
  }

  function find(name: string): Queue {
    const queue = queues.get(name);
    if (queue === undefined) throw new Error(`${name} is no queue of these`);
    return queue;
  }

  const question = async <T>(
    run: typeof connection.ask,
    work: (redis: Redis) => Promise<T>,
    isChange: boolean,
  ): Promise<T> => {
    await within(firstWord.promise, CONNECT_MS, () => undefined);
    try {
      return await within(run(work), QUESTION_MS, () => {
        throw new StoreAway('no answer in time', { isUnknown: isChange });
      });
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      const { message, isUnknown } = error;
      throw new QueuesAway(message, { cause: error.cause, isUnknown });
    }
  };
  const ask = <T>(work: (redis: Redis) => Promise<T>): Promise<T> => question(connection.ask, work, false);
  const change = <T>(work: (redis: Redis) => Promise<T>): Promise<T> =>
    question(connection.change, work, true);

  const rateOf = async (queue: Queue, end: 'completed' | 'failed'): Promise<Rate> => {
    const counts = await queue.getMetrics(end, 0, RATE_MINUTES - 1);
    return { total: counts.meta.count, perMinute: perMinute(counts, now()) };
  };

  const report = async (known: NamedQueue): Promise<QueueReport> => {
    const queue = find(known.name);
    const [counts, oldestMs, completed, died, consumers] = await Promise.all([
      queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
      oldestOf(redis, queue),
      rateOf(queue, 'completed'),
      rateOf(queue, 'failed'),
      // Some that are run by others do not let anybody see who is connected.
      queue.getWorkersCount().catch(() => null),
    ]);
    const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return {
      name: known.name,
      consumer: known.consumer,
      takes: known.takes,
      jobs: { waiting: waiting + prioritized, active, delayed, dead: failed },
      oldestSeconds: oldestMs === undefined ? null : Math.max(0, (now() - oldestMs) / 1_000),
      completed,
      died,
      consumers,
    };
  };

  const isDead = async (queue: Queue, id: string): Promise<boolean> =>
    (await redis.zscore(queue.toKey('failed'), id)) !== null;

  const retry = async (queue: Queue, id: string): Promise<LetterOutcome> => {
    if (!(await isDead(queue, id))) return 'gone';
    const job = await queue.getJob(id);
    if (job === undefined) return 'gone';
    try {
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return 'done';
    } catch (error) {
      if (GONE_CODES.includes((error as { code?: unknown }).code)) return 'gone';
      throw error;
    }
  };

  const discard = async (queue: Queue, id: string, reason: string): Promise<LetterOutcome> => {
    if (!(await isDead(queue, id))) return 'gone';
    const { source } = readContent((await redis.hget(queue.toKey(id), 'data')) ?? '');
    const entry = discardedEntry(id, reason);
    if (source !== null && entry !== undefined) {
      // First, for the outbox sends again what Redis does not have; told twice is told once.
      const key = `${prefix}-acknowledged:${source}`;
      throwFirst(await redis.multi().rpush(key, entry).ltrim(key, -ACKNOWLEDGEMENTS_MAX, -1).exec());
    }
    return (await queue.remove(id)) === 1 ? 'done' : 'gone';
  };

  const settleOne = (queue: Queue, id: string, action: LetterAction): Promise<LetterOutcome> =>
    change(() => (action.kind === 'retry' ? retry(queue, id) : discard(queue, id, action.reason)));

  return {
    named,
    list: () => ask(() => Promise.all(named.map(report))),
    one: (known) => ask(() => report(known)),
    letters: (known, { offset, limit }) =>
      ask(async () => {
        const queue = find(known.name);
        const failed = queue.toKey('failed');
        const [total, ids] = await Promise.all([
          redis.zcard(failed),
          redis.zrange(failed, offset, String(offset + limit - 1), 'REV'),
        ]);
        const letters = await Promise.all(ids.map((id) => letterOf(redis, queue, id)));
        return { letters: letters.filter((letter) => letter !== undefined), total };
      }),
    inspect: (known, id) =>
      ask(async () => {
        const queue = find(known.name);
        if (!(await isDead(queue, id))) return undefined;
        const [letter, data] = await Promise.all([
          letterOf(redis, queue, id),
          redis.hget(queue.toKey(id), 'data'),
        ]);
        return letter && { ...letter, ...readContent(data ?? '') };
      }),
    find: (known, { type, limit }) =>
      ask(async () => {
        const queue = find(known.name);
        const failed = queue.toKey('failed');
        if (type === undefined) {
          const [total, ids] = await Promise.all([
            redis.zcard(failed),
            redis.zrange(failed, 0, String(limit - 1)),
          ]);
          return { ids, more: Math.max(0, total - ids.length) };
        }
        const found: string[] = [];
        for (let from = 0; from < SCANNED_MAX; from += SCAN_BATCH) {
          const ids = await redis.zrange(failed, from, String(from + SCAN_BATCH - 1));
          const names = await Promise.all(ids.map((id) => redis.hget(queue.toKey(id), 'name')));
          found.push(...ids.filter((_id, index) => names[index] === type));
          if (ids.length < SCAN_BATCH) break;
        }
        return { ids: found.slice(0, limit), more: Math.max(0, found.length - limit) };
      }),
    async settle(known, ids, action) {
      const queue = find(known.name);
      const endAt = performance.now() + SETTLE_MS;
      let [done, gone] = [0, 0];
      for (let from = 0; from < ids.length && performance.now() < endAt; from += SETTLED_AT_ONCE) {
        const batch = ids.slice(from, from + SETTLED_AT_ONCE);
        const ended = await Promise.allSettled(batch.map((id) => settleOne(queue, id, action)));
        for (const each of ended) {
          if (each.status === 'fulfilled') each.value === 'done' ? done++ : gone++;
        }
        const failed = ended.find((each) => each.status === 'rejected');
        if (failed?.reason instanceof QueuesAway) return { done, gone, away: failed.reason };
        if (failed !== undefined) throw failed.reason;
      }
      return { done, gone };
    },
    bullQueues: () =>
      ask(async () => {
        await redis.ping();
        return [...queues.values()];
      }),
    async close() {
      const closing = Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      await within(closing, QUEUE_CLOSE_MS, () => undefined);
      await connection.close();
    },
  };
}

/**
 * When the oldest that waits was put in: the next in line, or one of those that are to be tried again first. Between
 * attempts there are seconds, so that these are all of them, or many.
 */
async function oldestOf(redis: Redis, queue: Queue): Promise<number | undefined> {
  const ids = await Promise.all([
    redis.lrange(queue.toKey('wait'), -1, -1),
    redis.zrange(queue.toKey('prioritized'), 0, '0'),
    redis.zrange(queue.toKey('delayed'), 0, String(DELAYED_LOOKED_AT - 1)),
  ]);
  const times = await Promise.all(ids.flat().map((id) => redis.hget(queue.toKey(id), 'timestamp')));
  const known = times.map(Number).filter((time) => Number.isSafeInteger(time) && time > 0);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Without its content, which may be a megabyte. */
async function letterOf(redis: Redis, queue: Queue, id: string) {
  const key = queue.toKey(id);
  const [fields, bytes] = await Promise.all([redis.hmget(key, ...LETTER_FIELDS), redis.hstrlen(key, 'data')]);
  return readLetter(id, fields, bytes);
}

function throwFirst(results: [Error | null, unknown][] | null): void {
  for (const [error] of results ?? []) if (error) throw error;
}
