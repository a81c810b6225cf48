import { DAY_MS, type PurgeRule } from '@banyan/service-kit/housekeeping';

export const PURGE_RULES: readonly PurgeRule[] = [
  {
    // Within this the same key and request give the first answer.
    keptMs: 7 * DAY_MS,
    sql: `
      DELETE FROM request_keys WHERE (account_id, operation, key) IN
        (SELECT account_id, operation, key FROM request_keys WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
];
