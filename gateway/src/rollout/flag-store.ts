import type { AuditEntry } from './audit.ts';
import type { Snapshot } from './snapshot.ts';

/** What one replica says of itself. */
export type ReplicaReport = {
  readonly replica: string;
  /** The snapshot that it serves. */
  readonly version: number;
  /** The highest version in its own record, which may be ahead of a store that was emptied. */
  readonly recordedVersion: number;
  /** Active kills. */
  readonly kills: number;
  /** ISO 8601, UTC. */
  readonly at: string;
};

export type CommitResult =
  | { readonly kind: 'done' }
  /** Somebody was quicker, or the store holds another history. `current` is undefined where it is empty. */
  | { readonly kind: 'stale'; readonly current: number | undefined };

export type AuditQuery = {
  readonly limit: number;
  /** Entries older than this one, by its id. */
  readonly before?: string;
};

/** A snapshot as the store holds it, with the entry of the change that made it. */
export type Held = {
  readonly snapshot: Snapshot;
  readonly entry: AuditEntry;
};

/** The store cannot be asked now. Its message says why, for an operator; it holds no address and no credential. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
  /** What was asked for may have been done all the same: the answer was lost. False: nothing was done. */
  readonly isUnknown: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isUnknown?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.isUnknown = options.isUnknown ?? false;
  }
}

/** What it holds is no snapshot. Its message names field and rule. */
export class StoreCorrupt extends Error {
  override readonly name = 'StoreCorrupt';
}

export type StoreEvents = {
  /** A snapshot that was committed anywhere, at least once, at the latest a second after. Validated. */
  onSnapshot(held: Held): void;
  /** What is held was read, and is not newer than what is known; or is empty. Says that the store is alive. */
  onSeen(version: number | undefined): void;
  onAway(reason: string): void;
  /** It can be asked, and what it holds is no snapshot. */
  onCorrupt(reason: string): void;
};

/**
 * Where the flags are kept for all replicas. Every call has a deadline of its own and throws StoreAway when it passes.
 * One contract suite holds for every store.
 */
export type FlagStore = {
  readonly kind: 'redis' | 'file';
  /** Begins to watch. Does not wait for the store to be there. */
  start(events: StoreEvents): Promise<void>;
  /**
   * How long it must have been there without a break before what it holds may be changed, in milliseconds: so long
   * take all replicas to report to a store that lost what it held.
   */
  readonly settleMs: number;
  /** Undefined: it is empty. Throws StoreCorrupt. */
  read(): Promise<Held | undefined>;
  /**
   * Writes snapshot and audit entry together, if what is held has the expected version; 0 stands for empty. The
   * same entry handed in again is `done`. What is given up with StoreAway is not done later. Throws StoreCorrupt.
   */
  commit(expected: number, snapshot: Snapshot, entry: AuditEntry): Promise<CommitResult>;
  /** Adds what changed no snapshot. An id that is there already is left alone. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first, by `at` and then by id, in whatever order they came. Throws FlagRefusal where `before` is not there. */
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Says what this replica serves; forgotten by itself a few seconds later. */
  report(report: ReplicaReport): Promise<void>;
  /** Those that have reported lately. */
  replicas(): Promise<readonly ReplicaReport[]>;
  stop(): Promise<void>;
};
