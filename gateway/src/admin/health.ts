import type { BackendHealth } from '../http/backend-health.ts';
import type { Readiness } from '../lifecycle/readiness.ts';

/** The body of `/readyz`: what this replica says of itself and of what it depends on. */
export type ReadinessReport = {
  readonly status: 'ready' | 'starting' | 'draining';
  readonly dependencies: {
    readonly monolith: { readonly state: string; readonly since: string; readonly reason?: string };
  };
};

/**
 * A dependency that is down is said, and is no reason to take this replica out: another would be no better off.
 */
export function reportReadiness(
  readiness: Readiness,
  monolith: BackendHealth,
): { readonly httpStatus: 200 | 503; readonly report: ReadinessReport } {
  const { state, sinceMs, reason } = monolith.read();
  const stage = readiness.stage();
  return {
    httpStatus: stage === 'ready' ? 200 : 503,
    report: {
      status: stage,
      dependencies: {
        monolith: {
          state,
          since: new Date(sinceMs).toISOString(),
          ...(reason === undefined ? {} : { reason }),
        },
      },
    },
  };
}
