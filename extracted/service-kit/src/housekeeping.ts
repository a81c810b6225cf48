import type { Database } from './database.ts';
import { purgeInbox } from './inbox.ts';

/** Rows that nobody comes back for. `sql` deletes those from before `$1`, `$2` at most. */
export type PurgeRule = { readonly sql: string; readonly keptMs: number };

export const DAY_MS = 86_400_000;
/** Sent mail is kept this long, for questions. */
const SENT_MAIL_KEPT_MS = 30 * DAY_MS;
const ROWS_MAX = 1_000;

/** Forgets what nobody comes back for, in small batches: of the service by its rules, and of the kit's own tables. */
export async function keepHouse(
  database: Database,
  rules: readonly PurgeRule[],
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  const purge = async ({ sql, keptMs }: PurgeRule): Promise<number> => {
    const { rowCount } = await database.query(sql, [new Date(now.getTime() - keptMs), ROWS_MAX]);
    return rowCount ?? 0;
  };
  for (const batch of [
    ...[...rules, { sql: PURGE_MAIL, keptMs: SENT_MAIL_KEPT_MS }].map((rule) => () => purge(rule)),
    () => purgeInbox(database, now),
  ]) {
    while (!signal.aborted && (await batch()) === ROWS_MAX);
  }
}

const PURGE_MAIL = `
  DELETE FROM outgoing_mail WHERE id IN
    (SELECT id FROM outgoing_mail WHERE state = 'SENT' AND sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
