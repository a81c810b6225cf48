import type { Pool, PoolClient } from 'pg';
import { isoInstant, wallClock } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import type { Outcome } from './acquirer-client.ts';
import type { InvoiceStatus, PaymentResult } from './invoice.ts';
import { insertRefund, TOUCH_INVOICE } from './refunds.ts';

export type Settled = {
  /** Whether this call wrote the outcome; false when somebody else had. */
  settled: boolean;
  /** Set when the money came too late and must go back: the refund is written down, not carried out yet. */
  refundId: string | null;
};

type KnownOutcome = Exclude<Outcome, { kind: 'unknown' }>;
type Locked = {
  booking_id: string;
  booking_status: string;
  contact_email: string;
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
 * Approved: the booking is confirmed; or, if it is held no longer, the refund of the whole is written down in
 * the same transaction.
 */
export function settlePayment(
  pool: Pool,
  paymentId: string,
  outcome: KnownOutcome,
  clock: () => Date,
): Promise<Settled> {
  return inTransaction(pool, async (client) => {
    const bookingId = (await client.query<{ booking_id: string }>(BOOKING_OF, [paymentId])).rows[0]
      ?.booking_id;
    await client.query('SELECT 1 FROM bookings WHERE id = $1 FOR NO KEY UPDATE', [bookingId]);
    await client.query('SELECT 1 FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE', [bookingId]);
    const locked = (await client.query<Locked>(READ, [paymentId])).rows[0];
    if (!locked) throw new Error('a payment that was there is gone');
    const now = clock();
    if (!(await mayBeSettled(client, paymentId, locked, outcome))) return { settled: false, refundId: null };
    await client.query(SETTLE, [
      paymentId,
      outcome.kind === 'approved' ? 'APPROVED' : outcome.kind === 'declined' ? 'DECLINED' : 'FAILED',
      outcome.kind === 'declined' ? outcome.reason : null,
      outcome.kind === 'surely-not-charged' ? null : outcome.ref,
      isoInstant(now),
    ]);
    await client.query(TOUCH_INVOICE, [locked.invoice_id, isoInstant(now)]);
    const refundId = outcome.kind === 'approved' ? await takeMoney(client, paymentId, locked, now) : null;
    return { settled: true, refundId };
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
  now: Date,
): Promise<string | null> {
  const wanted = locked.booking_status === 'HELD' && locked.invoice_status === 'OPEN';
  await client.query(PAY_INVOICE, [
    locked.invoice_id,
    wanted ? 'PAID' : locked.invoice_status,
    isoInstant(now),
  ]);
  if (!wanted) {
    const reason = 'Booking was no longer held';
    return insertRefund(client, { paymentId, amount: locked.amount, reason, now });
  }
  await client.query(CONFIRM_BOOKING, [locked.booking_id, wallClock(now)]);
  const mail = {
    recipient: locked.contact_email,
    bookingId: locked.booking_id,
    invoiceId: locked.invoice_id,
    now,
  };
  await queueMail(client, { ...mail, kind: 'E_TICKET', causeId: locked.booking_id });
  await queueMail(client, { ...mail, kind: 'RECEIPT', causeId: paymentId });
  return null;
}

const BOOKING_OF = `
  SELECT i.booking_id FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE p.id = $1`;

const READ = `
  SELECT i.booking_id, b.status AS booking_status, b.contact_email, i.id AS invoice_id,
         i.status AS invoice_status, p.result, p.amount
  FROM payments p JOIN invoices i ON i.id = p.invoice_id JOIN bookings b ON b.id = i.booking_id
  WHERE p.id = $1`;

const OTHER_LIVE = `SELECT 1 FROM payments WHERE invoice_id = $1 AND result IN ('PENDING', 'APPROVED')`;

const SETTLE = `
  UPDATE payments
  SET result = $2, decline_reason = $3, acquirer_ref = $4, updated_at = $5::timestamptz
  WHERE id = $1`;

const PAY_INVOICE = `
  UPDATE invoices SET status = $2, paid = total, paid_at = $3::timestamptz, updated_at = $3::timestamptz
  WHERE id = $1`;

const CONFIRM_BOOKING = `
  UPDATE bookings
  SET status = 'CONFIRMED', hold_expires_at = NULL, updated_at = $2, version = version + 1
  WHERE id = $1`;
