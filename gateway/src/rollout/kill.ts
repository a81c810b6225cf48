/**
 * An order of this replica alone: reads that may legally go to the monolith go there, whatever the snapshot says,
 * until it is lifted.
 */
export type Kill = {
  readonly id: string;
  /** An operationId, a carve-out's name, or `*` for every read. */
  readonly target: string;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
};
