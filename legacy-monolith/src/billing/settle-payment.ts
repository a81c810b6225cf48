import type { Pool, PoolClient } from 'pg';
import { isoInstant } from '../clock.ts';
import { type AfterCommit, inTransaction, nothingAfter } from '../db/transaction.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import type { Outcome } from './acquirer-client.ts';
import { TOO_LATE } from './end-invoice.ts';
import type { InvoiceStatus, PaymentResult } from './invoice.ts';
import type { InvoicedBooking, InvoiceEvents, InvoiceEventsNow } from './invoice-events.ts';
import { insertRefund, TOUCH_INVOICE } from './refunds.ts';

export type Settled = {
  /** Whether this call wrote the outcome; false when somebody else had. */
  settled: boolean;
  /** Set when the money came too late and must go back: the refund is written down, not carried out yet. */
  refundId: string | null;
  /** To be run by whoever is given it. */
  after: AfterCommit;
};

type KnownOutcome = Exclude<Outcome, { kind: 'unknown' }>;
type Locked = {
  booking_id: string;
  invoice_id: string;
  invoice_status: InvoiceStatus;
  result: PaymentResult;
  amount: string;
};

/** The acquirer charged for a payment that had been given up while another took its place. Needs a person. */
export class ChargedTwiceError extends Error {
  constructor(paymentId: string) {
    super(
      `payment ${paymentId} was charged after it had been given up, beside another one: refund it by hand`,
    );
    this.name = 'ChargedTwiceError';
  }
}

/**
 * Second transaction of a payment: writes its outcome and what follows from it, once, whoever comes first.
 * Approved: bookings are told; or, if the booking is held no longer, the refund of the whole is written down in
 * the same transaction.
 */
export function settlePayment(
  pool: Pool,
  paymentId: string,
  outcome: KnownOutcome,
  clock: () => Date,
  eventsNow: InvoiceEventsNow,
): Promise<Settled> {
  return inTransaction(pool, async (client) => {
    const events = await eventsNow();
    const bookingId = (await client.query<{ booking_id: string }>(BOOKING_OF, [paymentId])).rows[0]
      ?.booking_id;
    const booking = bookingId === undefined ? null : await events.lockBooking(client, bookingId);
    await client.query('SELECT 1 FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE', [bookingId]);
    const locked = (await client.query<Locked>(READ, [paymentId])).rows[0];
    if (!locked) throw new Error('a payment that was there is gone');
    const now = clock();
    if (!(await mayBeSettled(client, paymentId, locked, outcome)))
      return { settled: false, refundId: null, after: nothingAfter };
    await client.query(SETTLE, [
      paymentId,
      outcome.kind === 'approved' ? 'APPROVED' : outcome.kind === 'declined' ? 'DECLINED' : 'FAILED',
      outcome.kind === 'declined' ? outcome.reason : null,
      outcome.kind === 'surely-not-charged' ? null : outcome.ref,
      isoInstant(now),
    ]);
    await client.query(TOUCH_INVOICE, [locked.invoice_id, isoInstant(now)]);
    const taken =
      outcome.kind === 'approved'
        ? await takeMoney(client, paymentId, locked, booking, events, now)
        : { refundId: null, after: nothingAfter };
    return { settled: true, ...taken };
  });
}

async function mayBeSettled(
  client: PoolClient,
  paymentId: string,
  locked: Locked,
  outcome: KnownOutcome,
): Promise<boolean> {
  if (locked.result === 'PENDING') return true;
  // Money outweighs what we had concluded: a charge that turns up after all is recorded all the same.
  if (locked.result !== 'FAILED' || outcome.kind !== 'approved') return false;
  const { rowCount } = await client.query(OTHER_LIVE, [locked.invoice_id]);
  if (rowCount !== 0) throw new ChargedTwiceError(paymentId);
  return true;
}

async function takeMoney(
  client: PoolClient,
  paymentId: string,
  locked: Locked,
  booking: InvoicedBooking | null,
  events: InvoiceEvents,
  now: Date,
): Promise<Omit<Settled, 'settled'>> {
  // Of a booking elsewhere its invoice knows: who cancels or expires it says so, before or after.
  const isHeld = booking === null || booking.status === 'HELD';
  const wanted = isHeld && locked.invoice_status === 'OPEN';
  await client.query(PAY_INVOICE, [
    locked.invoice_id,
    wanted ? 'PAID' : locked.invoice_status,
    isoInstant(now),
  ]);
  if (!wanted) {
    const refund = { paymentId, amount: locked.amount, reason: TOO_LATE, cause: 'end', now } as const;
    const refundId = await insertRefund(client, refund);
    return { refundId, after: nothingAfter };
  }
  const { booking_id: bookingId, invoice_id: invoiceId } = locked;
  const after = await events.invoicePaid(client, { invoiceId, bookingId, paymentId, at: now });
  await queueMail(client, {
    kind: 'RECEIPT',
    causeId: paymentId,
    recipient: booking?.contactEmail ?? null,
    bookingId,
    invoiceId,
    now,
  });
  return { refundId: null, after };
}

const BOOKING_OF = `
  SELECT i.booking_id FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE p.id = $1`;

const READ = `
  SELECT i.booking_id, i.id AS invoice_id, i.status AS invoice_status, p.result, p.amount
  FROM payments p JOIN invoices i ON i.id = p.invoice_id
  WHERE p.id = $1`;

const OTHER_LIVE = `SELECT 1 FROM payments WHERE invoice_id = $1 AND result IN ('PENDING', 'APPROVED')`;

const SETTLE = `
  UPDATE payments
  SET result = $2, decline_reason = $3, acquirer_ref = $4, updated_at = $5::timestamptz
  WHERE id = $1`;

const PAY_INVOICE = `
  UPDATE invoices SET status = $2, paid = total, paid_at = $3::timestamptz, updated_at = $3::timestamptz
  WHERE id = $1`;
