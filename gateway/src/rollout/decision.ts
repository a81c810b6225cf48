import type { Operation } from '../routing/operation.ts';
import type { Override, Side } from './override.ts';
import type { Route } from './routes.ts';
import { bucketOf } from './stickiness.ts';

/** Who answers a request: the monolith, or a service by its carve-out's name. */
export type Backend = string;

/** Why a request goes where it goes. Closed: logs, metrics and tests know every one. */
export const DECISION_REASONS = [
  /** The contract has no such operation, so the default backend answers. */
  'no-operation',
  /** The operation is of no carve-out that is active, or its stage is `monolith`. */
  'stage-monolith',
  /** The monolith answers, and the service may be asked aside. */
  'stage-shadow',
  /** The service reads the monolith's data. */
  'stage-service',
  /** The account is among those whose requests the service answers, */
  'canary-in',
  /** or is not, */
  'canary-out',
  /** or there is none. */
  'canary-no-account',
  /** A kill holds the read at the monolith. */
  'killed',
  'override-monolith',
  'override-service',
  /** An override that is invalid, or asks for what is not legal now: nobody answers but the gateway. */
  'override-refused',
  /** A write, and the monolith owns. */
  'owner-monolith',
  /** The service owns, so reads and writes are its own. */
  'owner-service',
  /** The data is being copied: nobody may answer. */
  'owner-nobody',
  /** Nobody has said yet who owns. */
  'owner-unknown',
  /** A path of the gateway's own, that no backend has. */
  'own-path',
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** Where one request goes and why. Taken once and kept for the life of the request, which it holds nothing of. */
export type Decision = {
  readonly backend: Backend;
  readonly reason: DecisionReason;
  /** `refuse`: answered as the carve-out answers for a backend that is away. */
  readonly action: 'forward' | 'translate' | 'refuse';
  /** The monolith may answer in the service's place where that could not be reached. */
  readonly mayFallBack: boolean;
  /** Percent of such requests that the service is asked aside; 0 but at `shadow`. */
  readonly samplePercent: number;
};

/** What a decision needs of the request itself. */
export type RequestFacts = {
  /** Verified; undefined where the request has none. */
  readonly override: Override | undefined;
  /** Whose request it is. Undefined: not asked yet. Null: there is none, or none could be learnt. */
  readonly account: string | null | undefined;
  /** Of a read that no active carve-out takes: the carve-out that the configuration declares for it. */
  readonly declaredBy?: string | undefined;
};

/** Of a request that has no override and was not asked for its account: nearly all. */
export const NO_FACTS: RequestFacts = Object.freeze({ override: undefined, account: undefined });

/**
 * A decision, or why there is none. `ask-account`: to be decided again with the account. `refuse-override`: the side
 * that the override names is not legal (`unlawful`), or is not while a kill stands (`killed`), or is a service of no
 * carve-out that is active (`inactive`); or the override is bound to an account that the caller is not
 * (`other-account`), or of which nobody can say whether the caller is it (`unknown-caller`).
 */
export type Verdict =
  | Decision
  | { readonly action: 'ask-account' }
  | { readonly action: 'refuse-override'; readonly why: OverrideRefusal };
export type OverrideRefusal = 'unlawful' | 'killed' | 'inactive' | 'other-account' | 'unknown-caller';

const NO_OPERATION = forwardedFor('no-operation');
const STAGE_MONOLITH = forwardedFor('stage-monolith');
const ASK_ACCOUNT: Verdict = Object.freeze({ action: 'ask-account' });
const OTHER_ACCOUNT: Verdict = Object.freeze({ action: 'refuse-override', why: 'other-account' });
const INACTIVE: Verdict = Object.freeze({ action: 'refuse-override', why: 'inactive' });
/** Of an override that is bound to an account, where nobody can say who is calling. */
export const UNKNOWN_CALLER: Verdict = Object.freeze({ action: 'refuse-override', why: 'unknown-caller' });

/** To the monolith, for this reason. */
export function forwardedFor(reason: DecisionReason, samplePercent = 0): Decision {
  return Object.freeze({ backend: 'monolith', reason, action: 'forward', mayFallBack: false, samplePercent });
}

/** The decision where nothing is carved out. */
export function decideUncarved(operation: Operation | undefined): Decision {
  return operation === undefined ? NO_OPERATION : STAGE_MONOLITH;
}

/**
 * Takes the decision on one request. Pure and total; with an account it never says `ask-account`. `route` is
 * undefined where the operation is of no active carve-out. All that can be is decided in the route already, so this
 * allocates nothing but what a canary hashes.
 */
export function decide(
  operation: Operation | undefined,
  route: Route | undefined,
  facts: RequestFacts,
): Verdict {
  if (facts.override !== undefined) {
    const verdict = decideOverride(operation, route, facts.override, facts);
    if (verdict !== undefined) return verdict;
  }
  if (route === undefined) return decideUncarved(operation);
  const { canary } = route;
  if (canary === undefined) return route.decision;
  if (facts.account === undefined) return ASK_ACCOUNT;
  if (facts.account === null) return canary.withoutAccount;
  return bucketOf(route.carveOut, facts.account) < canary.buckets ? canary.inside : canary.outside;
}

/**
 * Undefined where the override has no say. Somebody whom the monolith does not know may do what an override that is
 * bound to an account says nothing of: log in.
 */
function decideOverride(
  operation: Operation | undefined,
  route: Route | undefined,
  override: Override,
  { account: caller, declaredBy }: RequestFacts,
): Verdict | undefined {
  const side =
    route === undefined
      ? sideOf(override, operation?.operationId, declaredBy)
      : route.overridden && sideOf(override, route.operationId, route.carveOut);
  const verdict = side && (route === undefined ? uncarvedAt(side, operation) : route.overridden?.[side]);
  if (verdict?.action === 'refuse-override') return verdict;
  const { account } = override;
  if (account === undefined || caller === account) return verdict;
  if (caller === undefined) return ASK_ACCOUNT;
  return caller === null && side === undefined ? undefined : OTHER_ACCOUNT;
}

/** What is not carved out is at the monolith already. */
function uncarvedAt(side: Side, operation: Operation | undefined): Verdict {
  return side === 'service' ? INACTIVE : decideUncarved(operation);
}

/** The operation wins. */
function sideOf(
  { sides }: Override,
  operationId: string | undefined,
  carveOut: string | undefined,
): Side | undefined {
  if (operationId !== undefined && Object.hasOwn(sides, operationId)) return sides[operationId];
  return carveOut !== undefined && Object.hasOwn(sides, carveOut) ? sides[carveOut] : undefined;
}
