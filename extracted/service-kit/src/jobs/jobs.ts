import { JobEnvelope } from '@banyan/contracts/jobs/v1/jobs';
import type { Database } from '../database.ts';
import type { ServedService } from '../handlers.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { faultKindOf } from '../queues/faults.ts';
import type { QueueConsumer } from '../queues/queue-consumer.ts';
import { type Decoders, PoisonError } from '../queues/queue-job.ts';
import { createRepeating } from '../repeating.ts';
import type { Tracing } from '../tracing.ts';
import { createJobChanges } from './job-changes.ts';
import { createJobMetrics } from './job-metrics.ts';
import { createJobRunner, JobAgain, type RunLimits } from './job-runner.ts';
import { createJobService } from './job-service.ts';
import { createJobTable, JOB_SCHEMA, type JobLimits } from './job-table.ts';
import type { JobMethods } from './methods.ts';
import { purgeJobs } from './purge.ts';
import { createRunTable } from './run-table.ts';

export { type JobMethods, type JobRules, jobMethodsOf } from './methods.ts';

export type Jobs = {
  readonly service: ServedService;
  /** Begins to run jobs, where there is a queue; nothing of queues is loaded where there is none. */
  start(): Promise<void>;
  /** Runs jobs, or leaves them to whoever owns what they write, by what `isOwner` says now. Never throws. */
  follow(): Promise<void>;
  /** Short jobs may end; those that do not within the limit begin anew, elsewhere or later. */
  stop(): Promise<void>;
};

/** How soon what a dead process had in hand is another's; tests do not wait so long. */
export type JobTimes = {
  readonly lockMs?: number;
  readonly lookForStalledMs?: number;
  readonly limits?: Partial<RunLimits & JobLimits>;
};

export type JobQueue = { readonly redisUrl: string; readonly name: string; readonly prefix?: string };

const CONCURRENCY = 2;
const DRAIN_MS = 5_000;
/** For what was cut off: to give its job back. */
const GIVING_BACK_MS = 3_000;
const PURGE_EVERY_MS = 60_000;
const MEBIBYTE = 1_048_576;
/** What a message of a result has around it when it is read. */
const AROUND_BYTES = 64;

const RUN_LIMITS = { deadlineMs: 600_000, leaseMs: 10_000, resultBytesMax: 256 * MEBIBYTE } as const;
const JOB_LIMITS: JobLimits = { perAccountMax: 20, inAllMax: 10_000, keptBytesMax: 1_024 * MEBIBYTE };

const DECODERS: Decoders<string> = {
  [JOB_SCHEMA](id, body) {
    if (JobEnvelope.decode(body).jobId !== id) throw new PoisonError('ID_DIFFERS');
    return id;
  },
};

/** Jobs of one service: its calls about them, whoever runs them, and the end of what is kept of them. */
export function createJobs(
  options: {
    readonly database: Database;
    readonly methods: JobMethods;
    /** Null: none can be created, and none is run. */
    readonly queue: JobQueue | null;
    readonly isOwner: () => boolean;
    /** Of the server that is asked for a result. */
    readonly messageBytesMax: number;
    readonly logger: Logger;
    readonly metrics?: Metrics;
    readonly tracing?: Tracing | null;
    readonly now: () => Date;
    readonly newId: () => string;
    readonly random: () => number;
    readonly concurrency?: number;
    readonly drainMs?: number;
  } & JobTimes,
): Jobs {
  const { database, methods, queue, isOwner, logger, tracing, now, newId, random, limits } = options;
  const { concurrency = CONCURRENCY, drainMs = DRAIN_MS, lockMs, lookForStalledMs } = options;
  const metrics = options.metrics && createJobMetrics(options.metrics);
  const measured = metrics ? { metrics } : {};
  const changes = createJobChanges(database);
  const messageBytesMax = options.messageBytesMax - AROUND_BYTES;
  const runner = createJobRunner({
    table: createRunTable(database),
    methods,
    limits: { ...RUN_LIMITS, messageBytesMax, ...limits },
    logger,
    now,
    newId,
    ...measured,
  });
  const openConsumer = async ({ redisUrl, name, prefix }: JobQueue): Promise<QueueConsumer> => {
    const { createQueueConsumer } = await import('../queues/queue-consumer.ts');
    return createQueueConsumer<string>({
      redisUrl,
      queue: name,
      decoders: DECODERS,
      // The lease in the job's row decides, whatever becomes of the queue's lock: see the runner.
      take: (id) => runner.take(id),
      kindOf: (error) => (error instanceof JobAgain ? 'away' : faultKindOf(error)),
      concurrency,
      logger,
      random,
      ...(tracing === undefined ? {} : { tracing }),
      ...(prefix === undefined ? {} : { prefix }),
      ...(lockMs === undefined ? {} : { lockMs }),
      ...(lookForStalledMs === undefined ? {} : { lookForStalledMs }),
    });
  };
  const purge = createRepeating({
    name: 'purge of jobs',
    intervalMs: PURGE_EVERY_MS,
    logger,
    async round(signal) {
      while (!signal.aborted && (await purgeJobs(database)).emptied > 0);
    },
  });

  const start = async (): Promise<void> => {
    purge.start();
    if (queue === null || stopped) return;
    consumer = await openConsumer(queue);
    await consumer.setTaking(isOwner());
    consumer.start();
  };

  const stop = async (): Promise<void> => {
    await purge.stop();
    await starting;
    const timer = setTimeout(() => runner.cutAll(), drainMs);
    await consumer?.stop(drainMs + GIVING_BACK_MS);
    clearTimeout(timer);
    await changes.stop();
  };
  let consumer: QueueConsumer | undefined;
  let starting: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  return {
    service: createJobService({
      table: createJobTable(database),
      changes,
      methods,
      limits: { ...JOB_LIMITS, ...limits },
      isConfigured: queue !== null,
      isOwner,
      traceparent: () => tracing?.traceparent(),
      newId,
      ...measured,
    }),
    start() {
      starting ??= start();
      return starting;
    },
    async follow() {
      await consumer
        ?.setTaking(isOwner())
        .catch((error) => logger.warn({ err: error }, 'whether jobs are run was not changed'));
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
