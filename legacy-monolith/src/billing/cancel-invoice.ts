import type { PoolClient } from 'pg';
import type { FareClass } from '../bookings/price.ts';
import { isoInstant } from '../clock.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import { fromCents, leastOf, toCents } from '../money.ts';
import { refundableCents } from './fare-rules.ts';
import { insertRefund, REFUND_LEFT } from './refunds.ts';

export type CancelledBooking = {
  bookingId: string;
  fareClass: FareClass;
  passengers: number;
  /** Null: asked of the booking's owner when the mail is sent. */
  contactEmail: string | null;
  now: Date;
};

const CANCELLED = 'Booking cancelled';

type InvoiceRow = { id: string; status: string; total: string };
type PaymentRow = { id: string; left_over: string };

/**
 * Billing's side of a cancellation, in the booking's transaction (its row locked before): an unpaid invoice
 * becomes void; of a paid one the refund that is due is written down as PENDING and its id given. Queues the
 * mail.
 */
export async function voidOrRefund(
  client: PoolClient,
  booking: CancelledBooking,
): Promise<{ refundId: string | null }> {
  const invoice = (await client.query<InvoiceRow>(LOCK_INVOICE, [booking.bookingId])).rows[0];
  if (!invoice) return { refundId: null };
  if (invoice.status === 'OPEN') await client.query(VOID, [invoice.id, isoInstant(booking.now)]);
  const refundId = invoice.status === 'OPEN' ? null : await writeRefund(client, booking, invoice);
  await queueMail(client, {
    kind: 'CANCELLATION',
    causeId: booking.bookingId,
    recipient: booking.contactEmail,
    bookingId: booking.bookingId,
    invoiceId: invoice.id,
    now: booking.now,
  });
  return { refundId };
}

async function writeRefund(
  client: PoolClient,
  booking: CancelledBooking,
  invoice: InvoiceRow,
): Promise<string | null> {
  const payment = (await client.query<PaymentRow>(APPROVED_PAYMENT, [invoice.id])).rows[0];
  if (!payment) return null;
  const dueCents = refundableCents(booking.fareClass, toCents(invoice.total), booking.passengers);
  // The accountant may have given some of it back already.
  const cents = leastOf(dueCents, toCents(payment.left_over));
  if (cents <= 0n) return null;
  return insertRefund(client, {
    paymentId: payment.id,
    amount: fromCents(cents),
    reason: CANCELLED,
    cause: 'end',
    now: booking.now,
  });
}

const LOCK_INVOICE = 'SELECT id, status, total FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE';

const VOID = `UPDATE invoices SET status = 'VOID', updated_at = $2 WHERE id = $1`;

const APPROVED_PAYMENT = `
  SELECT p.id, ${REFUND_LEFT} AS left_over FROM payments p WHERE p.invoice_id = $1 AND p.result = 'APPROVED'`;
