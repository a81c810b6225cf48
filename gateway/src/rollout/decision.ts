import type { Operation } from '../routing/operation.ts';
import { effectiveStage } from './legality.ts';
import type { Owner, ServiceData, Snapshot } from './stage.ts';

/** Who answers a request: the monolith, or a service by its carve-out's name. */
export type Backend = string;

/** Why a request goes where it goes. Closed: logs, metrics and tests know every one. */
export const DECISION_REASONS = [
  /** The contract has no such operation, so the default backend answers. */
  'no-operation',
  /** The operation is of no carve-out that is active, or its stage is `monolith`. */
  'stage-monolith',
  /** A read whose stage is `service` while the monolith owns: the service reads the monolith's data. */
  'stage-service',
  /** A write, and the monolith owns. */
  'owner-monolith',
  /** The service owns, so reads and writes are its own. */
  'owner-service',
  /** The data is being copied: nobody may answer. */
  'owner-nobody',
  /** Nobody has said yet who owns. */
  'owner-unknown',
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** Where one request goes and why. Taken once and kept for the life of the request. */
export type Decision = {
  readonly backend: Backend;
  readonly reason: DecisionReason;
  /** `refuse`: answered as the carve-out answers for a backend that is away. */
  readonly action: 'forward' | 'translate' | 'refuse';
};

/** What an operation is to its carve-out. */
export type CarvedOut = {
  readonly carveOut: string;
  readonly kind: 'read' | 'write';
  /** What its service can read while the monolith owns. */
  readonly data: ServiceData;
};

/** Shared, since a decision holds nothing of its request: a plain request allocates none. */
const NO_OPERATION: Decision = Object.freeze({
  backend: 'monolith',
  reason: 'no-operation',
  action: 'forward',
});
const STAGE_MONOLITH: Decision = Object.freeze({
  backend: 'monolith',
  reason: 'stage-monolith',
  action: 'forward',
});
const OWNER_MONOLITH: Decision = Object.freeze({
  backend: 'monolith',
  reason: 'owner-monolith',
  action: 'forward',
});

/** The decision where nothing is carved out. */
export function decideUncarved(operation: Operation | undefined): Decision {
  return operation === undefined ? NO_OPERATION : STAGE_MONOLITH;
}

/** Takes the decision on one request. Pure and total. `owner` is undefined where it is not known. */
export function decide(
  operation: Operation | undefined,
  carvedOut: CarvedOut | undefined,
  owner: Owner | undefined,
  snapshot: Snapshot,
): Decision {
  if (operation === undefined || carvedOut === undefined) return decideUncarved(operation);
  const { carveOut, kind, data } = carvedOut;
  switch (owner) {
    case undefined:
      return refused(carveOut, 'owner-unknown');
    case 'nobody':
      return refused(carveOut, 'owner-nobody');
    case 'service':
      return { backend: carveOut, reason: 'owner-service', action: 'translate' };
    case 'monolith': {
      if (kind === 'write') return OWNER_MONOLITH;
      const stage = effectiveStage(snapshot.stages[carveOut] ?? 'monolith', owner, data);
      if (stage !== 'service') return STAGE_MONOLITH;
      return { backend: carveOut, reason: 'stage-service', action: 'translate' };
    }
  }
}

function refused(backend: string, reason: DecisionReason): Decision {
  return { backend, reason, action: 'refuse' };
}
