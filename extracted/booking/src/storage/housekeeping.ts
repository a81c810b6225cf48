import { DAY_MS, type PurgeRule } from '@banyan/service-kit/housekeeping';

export const PURGE_RULES: readonly PurgeRule[] = [
  {
    // Longer than a client may take to come again with its key.
    keptMs: 2 * DAY_MS,
    sql: `
      DELETE FROM idempotency_keys WHERE (account_id, operation, key) IN
        (SELECT account_id, operation, key FROM idempotency_keys
         WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
  {
    // Longer than a payment can be under way.
    keptMs: 7 * DAY_MS,
    sql: `
      DELETE FROM begun_payments WHERE (booking_id, payment_key) IN
        (SELECT booking_id, payment_key FROM begun_payments
         WHERE begun_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
];
