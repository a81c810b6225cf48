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
};

/** Of a request that has no override and was not asked for its account: nearly all. */
export const NO_FACTS: RequestFacts = Object.freeze({ override: undefined, account: undefined });

/**
 * A decision, or why there is none. `ask-account`: to be decided again with the account. `refuse-override`: the side
 * that the override names is not legal (`unlawful`), or is not while a kill stands (`killed`), or the override is
 * bound to an account that the caller is not (`other-account`).
 */
export type Verdict =
  | Decision
  | { readonly action: 'ask-account' }
  | { readonly action: 'refuse-override'; readonly why: OverrideRefusal };
export type OverrideRefusal = 'unlawful' | 'killed' | 'other-account';

const NO_OPERATION = forwardedFor('no-operation');
const STAGE_MONOLITH = forwardedFor('stage-monolith');
const ASK_ACCOUNT: Verdict = Object.freeze({ action: 'ask-account' });
const OTHER_ACCOUNT: Verdict = Object.freeze({ action: 'refuse-override', why: 'other-account' });

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
  if (operation === undefined || route === undefined) return decideUncarved(operation);
  if (facts.override !== undefined && route.overridden !== undefined) {
    const verdict = decideOverride(route, facts.override, facts.account);
    if (verdict !== undefined) return verdict;
  }
  const { canary } = route;
  if (canary === undefined) return route.decision;
  if (facts.account === undefined) return ASK_ACCOUNT;
  if (facts.account === null) return canary.withoutAccount;
  return bucketOf(route.carveOut, facts.account) < canary.buckets ? canary.inside : canary.outside;
}

/** Undefined where the override says nothing of the read. */
function decideOverride(
  route: Route,
  override: Override,
  caller: string | null | undefined,
): Verdict | undefined {
  const { account } = override;
  const side = sideOf(override, route.operationId) ?? sideOf(override, route.carveOut);
  const verdict = side && route.overridden?.[side];
  if (verdict === undefined || verdict.action === 'refuse-override' || account === undefined) return verdict;
  if (caller === undefined) return ASK_ACCOUNT;
  return caller === account ? verdict : OTHER_ACCOUNT;
}

function sideOf({ sides }: Override, name: string): Side | undefined {
  return Object.hasOwn(sides, name) ? sides[name] : undefined;
}
