import type { PoolClient } from 'pg';
import type { FareClass } from '../bookings/price.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import { voidOrRefund } from './cancel-invoice.ts';
import { IS_OF_THE_END, insertRefund, REFUND_LEFT } from './refunds.ts';
import { voidInvoices } from './void-invoices.ts';

/** How a booking elsewhere has ended. The fare is there where it says what goes back. */
export type BookingEnd =
  | { kind: 'cancelled'; fare: { fareClass: FareClass; passengers: number } | null }
  | { kind: 'expired' };

export const TOO_LATE = 'Booking was no longer held';

type Invoice = { id: string; payment_id: string | null; left_over: string; is_given_back: boolean };

/**
 * What the end of a booking elsewhere does to its invoice, though it be told more than once, or after its money
 * has come: that goes back whole where the booking was not confirmed. Gives the refund that this has written
 * down, if any; undefined where there is no invoice yet.
 */
export async function endInvoice(
  client: PoolClient,
  bookingId: string,
  end: BookingEnd,
  now: Date,
): Promise<string | null | undefined> {
  await client.query(LOCK, [bookingId]);
  const invoice = (await client.query<Invoice>(READ, [bookingId])).rows[0];
  if (!invoice) return undefined;
  // Also when it was told to another database, which this one was copied from since.
  if (invoice.is_given_back) return null;
  if (end.kind === 'cancelled' && end.fare !== null) {
    return (await voidOrRefund(client, { bookingId, ...end.fare, contactEmail: null, now })).refundId;
  }
  await voidInvoices(client, [bookingId], now);
  if (end.kind === 'cancelled') await queueCancellation(client, bookingId, now);
  const { payment_id: paymentId, left_over: amount } = invoice;
  if (paymentId === null || amount === '0.00') return null;
  return insertRefund(client, { paymentId, amount, reason: TOO_LATE, cause: 'end', now });
}

/** Of a booking elsewhere, whose owner is asked whom to write to when the mail is sent. */
export function queueCancellation(client: PoolClient, bookingId: string, now: Date): Promise<void> {
  const mail = { kind: 'CANCELLATION', causeId: bookingId, recipient: null, invoiceId: null } as const;
  return queueMail(client, { ...mail, bookingId, now });
}

const LOCK = 'SELECT 1 FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE';

const READ = `
  SELECT i.id, p.id AS payment_id, coalesce(${REFUND_LEFT}, 0.00) AS left_over,
         EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.result <> 'FAILED' AND ${IS_OF_THE_END})
           AS is_given_back
  FROM invoices i LEFT JOIN payments p ON p.invoice_id = i.id AND p.result = 'APPROVED'
  WHERE i.booking_id = $1`;
