import type { Operation } from '../routing/operation.ts';

/** Who answers a request. Extracted services join this union when there are any. */
export type Backend = 'monolith';

/** Why a request goes where it goes. Closed: logs, metrics and tests know every one. */
export const DECISION_REASONS = [
  /** The contract has no such operation, so the default backend answers. */
  'no-operation',
  /** The operation's stage is `monolith`. */
  'stage-monolith',
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** Where one request goes and why. Taken once and kept for the life of the request. */
export type Decision = {
  readonly backend: Backend;
  readonly reason: DecisionReason;
};

/** Shared, since a decision holds nothing of its request: a plain request allocates none. */
const NO_OPERATION: Decision = Object.freeze({ backend: 'monolith', reason: 'no-operation' });
const STAGE_MONOLITH: Decision = Object.freeze({ backend: 'monolith', reason: 'stage-monolith' });

/** Takes the decision on one request. Pure and total. */
export function decide(operation: Operation | undefined): Decision {
  return operation === undefined ? NO_OPERATION : STAGE_MONOLITH;
}
