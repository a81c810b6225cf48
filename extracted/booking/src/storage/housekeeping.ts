import type { Database } from '@banyan/service-kit/database';
import { DAY_MS, keepHouse, type PurgeRule } from '@banyan/service-kit/housekeeping';

const ALWAYS: readonly PurgeRule[] = [
  {
    // Longer than a client may take to come again with its key.
    keptMs: 2 * DAY_MS,
    sql: `
      DELETE FROM idempotency_keys WHERE (account_id, operation, key) IN
        (SELECT account_id, operation, key FROM idempotency_keys
         WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
];

/** Of the aggregate: nobody else may write it. */
const OF_THE_OWNER: readonly PurgeRule[] = [
  {
    // Longer than a payment can be under way.
    keptMs: 7 * DAY_MS,
    sql: `
      DELETE FROM begun_payments WHERE (booking_id, payment_key) IN
        (SELECT booking_id, payment_key FROM begun_payments
         WHERE begun_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
];

/** Forgets what nobody comes back for; what belongs to bookings only while they are this service's. */
export function keepBookingHouse(
  database: Database,
  { owns, now, signal }: { readonly owns: boolean; readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  return keepHouse(database, owns ? [...ALWAYS, ...OF_THE_OWNER] : ALWAYS, { now, signal });
}
