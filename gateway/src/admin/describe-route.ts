import type { BackendTraffic, LastFlip, Route as ShownRoute } from '@banyan/openapi/generated/admin';
import type { Route } from '../rollout/routes.ts';
import type { Stage } from '../rollout/stage.ts';
import type { Method, Operation } from '../routing/operation.ts';
import { settableStages } from './legality-facts.ts';
import { ownerOf } from './standing.ts';

/** What is known of one operation, beside what the contract says. */
export type RouteFacts = {
  /** Undefined: it is not carved out. */
  readonly route: Route | undefined;
  readonly epoch: number | null;
  /** Milliseconds since the epoch. */
  readonly lastMonolithHitMs: number | undefined;
  readonly lastFlip: LastFlip | undefined;
  readonly traffic: readonly BackendTraffic[];
  readonly shadow: { readonly compared: number; readonly different: number } | undefined;
};

/** RFC 9110, section 9.2.1: the methods that are read-only by definition. */
const SAFE_METHODS: readonly Method[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** One operation and where its traffic goes. The form is stable: scripts read it. */
export function describeRoute(operation: Operation, facts: RouteFacts): ShownRoute {
  const { operationId, method, path } = operation;
  const { route, epoch, lastMonolithHitMs, lastFlip, traffic, shadow } = facts;
  const stage = route === undefined ? 'monolith' : (route.stage ?? null);
  const flag = route?.kind === 'read' ? route.flag : undefined;
  return {
    operationId,
    method,
    path,
    carveOut: route?.carveOut ?? null,
    kind: route?.kind ?? (SAFE_METHODS.includes(method) ? 'read' : 'write'),
    stage,
    weightPercent: weightOf(stage, route),
    owner: route === undefined ? 'monolith' : ownerOf(route),
    epoch,
    lastMonolithHit: lastMonolithHitMs === undefined ? null : new Date(lastMonolithHitMs).toISOString(),
    data: route?.data ?? null,
    legalStages: route === undefined ? [] : [...settableStages(route)],
    wantedStage: flag?.stage ?? null,
    fallback: flag?.fallback ?? null,
    samplePercent: stage === 'shadow' ? (flag?.samplePercent ?? 100) : 0,
    killed: route?.isKilled ?? false,
    lastFlip: lastFlip ?? null,
    traffic: traffic.map((each) => ({ ...each })),
    shadow: shadow === undefined ? null : { compared: shadow.compared, different: shadow.different },
  };
}

function weightOf(stage: Stage | null, route: Route | undefined): number {
  if (stage === 'service') return 100;
  return stage === 'canary' ? (route?.flag.weightPercent ?? 0) : 0;
}
