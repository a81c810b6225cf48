import type { ReplicaReport } from '../flag-store.ts';

/** The highest version of which a replica has said that it serves it, or has it on record. */
export function knownBy({ version, recordedVersion }: ReplicaReport): number {
  return Math.max(version, recordedVersion);
}

/** By name; of this replica what it says now, and not what it once told the store. */
export function withOwn(own: ReplicaReport, reports: readonly ReplicaReport[]): readonly ReplicaReport[] {
  return [...reports.filter(({ replica }) => replica !== own.replica), own].sort((one, other) =>
    one.replica < other.replica ? -1 : 1,
  );
}
