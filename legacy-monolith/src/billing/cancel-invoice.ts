import type { PoolClient } from 'pg';
import type { FareClass } from '../bookings/price.ts';
import { isoInstant } from '../clock.ts';
import { fromCents, leastOf, toCents } from '../money.ts';

const CLASSIC_FEE_CENTS = 5000n;

export type CancelledBooking = {
  bookingId: string;
  fareClass: FareClass;
  passengers: number;
  contactEmail: string;
  now: Date;
};

type InvoiceRow = { id: string; status: string; total: string };
type PaymentRow = { id: string; amount: string; refunded: string };

/** What the fare gives back of a paid total: FLEX all, CLASSIC all but a fee per passenger, SAVER nothing. */
export function refundableCents(fareClass: FareClass, totalCents: bigint, passengers: number): bigint {
  if (fareClass === 'SAVER') return 0n;
  if (fareClass === 'FLEX') return totalCents;
  const left = totalCents - CLASSIC_FEE_CENTS * BigInt(passengers);
  return left > 0n ? left : 0n;
}

/**
 * Billing's side of a cancellation, in the booking's transaction (its row locked before): an unpaid invoice
 * becomes void; of a paid one the refund that is due is written down as PENDING and its id given. Queues the
 * mail.
 */
export async function voidOrRefund(
  client: PoolClient,
  booking: CancelledBooking,
): Promise<{ refundId: string | null }> {
  const now = isoInstant(booking.now);
  const invoice = (await client.query<InvoiceRow>(LOCK_INVOICE, [booking.bookingId])).rows[0];
  if (!invoice) return { refundId: null };
  if (invoice.status === 'OPEN') await client.query(VOID, [invoice.id, now]);
  const refundId = invoice.status === 'OPEN' ? null : await writeRefund(client, booking, invoice, now);
  await client.query(QUEUE_MAIL, [
    `<cancellation-${booking.bookingId}@meridian.example>`,
    booking.contactEmail,
    booking.bookingId,
    invoice.id,
    now,
  ]);
  return { refundId };
}

async function writeRefund(
  client: PoolClient,
  booking: CancelledBooking,
  invoice: InvoiceRow,
  now: string,
): Promise<string | null> {
  const payment = (await client.query<PaymentRow>(APPROVED_PAYMENT, [invoice.id])).rows[0];
  if (!payment) return null;
  const dueCents = refundableCents(booking.fareClass, toCents(invoice.total), booking.passengers);
  // The accountant may have given some of it back already.
  const leftCents = toCents(payment.amount) - toCents(payment.refunded);
  const cents = leastOf(dueCents, leftCents);
  if (cents <= 0n) return null;
  const { rows } = await client.query<{ id: string }>(INSERT_REFUND, [payment.id, fromCents(cents), now]);
  return rows[0]?.id ?? null;
}

const LOCK_INVOICE = 'SELECT id, status, total FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE';

const VOID = `UPDATE invoices SET status = 'VOID', updated_at = $2 WHERE id = $1`;

const APPROVED_PAYMENT = `
  SELECT p.id, p.amount,
         (SELECT coalesce(sum(r.amount), 0.00) FROM refunds r
          WHERE r.payment_id = p.id AND r.result <> 'FAILED') AS refunded
  FROM payments p WHERE p.invoice_id = $1 AND p.result = 'APPROVED'`;

const INSERT_REFUND = `
  INSERT INTO refunds (id, payment_id, idempotency_key, result, amount, currency, reason, created_at, updated_at)
  SELECT id.id, p.id, 'ref-' || p.id || '-' || id.id, 'PENDING', $2::numeric, p.currency, 'Booking cancelled',
         $3::timestamptz, $3::timestamptz
  FROM payments p, (SELECT nextval('refunds_id_seq') AS id) AS id
  WHERE p.id = $1
  RETURNING id`;

const QUEUE_MAIL = `
  INSERT INTO outgoing_mail (message_id, kind, recipient, booking_id, invoice_id, next_attempt_at, created_at)
  VALUES ($1, 'CANCELLATION', $2, $3, $4, $5, $5)
  ON CONFLICT (message_id) DO NOTHING`;
