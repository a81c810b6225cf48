import type { Queue } from 'bullmq';
import type { Queue as NamedQueue } from '../carve-out.ts';

export type { Queue as NamedQueue } from '../carve-out.ts';

/** Since the queue is counted in Redis, and over the last minutes. */
export type Rate = { readonly total: number; readonly perMinute: number };

export type QueueReport = Readonly<NamedQueue> & {
  /** `delayed`: to be tried again later. `dead`: never, unless somebody says so. */
  readonly jobs: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly dead: number;
  };
  /** Since the oldest that waits or is delayed was put in, in seconds; null where there is none. */
  readonly oldestSeconds: number | null;
  readonly completed: Rate;
  readonly died: Rate;
  /** Workers that are connected and take from it; null where Redis does not tell. */
  readonly consumers: number | null;
};

export type DeadLetter = {
  readonly id: string;
  readonly type: string;
  /** As in "refused: …": the word before the colon is the kind of fault. */
  readonly reason: string;
  readonly attempts: number;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Of the job as it is in Redis. */
  readonly bytes: number;
};

export type InspectedLetter = DeadLetter & {
  /** Whose outbox it is from; null where the job does not say. */
  readonly source: string | null;
  /** What the body is an event of. */
  readonly schema: string | null;
  /** Base64, as the job has it. */
  readonly body: string | null;
  readonly bodyBytes: number | null;
};

export type LetterPage = { readonly letters: readonly DeadLetter[]; readonly total: number };

/** `gone`: it is no dead letter, or no longer. */
export type LetterOutcome = 'done' | 'gone';
export type LetterAction = { readonly kind: 'retry' } | { readonly kind: 'discard'; readonly reason: string };

/** What was done with several; `away` where Redis went away before all were. */
export type LettersOutcome = {
  readonly done: number;
  readonly gone: number;
  readonly away?: QueuesAway;
};

/** The Redis of the queues cannot be asked now. Its message says why; it holds no address and no credential. */
export class QueuesAway extends Error {
  override readonly name = 'QueuesAway';
  /** What was asked for may have been done all the same. */
  readonly isUnknown: boolean;

  constructor(reason: string, options: { readonly cause?: unknown; readonly isUnknown?: boolean } = {}) {
    super(reason, { cause: options.cause });
    this.isUnknown = options.isUnknown ?? false;
  }
}

/**
 * What operators see of the queues, and do with their dead letters. Everything has a deadline, and throws QueuesAway
 * when it passes or Redis is not there.
 */
export type Queues = {
  /** As they are configured; needs no Redis. */
  readonly named: readonly NamedQueue[];
  list(): Promise<readonly QueueReport[]>;
  one(queue: NamedQueue): Promise<QueueReport>;
  /** The latest first. */
  letters(queue: NamedQueue, page: { readonly offset: number; readonly limit: number }): Promise<LetterPage>;
  inspect(queue: NamedQueue, id: string): Promise<InspectedLetter | undefined>;
  /** Ids of the oldest dead letters, and how many there are beside these. */
  find(
    queue: NamedQueue,
    wanted: { readonly type?: string | undefined; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly more: number }>;
  /** Each as if it were new, or never again; the outbox that it is from is told of what is discarded. */
  settle(queue: NamedQueue, ids: readonly string[], action: LetterAction): Promise<LettersOutcome>;
  /** For a board of them. Throws QueuesAway. */
  bullQueues(): Promise<readonly Queue[]>;
  /** Whether or not Redis answers. */
  close(): Promise<void>;
};
