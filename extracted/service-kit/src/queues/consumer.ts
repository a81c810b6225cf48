import type { Event } from '@banyan/contracts/events/v1/events';
import { type Job, Worker } from 'bullmq';
import { pause } from '../backoff.ts';
import type { Database, Transaction } from '../database.ts';
import { once } from '../inbox.ts';
import type { Logger } from '../logger.ts';
import { scrub } from '../safe-error.ts';
import type { Tracing } from '../tracing.ts';
import { createAckWriter } from './acknowledgements.ts';
import { connectProducer, connectWorker } from './connection.ts';
import { type EventJob, readEventJob } from './event-job.ts';
import { DEAD_LETTERS_KEPT, QUEUE_PREFIX } from './event-queues.ts';
import { decideNext, EventFault, type FaultKind, faultKindOf } from './faults.ts';

/**
 * Does what follows from an event, and has recorded its id in the same transaction when it comes back. `signal` is
 * aborted when somebody else may have the job: what is not committed then should not be.
 */
export type TakeEvent = (
  event: Event,
  options: { readonly signal: AbortSignal },
) => Promise<{ duplicate: boolean }>;

export type ConsumerMetrics = {
  onTaken(queue: string, outcome: 'taken' | 'duplicate'): void;
  onFault(queue: string, kind: FaultKind, next: 'retry' | 'dead'): void;
};

export type EventConsumer = {
  start(): void;
  /** Whether it takes events; one that does not leaves them to others, such as those of who owns now. */
  setTaking(isTaking: boolean): Promise<void>;
  /** How many are being worked on. */
  inHand(): number;
  /** Lets those in hand end, within the limit. Does not wait for a Redis that is away. */
  stop(limitMs?: number): Promise<void>;
};

const CONCURRENCY = 16;
/** A worker that dies leaves its jobs for so long, and then until somebody looks. */
const LOCK_MS = 10_000;
const LOOK_FOR_STALLED_MS = 5_000;
/** One that kills its worker each time is stopped in the end; one that meets many crashes is not to blame. */
const STALLED_MAX = 50;
const FETCH_AGAIN_MS = 500;
const STOP_MS = 10_000;
const ACKS_MS = 1_000;
const LAST_WORDS_MS = 2_000;
/** A minute each: how many were done and failed, for operators. */
const RATE_POINTS = 60;

/**
 * Takes the events of one queue. What was taken is acknowledged after its commit, to the outbox that it is from; an
 * acknowledgement that is lost brings the event again, and `take` finds the effect there.
 */
