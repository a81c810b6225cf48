import { DelayedError, type Job, Worker } from 'bullmq';
import { within } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import { scrub } from '../safe-error.ts';
import type { Tracing } from '../tracing.ts';
import { createAckWriter } from './acknowledgements.ts';
import { connectProducer, connectWorker, SILENCE_MS } from './connection.ts';
import { DEAD_LETTERS_KEPT, QUEUE_PREFIX } from './event-queues.ts';
import { attemptsOf, decideNext, EventFault, type FaultKind, faultKindOf } from './faults.ts';
import { type Decoders, type QueueJob, readQueueJob } from './queue-job.ts';

/**
 * Does what is asked, and has recorded that in the same transaction when it comes back: it may be asked again.
 * `signal` is aborted when somebody else may have the job, or when the consumer stops and its limit is over: what is
 * not committed then should not be.
 */
export type TakeItem<Item> = (
  item: Item,
  options: { readonly id: string; readonly signal: AbortSignal },
) => Promise<{ duplicate: boolean }>;

export type ConsumerMetrics = {
  onTaken(queue: string, outcome: 'taken' | 'duplicate'): void;
  onFault(queue: string, kind: FaultKind, next: 'retry' | 'dead'): void;
};

export type QueueConsumer = {
  start(): void;
  /** Whether it takes anything; one that does not leaves them to others, such as those of who owns now. */
  setTaking(isTaking: boolean): Promise<void>;
  /** How many are being worked on. */
  inHand(): number;
  /**
   * Lets those in hand end, within the limit; what is not done then is asked to end, and goes to another. Does not
   * wait for a Redis that is away.
   */
  stop(limitMs?: number): Promise<void>;
};

const CONCURRENCY = 16;
/** A worker that dies leaves its jobs for so long, and then until somebody looks. */
const LOCK_MS = 10_000;
const LOOK_FOR_STALLED_MS = 5_000;
/** One that kills its worker each time is stopped in the end; one that meets many crashes is not to blame. */
const STALLED_MAX = 50;
/** A worker that has nothing to do hears from Redis so often before it is taken to be gone. */
const WAITS_PER_SILENCE = 3;
const FETCH_AGAIN_MS = 500;
const STOP_MS = 10_000;
/** For what is asked to end: to say so to its queue. */
const ENDING_MS = 1_000;
const ACKS_MS = 1_000;
const LAST_WORDS_MS = 2_000;
/** A minute each: how many were done and failed, for operators. */
const RATE_POINTS = 60;

/**
 * Takes what is in one queue, by schema; anything may take minutes, for its lock is renewed. What was taken is
 * acknowledged after its commit, to the outbox that it is from; an acknowledgement that is lost brings it again, and
 * `take` finds the effect there.
 */
