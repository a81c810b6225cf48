import type { Event } from '@banyan/contracts/events/v1/events';
import { DelayedError, type Job, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';
import type { QueuesConfig } from '../../config.ts';
import { attemptsOf, EventFault, type FaultKind, faultKindOf, retryMsOf } from './event-fault.ts';
import { readEventJob, sourceOf } from './event-job.ts';
import { connectQueues, SILENCE_MS } from './queue-connection.ts';

export type QueueConsumer = {
  /** Whether it takes events; one that does not leaves them to their owner. At first it does not. */
  setTaking(isTaking: boolean): void;
  /** Lets those in hand end. Does not wait for a Redis that is away. */
  stop(): Promise<void>;
};

const CONCURRENCY = 2;
/** A worker that dies leaves its jobs for so long, and then until somebody looks. */
const LOCK_MS = 10_000;
const LOOK_FOR_STALLED_MS = 5000;
/** One that kills its worker each time is stopped in the end; one that meets many crashes is not to blame. */
const STALLED_MAX = 50;
/** A worker that has nothing to do hears from Redis so often before it is taken to be gone. */
const WAITS_PER_SILENCE = 3;
const FETCH_AGAIN_MS = 500;
const DEAD_LETTERS_KEPT = { age: 30 * 86_400, count: 10_000 } as const;
/** A minute each: how many were done and failed, for operators. */
const RATE_POINTS = 60;
const ACKNOWLEDGEMENTS_MAX = 100_000;
const STOP_MS = 5000;
const LAST_WORDS_MS = 1000;

/** Takes the events of one queue; what was taken is acknowledged to the outbox that it is from (ADR 0030). */
export function createQueueConsumer(parts: {
  queues: QueuesConfig;
  queue: string;
  /** Resolves when the effect and the record of it are committed. */
  take: (event: Event, traceParent: string | undefined) => Promise<unknown>;
  random: () => number;
  logger: Logger;
  /** After so long without a word Redis is taken to be gone, and connected to anew. */
  silenceMs?: number;
}): QueueConsumer {
  const { queues, queue, take, random, logger, silenceMs = SILENCE_MS } = parts;
  const connection = connectQueues(queues.redisUrl, { random, logger, silenceMs });
  const inHand = new Set<Promise<unknown>>();
  const acknowledging = new Set<Promise<unknown>>();
  let changing = Promise.resolve();
  let stopped: Promise<void> | undefined;

  /**
   * Waits in its connection while Redis is away, and there are no more of them than were in hand. One that is lost is
   * no harm: its event is sent again, and has had its effect.
   */
  const acknowledge = (source: string | null, entry: string): void => {
    if (source === null) return;
    const key = `${queues.prefix}-acknowledged:${source}`;
    const told = connection.redis
      .pipeline()
      .rpush(key, entry)
      .ltrim(key, -ACKNOWLEDGEMENTS_MAX, -1)
      .exec()
      .catch((error) => logger.debug({ err: error, queue }, 'an acknowledgement is lost'))
      .finally(() => acknowledging.delete(told));
    acknowledging.add(told);
  };

  const work = async (job: Job): Promise<void> => {
    const reading = readEventJob(job.id ?? '', job.data);
    if (reading.kind === 'poison') throw faultOf(job, 'poison', reading.poison);
    try {
      await take(reading.event, reading.traceParent);
    } catch (error) {
      throw faultOf(job, faultKindOf(error), error instanceof Error ? error.message : 'no error', error);
    }
    acknowledge(reading.source, `t${job.id}`);
  };

  const faultOf = (job: Job, kind: FaultKind, said: string, cause?: unknown): EventFault => {
    const attempts = attemptsOf(kind, job);
    const fault = new EventFault(kind, said, retryMsOf(kind, attempts, random), cause);
    const { retryMs } = fault;
    const told = { err: cause, queue, event: job.id, type: job.name, kind, attempts, inMs: retryMs };
    if (retryMs === null) logger.error({ ...told, reason: fault.message }, 'an event is a dead letter');
    else logger.warn(told, 'an event was not taken: again later');
    return fault;
  };

  /** BullMQ counts an attempt that fails, and none that is put off by hand; one that cannot be put off fails. */
  const putOff = async (error: unknown, job: Job, token: string | undefined): Promise<never> => {
    if (!(error instanceof EventFault) || error.kind !== 'away' || error.retryMs === null) throw error;
    await job.moveToDelayed(Date.now() + error.retryMs, token).catch((why) => {
      logger.debug({ err: why, queue, event: job.id }, 'an event could not be put off: the attempt counts');
      throw error;
    });
    throw new DelayedError();
  };

  const worker = new Worker(
    queue,
    (job, token) => {
      const done = work(job).finally(() => inHand.delete(settled));
      const settled = done.catch(() => undefined);
      inHand.add(settled);
      return done.catch((error) => putOff(error, job, token));
    },
    {
      connection: connection.redis,
      prefix: queues.prefix,
      autorun: false,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_STALLED_MS,
      maxStalledCount: STALLED_MAX,
      drainDelay: silenceMs / WAITS_PER_SILENCE / 1000,
      runRetryDelay: FETCH_AGAIN_MS,
      removeOnComplete: { count: 0 },
      removeOnFail: DEAD_LETTERS_KEPT,
      metrics: { maxDataPoints: RATE_POINTS },
      settings: {
        // Jobs of events ask for the strategy `by-kind`; -1 is never again.
        backoffStrategy: (attempts, _type, error) =>
          (error instanceof EventFault ? error.retryMs : retryMsOf('unexpected', attempts ?? 1, random)) ??
          -1,
      },
    },
  );
  worker.on('error', (error) => {
    // While Redis is away it has one at each attempt to connect, and the connection has said that.
    const level = connection.isReady() ? 'warn' : 'debug';
    logger[level]({ err: error, queue }, 'the worker of a queue has an error');
  });
  worker.on('failed', (job, error) => {
    // Without an end it is tried again.
    if (!job?.id || (error instanceof EventFault ? error.retryMs !== null : !job.finishedOn)) return;
    acknowledge(sourceOf(job.data), `d${job.id} ${error.message}`);
  });

  const quiet = (ending: Promise<unknown>): Promise<unknown> =>
    ending.catch((error) => logger.debug({ err: error, queue }, 'the worker of a queue ended with an error'));

  const change = async (isTaking: boolean): Promise<void> => {
    if (stopped) return;
    connection.showWorkers(isTaking);
    if (!isTaking) await worker.pause(true);
    else if (worker.isPaused()) await worker.resume();
    else if (!worker.isRunning()) void quiet(worker.run());
  };

  const stop = async (): Promise<void> => {
    // In order while Redis answers: nothing is left to its lock's end.
    const isThere = connection.isReady();
    let closing = isThere ? quiet(worker.close()) : undefined;
    await within(Promise.all(inHand), STOP_MS);
    if (isThere) await within(Promise.all([closing, ...acknowledging]), LAST_WORDS_MS);
    // BullMQ's own end may wait for a Redis that has gone away in the middle.
    closing ??= quiet(worker.close(true));
    await connection.close();
    await within(closing, LAST_WORDS_MS);
  };

  return {
    setTaking(isTaking) {
      changing = changing
        .then(() => change(isTaking))
        .catch((error) => logger.warn({ err: error, queue }, 'the worker of a queue goes on as it was'));
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(limitMs, over.signal)]);
  over.abort();
}