export function createEventConsumer(options: {
  readonly redisUrl: string;
  readonly queue: string;
  readonly take: TakeEvent;
  readonly kindOf?: (error: unknown) => FaultKind;
  readonly logger: Logger;
  readonly random: () => number;
  readonly tracing?: Tracing | null;
  readonly metrics?: ConsumerMetrics;
  readonly prefix?: string;
  readonly concurrency?: number;
  readonly lockMs?: number;
  readonly lookForStalledMs?: number;
}): EventConsumer {
  const { redisUrl, queue, take, kindOf = faultKindOf, logger, random, tracing, metrics } = options;
  const { prefix = QUEUE_PREFIX, concurrency = CONCURRENCY } = options;
  const producing = connectProducer(redisUrl, { logger });
  const working = connectWorker(redisUrl, { logger });
  const acks = createAckWriter({ connection: producing, prefix, logger });
  const inHand = new Set<Promise<void>>();
  let stopped: Promise<void> | undefined;

  const work = async (job: Job<EventJob>, signal: AbortSignal): Promise<void> => {
    const id = job.id ?? '';
    const reading = readEventJob(id, job.data);
    if (reading.kind === 'poison') throw fault('poison', job, reading.poison);
    const span = tracing?.consumed(queue, reading.job.traceparent);
    try {
      const run = () => take(reading.event, { signal });
      const { duplicate } = await (span === undefined || !tracing ? run() : tracing.within(span, run));
      span?.end('OK');
      metrics?.onTaken(queue, duplicate ? 'duplicate' : 'taken');
    } catch (error) {
      span?.end('UNKNOWN');
      throw fault(kindOf(error), job, error instanceof Error ? error.message : 'no Error', error);
    }
    acks.add(reading.job.source, { id, outcome: 'taken', said: '' });
  };

  const fault = (kind: FaultKind, job: Job<EventJob>, said: string, cause?: unknown): EventFault => {
    const next = decideNext(kind, job.attemptsMade + 1, random);
    metrics?.onFault(queue, kind, next.kind);
    const isDead = next.kind === 'dead';
    logger[isDead ? 'error' : 'warn'](
      {
        err: cause,
        queue,
        event: job.id,
        type: job.name,
        kind,
        attempts: job.attemptsMade + 1,
        ...(next.kind === 'dead' ? { reason: scrub(said) } : { inMs: next.inMs }),
      },
      isDead ? 'an event is a dead letter' : 'an event was not taken: again later',
    );
    return new EventFault(kind, isDead, said, cause);
  };

  const worker = new Worker<EventJob>(
    queue,
    (job, _token, signal) => {
      const done = work(job, signal ?? new AbortController().signal).finally(() => inHand.delete(settled));
      const settled = done.catch(() => undefined);
      inHand.add(settled);
      return done;
    },
    {
      connection: working.redis,
      prefix,
      autorun: false,
      concurrency,
      lockDuration: options.lockMs ?? LOCK_MS,
      stalledInterval: options.lookForStalledMs ?? LOOK_FOR_STALLED_MS,
      maxStalledCount: STALLED_MAX,
      runRetryDelay: FETCH_AGAIN_MS,
      removeOnComplete: { count: 0 },
      removeOnFail: DEAD_LETTERS_KEPT,
      metrics: { maxDataPoints: RATE_POINTS },
      settings: {
        backoffStrategy: (attempts, _type, error) => {
          const kind = error instanceof EventFault ? error.kind : 'unexpected';
          const next = decideNext(kind, attempts ?? 1, random);
          return next.kind === 'dead' ? -1 : next.inMs;
        },
      },
    },
  );
  worker.on('error', (error) => logger.warn({ err: error, queue }, 'the worker of a queue has an error'));
  // Somebody else has the job, or will have it: what is under way should not be committed.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'its lock is lost');
  });
  worker.on('failed', (job, error) => {
    // Without an end it is tried again.
    if (!job?.id || (error instanceof EventFault ? !error.isDead : !job.finishedOn)) return;
    const { source } = job.data;
    if (typeof source !== 'string' || source === '') return;
    acks.add(source, { id: job.id, outcome: 'dead', said: error.message });
  });

  const isAway = (): boolean => !working.isReady();

  const stop = async (limitMs: number): Promise<void> => {
    const endAt = performance.now() + limitMs;
    const left = (): number => Math.max(0, endAt - performance.now());
    // In order while Redis answers: nothing is left to its lock's end.
    let closing: Promise<void> | undefined;
    if (!isAway()) {
      closing = quiet(worker.close());
      await within(closing, left());
    }
    await within(Promise.all(inHand), left());
    await acks.stop(producing.isReady() ? ACKS_MS : 0);
    // BullMQ's own end may wait for a Redis that has gone away in the middle.
    closing ??= quiet(worker.close(true));
    await Promise.all([working.close(), producing.close()]);
    await within(closing, LAST_WORDS_MS);
  };

  return {
    start() {
      if (!worker.isRunning() && !stopped) void quiet(worker.run());
    },
    async setTaking(isTaking) {
      if (!isTaking) await worker.pause(true);
      else if (worker.isPaused()) await worker.resume();
    },
    inHand: () => inHand.size,
    stop(limitMs = STOP_MS) {
      stopped ??= stop(limitMs);
      return stopped;
    },
  };

  function quiet(ending: Promise<unknown>): Promise<void> {
    return ending.then(
      () => undefined,
      (error) => logger.debug({ err: error, queue }, 'the worker of a queue ended with an error'),
    );
  }
}

/** The effect of an event and the record of it in one transaction. */
export function takeOnce(
  database: Database,
  effect: (tx: Transaction, event: Event) => Promise<void>,
): TakeEvent {
  return (event, { signal }) =>
    database.transaction(async (tx) => {
      const taken = await once(tx, event.id, () => effect(tx, event));
      signal.throwIfAborted();
      return taken;
    });
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(limitMs, over.signal)]);
  over.abort();
}
