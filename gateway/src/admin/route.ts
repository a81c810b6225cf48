import type { Method, Operation } from '../routing/operation.ts';
import type { LastHits } from '../telemetry/last-hits.ts';

/** One operation and where its traffic goes. The form is stable: scripts read it. */
export type Route = {
  readonly operationId: string;
  readonly method: Method;
  readonly path: string;
  readonly carveOut: string | null;
  readonly kind: 'read' | 'write';
  readonly stage: 'monolith';
  readonly weightPercent: number;
  readonly owner: 'monolith';
  readonly epoch: number | null;
  readonly lastMonolithHit: string | null;
};

/** RFC 9110, section 9.2.1: the methods that are read-only by definition. */
const SAFE_METHODS: readonly Method[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

export function describeRoute(operation: Operation, monolithHits: LastHits): Route {
  const { operationId, method, path } = operation;
  const lastMs = monolithHits.of(operation);
  return {
    operationId,
    method,
    path,
    carveOut: null,
    kind: SAFE_METHODS.includes(method) ? 'read' : 'write',
    stage: 'monolith',
    weightPercent: 0,
    owner: 'monolith',
    epoch: null,
    lastMonolithHit: lastMs === undefined ? null : new Date(lastMs).toISOString(),
  };
}
