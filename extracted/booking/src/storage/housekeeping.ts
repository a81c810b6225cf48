import type { Database } from '@banyan/service-kit/database';
import { purgeInbox } from '@banyan/service-kit/inbox';

const DAY_MS = 86_400_000;
/** Longer than a client may take to come again with its key. */
const KEYS_KEPT_MS = 2 * DAY_MS;
/** Longer than a payment can be under way. */
const CONSENTS_KEPT_MS = 7 * DAY_MS;
/** Sent mail is kept this long, for questions. */
const SENT_MAIL_KEPT_MS = 30 * DAY_MS;
const ROWS_MAX = 1_000;

/** Forgets what nobody comes back for, so many rows of each at most. */
export async function keepHouse(database: Database, now: Date): Promise<void> {
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  await database.query(PURGE_KEYS, [before(KEYS_KEPT_MS), ROWS_MAX]);
  await database.query(PURGE_CONSENTS, [before(CONSENTS_KEPT_MS), ROWS_MAX]);
  await database.query(PURGE_MAIL, [before(SENT_MAIL_KEPT_MS), ROWS_MAX]);
  await purgeInbox(database, now);
}

const PURGE_KEYS = `
  DELETE FROM idempotency_keys WHERE (account_id, operation, key) IN
    (SELECT account_id, operation, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

const PURGE_CONSENTS = `
  DELETE FROM begun_payments WHERE (booking_id, payment_key) IN
    (SELECT booking_id, payment_key FROM begun_payments WHERE begun_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

const PURGE_MAIL = `
  DELETE FROM outgoing_mail WHERE id IN
    (SELECT id FROM outgoing_mail WHERE state = 'SENT' AND sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
