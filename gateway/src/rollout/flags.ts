import type { AuditEntry } from './audit.ts';
import type { AuditQuery, ReplicaReport } from './flag-store.ts';
import type { Kill } from './kill.ts';
import type { Flag, Snapshot } from './snapshot.ts';

/** Who changes something, and why. */
export type Author = {
  readonly by: string;
  readonly onBehalfOf?: string;
  readonly reason: string;
  readonly client: string;
};

export type FlagChange = {
  readonly author: Author;
  /** The version that the author has seen; undefined only where none was asked for. */
  readonly expectedVersion: number;
  readonly action: 'set-route' | 'set-carve-out';
  readonly target: string;
  /** By operationId: what they are to be. The rest stays. Checked already for legality by the caller. */
  readonly flags: Readonly<Record<string, Flag>>;
  readonly forced: boolean;
};

/** What became of a change. `effective` is false where a replica did not report the version within a second. */
export type Changed = {
  readonly snapshot: Snapshot;
  readonly effective: boolean;
  readonly replicas: readonly ReplicaReport[];
  /** How long it took until every live replica served it, in milliseconds; the limit where `effective` is false. */
  readonly tookMs: number;
};

export type FlagsStatus = {
  readonly store: 'redis' | 'file';
  /** `behind`: it holds less than this replica has served. */
  readonly state: 'starting' | 'reachable' | 'away' | 'behind' | 'corrupt';
  readonly sinceMs: number;
  readonly reason?: string;
  readonly version: number;
  /** How long ago the store last confirmed that version, in milliseconds; undefined where it never has. */
  readonly stalenessMs: number | undefined;
  readonly kills: readonly Kill[];
  /** Audit entries that wait for the store. */
  readonly pendingAudit: number;
};

/** The flags as one replica holds them: adopts what the store says, keeps it on disk, and changes it. */
export type Flags = {
  /** Adopts the store's snapshot, else the own record's, else the initial one; waits at most `limitMs`. */
  start(limitMs: number): Promise<void>;
  stop(): Promise<void>;
  /** The same object until something changes. */
  snapshot(): Snapshot;
  kills(): readonly Kill[];
  /** Called after every adopted snapshot and every kill, with nothing: ask. Gives what ends it. */
  onChange(listener: () => void): () => void;
  /** Throws FlagRefusal: stale-version, store-away, store-behind. */
  change(change: FlagChange): Promise<Changed>;
  /** At once, here, whether or not the store is there. Kept on disk before it answers. */
  kill(target: string, author: Author): Promise<Kill>;
  /** Throws FlagRefusal unknown-kill. */
  liftKill(id: string, author: Author): Promise<void>;
  /** Gives an emptied store the highest snapshot that is recorded here. Throws FlagRefusal. */
  restore(author: Author): Promise<Changed>;
  /** Notes what changes no flag. Waits in a file while the store is away. */
  note(entry: Pick<AuditEntry, 'action' | 'target'>, author: Author): Promise<void>;
  /** From the store; while it is away, from this replica's own record, which says so. Throws FlagRefusal where `before` is not there. */
  audit(query: AuditQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly isLocal: boolean }>;
  /** Those that have reported to the store lately; where it cannot say, this replica alone, which says so. */
  replicas(): Promise<{ readonly replicas: readonly ReplicaReport[]; readonly isLocal: boolean }>;
  status(): FlagsStatus;
};
