import type { Pool } from 'pg';
import { inTransaction } from '../db/transaction.ts';
import { type Fault, invalidFields, refusedField } from '../http/refusal.ts';
import { isStorable, lengthOf } from '../http/text.ts';
import { fromCents, parseCents, toCents } from '../money.ts';
import type { PaymentResult } from './invoice.ts';
import type { InvoiceEventsNow } from './invoice-events.ts';
import { notMoved, stillUnknown } from './payment-refusals.ts';
import type { RefundDesk } from './refund-desk.ts';
import { insertRefund, REFUND_LEFT } from './refunds.ts';
import { settleRefund } from './settle-refund.ts';

const REASON_LENGTH_MAX = 200;

export type WantedRefund = {
  amountCents: bigint | null;
  reason: string;
  /** What was left when the refund was decided on, where that is known; it must be left still. */
  leftThenCents?: bigint | null;
};

/** The body of refundPayment; throws the 422 with all its faults. */
export function parseRefundRequest(values: Readonly<Record<string, unknown>>): WantedRefund {
  const faults: Fault[] = [];
  const { amount, reason } = values;
  let amountCents: bigint | null = null;
  if (amount !== undefined && amount !== null && amount !== '') {
    amountCents = typeof amount === 'string' ? parseCents(amount) : null;
    if (amountCents === null || amountCents <= 0n) {
      faults.push({ field: 'amount', msg: 'Amount is not valid.' });
    }
  }
  if (typeof reason !== 'string' || reason.trim() === '') {
    faults.push({ field: 'reason', msg: 'Reason is required.' });
  } else if (!isStorable(reason)) {
    faults.push({ field: 'reason', msg: 'Reason contains characters that are not allowed.' });
  } else if (lengthOf(reason) > REASON_LENGTH_MAX) {
    faults.push({ field: 'reason', msg: `Reason must have at most ${REASON_LENGTH_MAX} characters.` });
  }
  if (faults.length > 0) throw invalidFields(faults);
  return { amountCents, reason: reason as string };
}

/**
 * An accountant's refund: written down, then asked for. Where it is sure that nothing moved it has FAILED and
 * may be asked for again; where nobody knows it stays PENDING and the worker goes on under the same key.
 */
export async function refundPayment(
  parts: { pool: Pool; clock: () => Date; refunds: RefundDesk; events: InvoiceEventsNow },
  paymentId: string,
  wanted: WantedRefund,
): Promise<string> {
  const { pool, clock, refunds, events } = parts;
  const refundId = await beginRefund(pool, paymentId, wanted, clock);
  const outcome = await refunds.carryOut(refundId);
  switch (outcome.kind) {
    case 'approved':
      return refundId;
    case 'declined':
      throw refusedField('conflict', 'payment', 'The acquirer refused the refund.');
    case 'surely-not-charged':
      await settleRefund(pool, refundId, { kind: 'failed', ref: null }, clock, events);
      throw notMoved('Nothing was refunded.');
    case 'unknown':
      throw stillUnknown();
    default:
      return outcome satisfies never;
  }
}

function beginRefund(
  pool: Pool,
  paymentId: string,
  wanted: WantedRefund,
  clock: () => Date,
): Promise<string> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_INVOICE, [paymentId]);
    const { rows } = await client.query<{ result: PaymentResult; left_over: string }>(READ, [paymentId]);
    const payment = rows[0];
    if (!payment) throw new Error('a payment that was there is gone');
    if (payment.result !== 'APPROVED') throw refusedField('conflict', 'payment', 'Payment was not approved.');
    const leftCents = toCents(payment.left_over);
    if (leftCents === 0n) throw refusedField('conflict', 'payment', 'Nothing is left to refund.');
    if (wanted.leftThenCents !== undefined && wanted.leftThenCents !== leftCents) {
      const msg =
        'This payment was refunded meanwhile. Please look at what is left, and send it again if need be.';
      throw refusedField('conflict', 'payment', msg);
    }
    const cents = wanted.amountCents ?? leftCents;
    if (cents > leftCents) {
      throw invalidFields([{ field: 'amount', msg: `Only ${fromCents(leftCents)} is left to refund.` }]);
    }
    const { reason } = wanted;
    return insertRefund(client, {
      paymentId,
      amount: fromCents(cents),
      reason,
      cause: 'order',
      now: clock(),
    });
  });
}

const LOCK_INVOICE = `
  SELECT 1 FROM invoices i
  WHERE i.id = (SELECT p.invoice_id FROM payments p WHERE p.id = $1)
  FOR NO KEY UPDATE`;

const READ = `SELECT p.result, ${REFUND_LEFT} AS left_over FROM payments p WHERE p.id = $1`;
