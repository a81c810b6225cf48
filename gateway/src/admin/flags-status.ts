import type { FlagsStatus as ShownStatus } from '@banyan/openapi/generated/admin';
import type { FlagsStatus } from '../rollout/flags.ts';
import type { Rollout } from '../rollout/routes.ts';

/**
 * How this replica stands to the store of flags, for `/readyz` and `GET /replicas`. The version is the one that
 * requests are decided by, not the one that was adopted: were they ever to differ, it would be seen.
 */
export function describeFlags(status: FlagsStatus, { version }: Pick<Rollout, 'version'>): ShownStatus {
  const { store, state, sinceMs, reason, stalenessMs, kills, pendingAudit } = status;
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
