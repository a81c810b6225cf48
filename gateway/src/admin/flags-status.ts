import type { FlagsStatus as ShownStatus } from '@banyan/openapi/generated/admin';
import type { FlagsStatus } from '../rollout/flags.ts';

/** How this replica stands to the store of flags, for `/readyz` and `GET /replicas`. */
export function describeFlags(status: FlagsStatus): ShownStatus {
  const { store, state, sinceMs, reason, version, stalenessMs, kills, pendingAudit } = status;
  return {
    store,
    state,
    since: new Date(sinceMs).toISOString(),
    ...(reason === undefined ? {} : { reason }),
    version,
    stalenessMs: stalenessMs === undefined ? null : Math.max(0, Math.round(stalenessMs)),
    kills: kills.length,
    pendingAudit,
  };
}
