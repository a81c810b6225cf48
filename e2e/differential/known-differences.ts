/**
 * What a client can see of the gateway. The differential run fails on a difference that is not here, and on an
 * entry that no step shows any more. Nothing is known; an entry needs an ADR.
 */
export type KnownDifference = {
  /** Titles of the steps that show it. */
  readonly steps: RegExp;
  /** As `Difference.what`. */
  readonly what: string;
  readonly reason: string;
};

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
