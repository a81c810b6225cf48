import type { Snapshot } from '../snapshot.ts';

/**
 * When what is done here counts as done, ISO 8601, UTC: by this replica's clock, but later than whatever it did before
 * and than the snapshot that it serves. So the audit, which is in the order of these, has each version behind the one
 * before it, and what a replica did behind what it had seen, however the clocks of replicas differ.
 */
export function createMoments(now: () => number, snapshot: () => Snapshot): () => string {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1, Date.parse(snapshot().at) + 1);
    return new Date(last).toISOString();
  };
}
