import type { Pool } from 'pg';
import { purgeBookingForms } from '../bookings/booking-form.ts';
import { releaseAllSeats } from '../bookings/seats.ts';
import { isoInstant, plusMs, wallClock } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { purgeFormTokens } from '../pages/form-ledger.ts';

const BATCH = 200;

/** Sent mail is kept this long, for questions. */
const SENT_MAIL_MS = 30 * 86_400_000;

export type CleanupReport = { expired: number; purgedMail: number; purgedForms: number };

/** The nightly job. Stops between two batches when `signal` says so. */
export async function cleanUp(
  pool: Pool,
  clock: () => Date,
  signal: AbortSignal,
  batch: number = BATCH,
): Promise<CleanupReport> {
  const expired = await expireHolds(pool, clock, signal, batch);
  const purgedMail = await inBatches(signal, batch, () => purgeSentMail(pool, clock(), batch));
  const purgedForms =
    (await inBatches(signal, batch, () => purgeFormTokens(pool, clock(), batch))) +
    (await inBatches(signal, batch, () => purgeBookingForms(pool, clock(), batch)));
  return { expired, purgedMail, purgedForms };
}

/**
 * Expires holds that are over and were not paid: booking EXPIRED, its seats free, its invoice void. A booking
 * whose charge is under way is left until the charge has an outcome. Works in small transactions; rows that
 * another process is at are skipped, so any number of processes may run it at once.
 */
export function expireHolds(
  pool: Pool,
  clock: () => Date,
  signal: AbortSignal,
  batch: number = BATCH,
): Promise<number> {
  return inBatches(signal, batch, () => expireBatch(pool, clock(), batch));
}

/** Repeats until a batch is not full. */
async function inBatches(signal: AbortSignal, size: number, run: () => Promise<number>): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const done = await run();
    total += done;
    if (done < size) break;
  }
  return total;
}

function expireBatch(pool: Pool, now: Date, batch: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(OVERDUE, [wallClock(now), batch]);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await client.query(EXPIRE, [ids, wallClock(now)]);
    await releaseAllSeats(client, ids);
    await client.query(VOID_INVOICES, [ids, isoInstant(now)]);
    return ids.length;
  });
}

async function purgeSentMail(pool: Pool, now: Date, batch: number): Promise<number> {
  const before = isoInstant(plusMs(now, -SENT_MAIL_MS));
  return (await pool.query(PURGE_SENT_MAIL, [before, batch])).rowCount ?? 0;
}

/**
 * The payment is looked for in the statement that locks: who begins a payment locks the booking first, so it
 * is either seen here or finds the booking expired.
 */
const OVERDUE = `
  SELECT b.id FROM bookings b
  WHERE b.status = 'HELD' AND b.hold_expires_at <= $1
    AND NOT EXISTS (SELECT 1 FROM invoices i JOIN payments p ON p.invoice_id = i.id
                    WHERE i.booking_id = b.id AND p.result = 'PENDING')
  ORDER BY b.hold_expires_at
  LIMIT $2
  FOR NO KEY UPDATE OF b SKIP LOCKED`;

const EXPIRE = `
  UPDATE bookings
  SET status = 'EXPIRED', hold_expires_at = NULL, updated_at = $2, version = version + 1
  WHERE id = ANY($1::bigint[])`;

const VOID_INVOICES = `
  UPDATE invoices SET status = 'VOID', updated_at = $2
  WHERE booking_id = ANY($1::bigint[]) AND status = 'OPEN'`;

const PURGE_SENT_MAIL = `
  DELETE FROM outgoing_mail
  WHERE id IN (SELECT id FROM outgoing_mail WHERE state = 'SENT' AND sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
