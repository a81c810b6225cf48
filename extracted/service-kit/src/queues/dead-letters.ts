import type { Event } from '@banyan/contracts/events/v1/events';
import type { Job } from 'bullmq';
import type { Logger } from '../logger.ts';
import { createAckWriter } from './acknowledgements.ts';
import { connectProducer } from './connection.ts';
import { type EventJob, readEventJob } from './event-job.ts';
import { openQueue, QUEUE_PREFIX } from './event-queues.ts';

export type DeadLetter = {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  /** Whose outbox it is from; null where the job does not say. */
  readonly source: string | null;
  /** As in "refused: …"; the word before the colon is a `FaultKind`. */
  readonly reason: string;
  readonly attempts: number;
  readonly since: Date;
};

export type InspectedLetter = DeadLetter & {
  readonly schema: string | null;
  /** Base64, as it is in the outbox. */
  readonly body: string | null;
  /** Null where it cannot be read. */
  readonly event: Event | null;
};

/** What can be done with a letter; `gone` where it is none, or no longer. */
export type LetterOutcome = 'done' | 'gone';

export type DeadLetters = {
  count(): Promise<number>;
  /** The latest first. */
  list(page?: { readonly offset?: number; readonly limit?: number }): Promise<DeadLetter[]>;
  inspect(id: string): Promise<InspectedLetter | null>;
  /** To be tried as if it were new. */
  replay(id: string): Promise<LetterOutcome>;
  /** Never to be tried again; its outbox is told, with the reason. */
  discard(id: string, reason: string): Promise<LetterOutcome>;
  close(): Promise<void>;
};

const LIST_MAX = 1_000;
const CONNECT_MS = 2_000;

/** The events of a queue that its consumer will not take. Anything here fails soon while Redis is away. */
export function openDeadLetters(options: {
  readonly redisUrl: string;
  readonly queue: string;
  readonly logger: Logger;
  readonly prefix?: string;
}): DeadLetters {
  const { redisUrl, queue: name, logger, prefix = QUEUE_PREFIX } = options;
  const connection = connectProducer(redisUrl, { logger });
  const queue = openQueue<EventJob>(name, { connection, prefix, logger });
  const acks = createAckWriter({ connection, prefix, logger });

  const find = async (id: string): Promise<Job<EventJob> | null> => {
    await connection.whenReady(CONNECT_MS);
    const job = await queue.getJob(id);
    return job !== undefined && (await job.isFailed()) ? job : null;
  };
  const describe = (job: Job<EventJob>): DeadLetter => ({
    id: job.id ?? '',
    queue: name,
    type: job.name,
    source: typeof job.data.source === 'string' ? job.data.source : null,
    reason: job.failedReason,
    attempts: job.attemptsMade,
    since: new Date(job.finishedOn ?? job.timestamp),
  });

  return {
    async count() {
      await connection.whenReady(CONNECT_MS);
      return queue.getFailedCount();
    },
    async list({ offset = 0, limit = 100 } = {}) {
      await connection.whenReady(CONNECT_MS);
      const jobs = await queue.getFailed(offset, offset + Math.min(limit, LIST_MAX) - 1);
      return jobs.map(describe);
    },
    async inspect(id) {
      const job = await find(id);
      if (job === null) return null;
      const { schema, body } = job.data;
      const reading = readEventJob(id, job.data);
      const event = reading.kind === 'item' ? reading.item : null;
      return { ...describe(job), schema: schema ?? null, body: body ?? null, event };
    },
    async replay(id) {
      const job = await find(id);
      if (job === null) return 'gone';
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return 'done';
    },
    async discard(id, reason) {
      const job = await find(id);
      if (job === null) return 'gone';
      const { source } = describe(job);
      // First, for the outbox sends again what Redis does not have; told twice is told once.
      if (source !== null)
        await acks.tell(source, [{ id, outcome: 'discarded', said: `discarded: ${reason}` }]);
      await job.remove();
      return 'done';
    },
    async close() {
      await queue.close();
      await connection.close();
    },
  };
}
