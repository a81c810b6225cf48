import type { Operation } from '../routing/operation.ts';

export type LastHits = {
  onRequest(operation: Operation | undefined): void;
  /** Milliseconds since the epoch, or undefined where this process has sent the backend none. */
  of(operation: Operation): number | undefined;
};

/** When each operation last went to a backend. As many entries as the contract has operations, at most. */
export function createLastHits(now: () => number): LastHits {
  const lastMs = new Map<Operation, number>();
  return {
    onRequest: (operation) => {
      if (operation !== undefined) lastMs.set(operation, now());
    },
    of: (operation) => lastMs.get(operation),
  };
}
