import type { Database } from '@banyan/service-kit/database';
import { purgeInbox } from '@banyan/service-kit/inbox';

const DAY_MS = 86_400_000;
/** Within this the same key and request give the first answer. */
const REQUEST_KEYS_KEPT_MS = 7 * DAY_MS;
/** Sent mail is kept this long, for questions. */
const SENT_MAIL_KEPT_MS = 30 * DAY_MS;
const ROWS_MAX = 1_000;

/** Forgets what nobody comes back for, in small batches. */
export async function keepHouse(database: Database, now: Date, signal: AbortSignal): Promise<void> {
  const purge = async (sql: string, keptMs: number): Promise<number> => {
    const { rowCount } = await database.query(sql, [new Date(now.getTime() - keptMs), ROWS_MAX]);
    return rowCount ?? 0;
  };
  for (const batch of [
    () => purge(PURGE_REQUEST_KEYS, REQUEST_KEYS_KEPT_MS),
    () => purge(PURGE_MAIL, SENT_MAIL_KEPT_MS),
    () => purgeInbox(database, now),
  ]) {
    while (!signal.aborted && (await batch()) === ROWS_MAX);
  }
}

const PURGE_REQUEST_KEYS = `
  DELETE FROM request_keys WHERE (account_id, operation, key) IN
    (SELECT account_id, operation, key FROM request_keys WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

const PURGE_MAIL = `
  DELETE FROM outgoing_mail WHERE id IN
    (SELECT id FROM outgoing_mail WHERE state = 'SENT' AND sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
