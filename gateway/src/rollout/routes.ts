import { type Decision, type DecisionReason, forwardedFor, type Verdict } from './decision.ts';
import type { Kill } from './kill.ts';
import { effectiveStage, legalStages } from './legality.ts';
import type { Side } from './override.ts';
import { DEFAULT_FLAG, type Flag, type Snapshot } from './snapshot.ts';
import type { Owner, ServiceData, Stage } from './stage.ts';
import { bucketsOf } from './stickiness.ts';

/** What an operation is to the carve-out that takes it over. */
export type CarvedOut = {
  readonly operationId: string;
  /** By its name, which is also what its accounts are hashed with. */
  readonly carveOut: string;
  /** Whose owner it follows. */
  readonly aggregate: string;
  readonly kind: 'read' | 'write';
};

/** What is known of an aggregate: who may write it, and what its service can read while the monolith owns. */
export type OwnerFacts = { readonly owner: Owner; readonly data: ServiceData };

/** An operation of an active carve-out, and all that decides about it but the request. */
export type Route = CarvedOut & {
  /** Undefined: nobody has said. */
  readonly owner: Owner | undefined;
  readonly data: ServiceData;
  /** What the snapshot wants of it; of a write, the default. */
  readonly flag: Flag;
  /** Whether a kill names it. It has an effect where the monolith may answer. */
  readonly isKilled: boolean;
  /** What it has, after kill and legality; undefined where nobody may answer. A write's follows from its owner. */
  readonly stage: Stage | undefined;
  /** Where no override and no account has a say. */
  readonly decision: Decision;
  /** At `canary` with a weight above 0: by account. */
  readonly canary: Canary | undefined;
  /** By the side that an override names; undefined where none is heard. */
  readonly overridden: Readonly<Record<Side, Verdict>> | undefined;
};

export type Canary = {
  /** Accounts whose bucket is below this are inside. */
  readonly buckets: number;
  readonly inside: Decision;
  readonly outside: Decision;
  readonly withoutAccount: Decision;
};

/** One snapshot as owners and kills leave it. Made anew when any of them changes, and never changed itself. */
export type Rollout = {
  /** Of the snapshot. */
  readonly version: number;
  routeOf(operationId: string): Route | undefined;
  /** In the order that they were given in. */
  readonly routes: readonly Route[];
};

/** Decides all that can be decided before a request is there. Pure. `ownerOf` is asked by aggregate. */
export function compileRoutes(
  carvedOut: readonly CarvedOut[],
  ownerOf: (aggregate: string) => OwnerFacts | undefined,
  snapshot: Snapshot,
  kills: readonly Pick<Kill, 'target'>[],
): Rollout {
  const killed = new Set(kills.map(({ target }) => target));
  const routes = Object.freeze(
    carvedOut.map((each) => {
      const { operationId, carveOut, aggregate, kind } = each;
      const { owner, data } = ownerOf(aggregate) ?? { owner: undefined, data: 'none' };
      const isKilled = kind === 'read' && [operationId, carveOut, '*'].some((target) => killed.has(target));
      const flag = kind === 'read' ? flagOf(snapshot, operationId) : DEFAULT_FLAG;
      return compileRoute({ ...each, owner, data, flag, isKilled });
    }),
  );
  const byOperation = new Map(routes.map((route) => [route.operationId, route]));
  return Object.freeze({
    version: snapshot.version,
    routeOf: (operationId: string) => byOperation.get(operationId),
    routes,
  });
}

/** What a snapshot wants of a read. */
export function flagOf({ flags }: Snapshot, operationId: string): Flag {
  return (Object.hasOwn(flags, operationId) ? flags[operationId] : undefined) ?? DEFAULT_FLAG;
}

/** Who answers what is the gateway's own. */
export const OWN_BACKEND = 'bff';

/** Of a path of the gateway's own: no flag and no override has a say in it. */
export const OWN_ROUTE: Route = Object.freeze({
  operationId: OWN_BACKEND,
  carveOut: OWN_BACKEND,
  aggregate: OWN_BACKEND,
  kind: 'write',
  owner: undefined,
  data: 'none',
  flag: DEFAULT_FLAG,
  isKilled: false,
  stage: undefined,
  decision: at(OWN_BACKEND, 'own-path', 'translate', false),
  canary: undefined,
  overridden: undefined,
});

type Standing = Pick<Route, keyof CarvedOut | 'owner' | 'data' | 'flag' | 'isKilled'>;

function compileRoute(standing: Standing): Route {
  const { owner, data, flag, kind, isKilled, carveOut } = standing;
  if (owner === undefined || owner === 'nobody') {
    const decision = at(carveOut, owner === undefined ? 'owner-unknown' : 'owner-nobody', 'refuse', false);
    const overridden = owner === 'nobody' && kind === 'read' ? overriddenOf(standing) : undefined;
    return Object.freeze({ ...standing, stage: undefined, decision, canary: undefined, overridden });
  }
  if (kind === 'write') {
    const decision =
      owner === 'service'
        ? at(carveOut, 'owner-service', 'translate', false)
        : forwardedFor('owner-monolith');
    return Object.freeze({ ...standing, stage: owner, decision, canary: undefined, overridden: undefined });
  }
  const stage = effectiveStage(flag.stage, owner, data, isKilled);
  const canary = stage === 'canary' ? canaryOf(standing) : undefined;
  const decision = canary?.withoutAccount ?? decisionOf(standing, stage);
  return Object.freeze({ ...standing, stage, decision, canary, overridden: overriddenOf(standing) });
}

/** Of a read that one side may answer, whoever asks. */
function decisionOf({ owner, flag, isKilled, carveOut }: Standing, stage: Stage | undefined): Decision {
  if (owner === 'service') return at(carveOut, 'owner-service', 'translate', false);
  if (stage === 'service') return at(carveOut, 'stage-service', 'translate', flag.fallback);
  if (stage === 'shadow') return forwardedFor('stage-shadow', flag.samplePercent ?? 100);
  if (stage === 'canary') return forwardedFor('canary-out');
  return forwardedFor(isKilled ? 'killed' : 'stage-monolith');
}

/** Nobody has to be asked who they are where nobody is inside. */
function canaryOf({ carveOut, flag }: Standing): Canary | undefined {
  const buckets = bucketsOf(flag.weightPercent ?? 0);
  if (buckets === 0) return undefined;
  return Object.freeze({
    buckets,
    inside: at(carveOut, 'canary-in', 'translate', flag.fallback),
    outside: forwardedFor('canary-out'),
    withoutAccount: forwardedFor('canary-no-account'),
  });
}

function overriddenOf({ owner, data, isKilled, flag, carveOut }: Standing): Record<Side, Verdict> {
  const legal = legalStages(owner, data);
  const legalNow = legalStages(owner, data, isKilled);
  const judge = (side: Side, decision: Decision): Verdict => {
    if (legalNow.includes(side)) return decision;
    return Object.freeze({ action: 'refuse-override', why: legal.includes(side) ? 'killed' : 'unlawful' });
  };
  const mayFallBack = flag.fallback && legalNow.includes('monolith');
  return Object.freeze({
    monolith: judge('monolith', forwardedFor('override-monolith')),
    service: judge('service', at(carveOut, 'override-service', 'translate', mayFallBack)),
  });
}

function at(
  backend: string,
  reason: DecisionReason,
  action: 'translate' | 'refuse',
  mayFallBack: boolean,
): Decision {
  return Object.freeze({ backend, reason, action, mayFallBack, samplePercent: 0 });
}
