import type { Pool } from 'pg';
import type { BookingEventsNow } from '../bookings/booking-events.ts';
import { purgeBookingForms } from '../bookings/booking-form.ts';
import { releaseAllSeats } from '../bookings/seats.ts';
import { isoInstant, plusMs, wallClock } from '../clock.ts';
import { inTransaction, nothingAfter } from '../db/transaction.ts';
import { purgeFormTokens } from '../pages/form-ledger.ts';

const BATCH = 200;

/** Sent mail is kept this long, for questions. */
const SENT_MAIL_MS = 30 * 86_400_000;

export type CleanupReport = { expired: number; purgedMail: number; purgedForms: number };

export type CleanupParts = {
  pool: Pool;
  clock: () => Date;
  /** Whether bookings are here; the holds of others are not ours to end. */
  ownsBookings: () => Promise<boolean>;
  events: BookingEventsNow;
};

/** The nightly job. Stops between two batches when `signal` says so. */
export async function cleanUp(
  parts: CleanupParts,
  signal: AbortSignal,
  batch: number = BATCH,
): Promise<CleanupReport> {
  const { pool, clock } = parts;
  const expired = (await parts.ownsBookings()) ? await expireHolds(parts, signal, batch) : 0;
  const purgedMail = await inBatches(signal, batch, () => purgeSentMail(pool, clock(), batch));
  const purgedForms =
    (await inBatches(signal, batch, () => purgeFormTokens(pool, clock(), batch))) +
    (await inBatches(signal, batch, () => purgeBookingForms(pool, clock(), batch)));
  return { expired, purgedMail, purgedForms };
}

/**
 * Expires holds that are over and were not paid: booking EXPIRED, its seats free; billing is told. A booking whose
 * charge is under way is left until the charge has an outcome, and one that may be paid for, of which the news is late,
 * for a day. Works in small transactions; rows that another process is at are skipped, so any number of processes may
 * run it at once.
 */
export function expireHolds(
  parts: Omit<CleanupParts, 'ownsBookings'>,
  signal: AbortSignal,
  batch: number = BATCH,
): Promise<number> {
  return inBatches(signal, batch, () => expireBatch(parts, parts.clock(), batch));
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

async function expireBatch(
  { pool, events }: Omit<CleanupParts, 'ownsBookings'>,
  now: Date,
  batch: number,
): Promise<number> {
  const { expired, after } = await inTransaction(pool, async (client) => {
    const { holdExpired, isBeingPaidSql } = await events();
    const { rows } = await client.query<{ id: string }>(overdue(isBeingPaidSql), [wallClock(now), batch]);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return { expired: 0, after: nothingAfter };
    await client.query(EXPIRE, [ids, wallClock(now)]);
    await releaseAllSeats(client, ids);
    return { expired: ids.length, after: await holdExpired(client, { bookingIds: ids, at: now }) };
  });
  await after();
  return expired;
}

async function purgeSentMail(pool: Pool, now: Date, batch: number): Promise<number> {
  const before = isoInstant(plusMs(now, -SENT_MAIL_MS));
  return (await pool.query(PURGE_SENT_MAIL, [before, batch])).rowCount ?? 0;
}

/**
 * The payment is looked for in the statement that locks: who begins a payment locks the booking first, so it
 * is either seen here or finds the booking expired.
 */
const overdue = (isBeingPaidSql: string): string => `
  SELECT b.id FROM bookings b
  WHERE b.status = 'HELD' AND b.hold_expires_at <= $1 AND NOT ${isBeingPaidSql}
  ORDER BY b.hold_expires_at
  LIMIT $2
  FOR NO KEY UPDATE OF b SKIP LOCKED`;

const EXPIRE = `
  UPDATE bookings
  SET status = 'EXPIRED', hold_expires_at = NULL, updated_at = $2, version = version + 1
  WHERE id = ANY($1::bigint[])`;

const PURGE_SENT_MAIL = `
  DELETE FROM outgoing_mail
  WHERE id IN (SELECT id FROM outgoing_mail WHERE state = 'SENT' AND sent_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