export function createQueueConsumer<Item>(options: {
  readonly redisUrl: string;
  readonly queue: string;
  readonly decoders: Decoders<Item>;
  readonly take: TakeItem<Item>;
  readonly kindOf?: (error: unknown) => FaultKind;
  readonly logger: Logger;
  readonly random: () => number;
  readonly tracing?: Tracing | null;
  readonly metrics?: ConsumerMetrics;
  readonly prefix?: string;
  readonly concurrency?: number;
  readonly lockMs?: number;
  readonly lookForStalledMs?: number;
  /** After so long without a word Redis is taken to be gone, and connected to anew. */
  readonly silenceMs?: number;
}): QueueConsumer {
  const { redisUrl, queue, decoders, take, kindOf = faultKindOf, logger, random, tracing, metrics } = options;
  const { prefix = QUEUE_PREFIX, concurrency = CONCURRENCY, silenceMs = SILENCE_MS } = options;
  const producing = connectProducer(redisUrl, { logger });
  const working = connectWorker(redisUrl, { logger, silenceMs });
  const acks = createAckWriter({ connection: producing, prefix, logger });
  const inHand = new Map<
    Promise<void>,
    { readonly id: string | undefined; readonly over: AbortController }
  >();
  let stopped: Promise<void> | undefined;

  const work = async (job: Job<QueueJob>, signal: AbortSignal): Promise<void> => {
    const id = job.id ?? '';
    const reading = readQueueJob(id, job.data, decoders);
    if (reading.kind === 'poison') throw fault('poison', job, reading.poison);
    const span = tracing?.consumed(queue, reading.job.traceparent);
    try {
      const run = () => take(reading.item, { id, signal });
      const { duplicate } = await (span === undefined || !tracing ? run() : tracing.within(span, run));
      span?.end('OK');
      metrics?.onTaken(queue, duplicate ? 'duplicate' : 'taken');
    } catch (error) {
      span?.end('UNKNOWN');
      // Nothing is wrong with what was ended from here.
      const kind = signal.aborted ? 'away' : kindOf(error);
      throw fault(kind, job, error instanceof Error ? error.message : 'no Error', error);
    }
    acks.add(reading.job.source, { id, outcome: 'taken', said: '' });
  };

  const fault = (kind: FaultKind, job: Job<QueueJob>, said: string, cause?: unknown): EventFault => {
    const attempts = attemptsOf(kind, job);
    const next = decideNext(kind, attempts, random);
    metrics?.onFault(queue, kind, next.kind);
    const isDead = next.kind === 'dead';
    logger[isDead ? 'error' : 'warn'](
      {
        err: cause,
        queue,
        id: job.id,
        type: job.name,
        kind,
        attempts,
        ...(next.kind === 'dead' ? { reason: scrub(said) } : { inMs: next.inMs }),
      },
      isDead ? 'what is in a queue is a dead letter' : 'what is in a queue was not taken: again later',
    );
    return new EventFault(kind, next, said, cause);
  };

  /** BullMQ counts an attempt that fails, and none that is put off by hand; one that cannot be put off fails. */
  const putOff = async (error: unknown, job: Job<QueueJob>, token: string | undefined): Promise<never> => {
    if (!(error instanceof EventFault) || error.kind !== 'away' || error.next.kind === 'dead') throw error;
    await job.moveToDelayed(Date.now() + error.next.inMs, token).catch((why) => {
      logger.debug(
        { err: why, queue, id: job.id },
        'what is in a queue could not be put off: the attempt counts',
      );
      throw error;
    });
    throw new DelayedError();
  };

  const worker = new Worker<QueueJob>(
    queue,
    (job, token, lock) => {
      // A worker that was slow may get its own again: what it had lost is not told by its queue then.
      for (const { id, over } of inHand.values())
        if (id === job.id) over.abort(new Error('its lock is lost'));
      const over = new AbortController();
      const done = work(job, lock ? AbortSignal.any([lock, over.signal]) : over.signal);
      const settled = done.then(
        () => void inHand.delete(settled),
        () => void inHand.delete(settled),
      );
      inHand.set(settled, { id: job.id, over });
      return done.catch((error) => putOff(error, job, token));
    },
    {
      connection: working.redis,
      prefix,
      autorun: false,
      concurrency,
      lockDuration: options.lockMs ?? LOCK_MS,
      stalledInterval: options.lookForStalledMs ?? LOOK_FOR_STALLED_MS,
      maxStalledCount: STALLED_MAX,
      drainDelay: silenceMs / WAITS_PER_SILENCE / 1_000,
      runRetryDelay: FETCH_AGAIN_MS,
      removeOnComplete: { count: 0 },
      removeOnFail: DEAD_LETTERS_KEPT,
      metrics: { maxDataPoints: RATE_POINTS },
      settings: {
        backoffStrategy: (attempts, _type, error) => {
          const next =
            error instanceof EventFault ? error.next : decideNext('unexpected', attempts ?? 1, random);
          return next.kind === 'dead' ? -1 : next.inMs;
        },
      },
    },
  );
  worker.on('error', (error) => {
    // While Redis is away it has one at each attempt to connect, and the connection has said that.
    const level = working.isReady() ? 'warn' : 'debug';
    logger[level]({ err: error, queue }, 'the worker of a queue has an error');
  });
  // Somebody else has the job, or will have it: what is under way should not be committed.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'its lock is lost');
  });
  worker.on('failed', (job, error) => {
    // Without an end it is tried again.
    if (!job?.id || (error instanceof EventFault ? error.next.kind === 'retry' : !job.finishedOn)) return;
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
    await within(Promise.all(inHand.keys()), left());
    for (const { over } of inHand.values()) over.abort(new Error('the process stops'));
    await within(Promise.all([closing, ...inHand.keys()]), inHand.size > 0 ? ENDING_MS : 0);
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
      working.showWorkers(isTaking);
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
