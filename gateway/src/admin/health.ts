import type { FlagsStatus } from '@banyan/openapi/generated/admin';
import type { Flags } from '../rollout/flags.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import type { AdminParts } from './admin-parts.ts';
import { describeFlags } from './flags-status.ts';
import { NO_ROLLOUT } from './no-flags.ts';

/** The body of `/readyz`: what this replica says of itself and of what it depends on. */
export type ReadinessReport = {
  readonly status: 'ready' | 'starting' | 'draining';
  readonly dependencies: {
    readonly monolith: { readonly state: string; readonly since: string; readonly reason?: string };
    /** By the carve-outs' names; absent where none is active. */
    readonly services?: Readonly<Record<string, ServiceReadiness>>;
    /** Absent where nothing is carved out. */
    readonly flags?: FlagsStatus;
  };
};

export type ServiceReadiness = {
  readonly state: string;
  readonly since: string;
  readonly breaker: string;
  /** Null where nobody has said: then its operations are answered with 503. */
  readonly owner: string | null;
  readonly epoch: string | null;
  /** How old the knowledge of the owner is: 0 while the service is followed. */
  readonly ownerAgeMs: number | null;
};

/**
 * A dependency that is down is said, and is no reason to take this replica out: another would be no better off.
 */
export function reportReadiness(
  parts: Pick<AdminParts, 'readiness' | 'monolith' | 'services' | 'rollout'> & {
    readonly flags?: Pick<Flags, 'status'>;
  },
): { readonly httpStatus: 200 | 503; readonly report: ReadinessReport } {
  const { state, sinceMs, reason } = parts.monolith.read();
  const stage = parts.readiness.stage();
  const services = parts.services();
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
        ...(services.length === 0
          ? {}
          : { services: Object.fromEntries(services.map((each) => [each.name, describe(each)])) }),
        ...(parts.flags === undefined
          ? {}
          : { flags: describeFlags(parts.flags.status(), parts.rollout?.() ?? NO_ROLLOUT) }),
      },
    },
  };
}

function describe({ state, sinceMs, breaker, owner }: ServiceReport): ServiceReadiness {
  return {
    state,
    since: new Date(sinceMs).toISOString(),
    breaker,
    owner: owner?.owner ?? null,
    epoch: owner ? String(owner.epoch) : null,
    ownerAgeMs: owner?.ageMs ?? null,
  };
}
