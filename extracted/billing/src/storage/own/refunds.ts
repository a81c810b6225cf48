import type { Transaction } from '@banyan/service-kit/database';
import { queueMail } from '@banyan/service-kit/mailer';
import { writeEvent } from '@banyan/service-kit/outbox';
import type { PaymentResult, RefundResult } from '../../domain/invoice.ts';
import { decideRefund } from '../../domain/payment-rules.ts';
import { Refusal } from '../../domain/refusal.ts';
import { invoiceRefunded } from '../../events/made.ts';
import { mailFor } from '../../mail/kinds.ts';
import type { OwnStorageParts, Settling } from '../own-storage.ts';
import type { BillingWrites, Made, NewRefund, RefundEnd, RefundOrder, Settled } from '../port.ts';
import { insertRefund, REFUND_LEFT, TOUCH_INVOICE } from './refund-rows.ts';
import { freeKey, nameMade, takeKey } from './request-keys.ts';

type RefundWrites = Pick<BillingWrites, 'beginRefund' | 'settleRefund' | 'refundOrder' | 'pendingRefunds'>;

type Locked = {
  invoice_id: bigint;
  booking_id: bigint;
  payment_id: bigint;
  result: RefundResult;
  amount_minor: bigint;
  currency: string;
};

export function createRefundWrites({ database, now, newId, traceparent }: OwnStorageParts): RefundWrites {
  return {
    beginRefund: (refund) => database.transaction((tx) => begin(tx, refund, now())),

    settleRefund: (refundId, end) =>
      database.transaction((tx) =>
        settle(tx, refundId, end, { now: now(), eventId: newId(), traceparent: traceparent?.() }),
      ),

    async refundOrder(refundId) {
      const { rows } = await database.query<RefundOrder>(ORDER, [refundId]);
      if (!rows[0]) throw new Error('a refund that was there is gone');
      return rows[0];
    },

    async pendingRefunds(before, except, rowsMax) {
      return (await database.query<{ id: bigint }>(PENDING, [before, except, rowsMax])).rows;
    },
  };
}

async function begin(tx: Transaction, refund: NewRefund, now: Date): Promise<Made<bigint>> {
  const { paymentId, requestKey } = refund;
  await tx.query(LOCK_INVOICE_OF_PAYMENT, [paymentId]);
  if (requestKey !== null) {
    const known = await takeKey(tx, requestKey, 0n, now);
    if (known !== null) return { kind: 'known', known };
  }
  const { rows } = await tx.query<{ result: PaymentResult; left_minor: bigint }>(READ_PAYMENT, [paymentId]);
  const payment = rows[0];
  if (!payment) throw new Refusal('PAYMENT_NOT_FOUND');
  const amountMinor = decideRefund(
    { result: payment.result, leftMinor: payment.left_minor },
    refund.amountMinor,
  );
  const id = await insertRefund(tx, { paymentId, amountMinor, reason: refund.reason, cause: 'order', now });
  if (requestKey !== null) await nameMade(tx, requestKey, id);
  return { kind: 'made', value: id };
}

async function settle(
  tx: Transaction,
  refundId: bigint,
  end: RefundEnd,
  { now, eventId, traceparent }: Settling,
): Promise<Settled> {
  await tx.query(LOCK_INVOICE_OF_REFUND, [refundId]);
  const locked = (await tx.query<Locked>(READ_REFUND, [refundId])).rows[0];
  if (!locked) throw new Error('a refund that was there is gone');
  if (locked.result !== 'PENDING') return { settled: false, eventIds: [], refundId: null };
  const result = end.kind === 'refunded' ? 'REFUNDED' : 'FAILED';
  await tx.query(SETTLE, [refundId, result, end.ref, now]);
  if (end.kind === 'failed') {
    await tx.query(TOUCH_INVOICE, [locked.invoice_id, now]);
    await freeKey(tx, 'RefundPayment', refundId);
    return { settled: true, eventIds: [], refundId: null };
  }
  const given = await tx.query<{ whole: boolean }>(GIVE_BACK, [locked.invoice_id, locked.amount_minor, now]);
  const { invoice_id: invoiceId, booking_id: bookingId, amount_minor: amountMinor, currency } = locked;
  const isWhole = given.rows[0]?.whole ?? false;
  const event = { id: eventId, at: now, invoiceId, bookingId, refundId, amountMinor, currency, isWhole };
  await writeEvent(tx, invoiceRefunded(event), now, traceparent);
  await queueMail(tx, mailFor('REFUND', refundId, { bookingId, now }));
  return { settled: true, eventIds: [eventId], refundId: null };
}

const LOCK_INVOICE_OF_PAYMENT = `
  SELECT 1 FROM invoices i WHERE i.id = (SELECT p.invoice_id FROM payments p WHERE p.id = $1) FOR NO KEY UPDATE`;

const READ_PAYMENT = `SELECT p.result, ${REFUND_LEFT} AS left_minor FROM payments p WHERE p.id = $1`;

const LOCK_INVOICE_OF_REFUND = `
  SELECT 1 FROM invoices i
  WHERE i.id = (SELECT p.invoice_id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id = $1)
  FOR NO KEY UPDATE`;

const READ_REFUND = `
  SELECT i.id AS invoice_id, i.booking_id, p.id AS payment_id, r.result, r.amount_minor, r.currency
  FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN invoices i ON i.id = p.invoice_id
  WHERE r.id = $1`;

const SETTLE = `UPDATE refunds SET result = $2, acquirer_reference = $3, updated_at = $4 WHERE id = $1`;

const GIVE_BACK = `
  UPDATE invoices
  SET refunded_minor = refunded_minor + $2,
      status = CASE WHEN refunded_minor + $2 = paid_minor THEN 'REFUNDED' ELSE 'PARTIALLY_REFUNDED' END,
      updated_at = $3
  WHERE id = $1
  RETURNING refunded_minor = paid_minor AS whole`;

const ORDER = `
  SELECT r.idempotency_key AS key, r.amount_minor AS "amountMinor", r.currency, p.acquirer_reference AS "chargeRef"
  FROM refunds r JOIN payments p ON p.id = r.payment_id
  WHERE r.id = $1`;

const PENDING = `
  SELECT id FROM refunds
  WHERE result = 'PENDING' AND created_at <= $1 AND id <> ALL ($2::bigint[])
  ORDER BY created_at LIMIT $3`;
