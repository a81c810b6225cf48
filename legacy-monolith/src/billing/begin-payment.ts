import type { Pool } from 'pg';
import { isoInstant, parseWallClock, plusMs, wallClock } from '../clock.ts';
import { violatedConstraint } from '../db/database-fault.ts';
import { inTransaction } from '../db/transaction.ts';
import { refusedField } from '../http/refusal.ts';
import { brandOf, type Card } from './card.ts';
import type { InvoiceStatus } from './invoice.ts';
import { TOUCH_INVOICE } from './refunds.ts';

/** A charge takes a moment; the hold must not run out under it. */
const HOLD_LEFT_MS = 15 * 60_000;

export type BegunPayment = { id: string; key: string; amount: string; currency: string; bookingId: string };

type Locked = { status: InvoiceStatus; total: string; currency: string; under_way: boolean };
type LockedBooking = { status: string; hold_expires_at: string | null };

/**
 * First transaction of a payment: the booking's consent and the PENDING row, committed before the acquirer is
 * asked. Of the card only brand and last four are kept. Throws the 409s.
 */
export async function beginPayment(
  pool: Pool,
  invoice: { id: string; bookingId: string },
  card: Card,
  clock: () => Date,
): Promise<BegunPayment> {
  try {
    return await inTransaction(pool, async (client) => {
      // Always the booking first, then its invoice: those who cancel and expire do the same.
      const booking = (await client.query<LockedBooking>(LOCK_BOOKING, [invoice.bookingId])).rows[0];
      const locked = (await client.query<Locked>(LOCK_INVOICE, [invoice.id])).rows[0];
      if (!booking || !locked) throw new Error('an invoice that was there is gone');
      const now = clock();
      refuse(locked, booking, now);
      const holdUntil = plusMs(now, HOLD_LEFT_MS);
      if (parseWallClock(booking.hold_expires_at as string) < holdUntil) {
        await client.query(EXTEND_HOLD, [invoice.bookingId, wallClock(holdUntil), wallClock(now)]);
      }
      const { rows } = await client.query<{ id: string; idempotency_key: string }>(INSERT_PAYMENT, [
        invoice.id,
        locked.total,
        locked.currency,
        brandOf(card.number),
        card.number.slice(-4),
        isoInstant(now),
      ]);
      await client.query(TOUCH_INVOICE, [invoice.id, isoInstant(now)]);
      const { id, idempotency_key: key } = rows[0] as { id: string; idempotency_key: string };
      return { id, key, amount: locked.total, currency: locked.currency, bookingId: invoice.bookingId };
    });
  } catch (error) {
    // The net below the lock: the database lets one live charge per invoice exist, whoever writes.
    if (violatedConstraint(error) === 'payments_one_live') throw conflict('A payment is in progress.');
    throw error;
  }
}

function refuse(invoice: Locked, booking: LockedBooking, now: Date): void {
  if (invoice.status === 'VOID') throw conflict('Invoice is void.');
  if (invoice.status !== 'OPEN') throw conflict('Invoice is already paid.');
  if (invoice.under_way) throw conflict('A payment is in progress.');
  const held = booking.status === 'HELD' && booking.hold_expires_at !== null;
  if (!held || parseWallClock(booking.hold_expires_at as string) <= now) {
    throw conflict("The booking's hold has expired.");
  }
}

function conflict(msg: string): Error {
  return refusedField('conflict', 'invoice', msg);
}

const LOCK_BOOKING = 'SELECT status, hold_expires_at FROM bookings WHERE id = $1 FOR NO KEY UPDATE';

const LOCK_INVOICE = `
  SELECT i.status, i.total, i.currency,
         EXISTS (SELECT 1 FROM payments p WHERE p.invoice_id = i.id AND p.result IN ('PENDING', 'APPROVED'))
           AS under_way
  FROM invoices i WHERE i.id = $1 FOR NO KEY UPDATE`;

/** Shown in the booking, so it is a new version of it. */
const EXTEND_HOLD = `
  UPDATE bookings SET hold_expires_at = $2, updated_at = $3, version = version + 1 WHERE id = $1`;

const INSERT_PAYMENT = `
  INSERT INTO payments (id, invoice_id, idempotency_key, result, amount, currency, card_brand, card_last4,
                        created_at, updated_at)
  SELECT next.id, $1::bigint, 'inv-' || $1::bigint || '-' || next.id, 'PENDING', $2::numeric, $3, $4, $5,
         $6::timestamptz, $6::timestamptz
  FROM (SELECT nextval('payments_id_seq') AS id) AS next
  RETURNING id, idempotency_key`;
