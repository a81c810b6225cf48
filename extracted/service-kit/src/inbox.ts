import type { Database, Transaction } from './database.ts';

const RETENTION_MS = 30 * 86_400_000;
const PURGE_ROWS_MAX = 1_000;

/**
 * Runs `effect` unless the event's effect is in the database already. Call it in the transaction of the effect, with
 * the effect on the same `tx`: both are there or neither. A second delivery under way at the same time waits for the
 * first and becomes the duplicate.
 */
export async function once(
  tx: Transaction,
  eventId: string,
  effect: () => Promise<void>,
): Promise<{ duplicate: boolean }> {
  const { rowCount } = await tx.query(RECORD, [eventId]);
  if (rowCount === 0) return { duplicate: true };
  await effect();
  return { duplicate: false };
}

/** Forgets events that nobody delivers any more: an outbox keeps no undelivered event for so long unnoticed. */
export async function purgeInbox(database: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - RETENTION_MS);
  const { rowCount } = await database.query(PURGE, [before, PURGE_ROWS_MAX]);
  return rowCount ?? 0;
}

const RECORD = 'INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING';
const PURGE = `
  DELETE FROM inbox WHERE event_id IN
    (SELECT event_id FROM inbox WHERE received_at < $1 LIMIT $2)`;
