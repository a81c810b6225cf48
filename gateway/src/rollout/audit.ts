import type { Flag } from './snapshot.ts';

/** What was done. Closed: the CLI has a sentence for each. */
export const AUDIT_ACTIONS = [
  /** One operation's flag, by `PUT /routes/{operationId}`. */
  'set-route',
  /** All reads of a carve-out, by `PUT /carve-outs/{name}`. */
  'set-carve-out',
  /** A store that had lost its snapshot got it back from a replica's record. */
  'restore',
  'kill',
  'lift-kill',
  /** An override was minted; never its token. */
  'mint-override',
  /** Dead letters of a queue are to be tried again, or never again: said before the first is. */
  'retry-dead-letters',
  'discard-dead-letters',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did what, when, why, from what, to what. Kept with the snapshot that it made, never changed. */
export type AuditEntry = {
  /** Unique; the same entry handed in twice is kept once. */
  readonly id: string;
  /** The snapshot that this made. Null for what changes none: kills, overrides, dead letters. */
  readonly version: number | null;
  /** ISO 8601, UTC; by the clock of the replica that did it, but later than whatever that had done and served before. */
  readonly at: string;
  /** The name of the token that it was done with. */
  readonly by: string;
  /** Where the caller says on whose behalf, unproven. */
  readonly onBehalfOf?: string;
  readonly reason: string;
  readonly action: AuditAction;
  /** Operation, carve-out, or `*` for everything; of an override and of dead letters, what says which. */
  readonly target: string;
  /** By operationId, what changed; null where there was or is no flag. Empty where no flag changes. */
  readonly from: Readonly<Record<string, Flag | null>>;
  readonly to: Readonly<Record<string, Flag | null>>;
  /** A flip to a service that was not serving. */
  readonly forced?: true;
  /** The replica that did it. */
  readonly replica: string;
  /** Address of the client. */
  readonly client: string;
};
