import { type Transaction, violatedConstraint } from '@banyan/service-kit/database';
import { queueMail } from '@banyan/service-kit/mailer';
import { writeEvent } from '@banyan/service-kit/outbox';
import type { InvoiceStatus, PaymentResult } from '../../domain/invoice.ts';
import {
  type KnownOutcome,
  LATE_REFUND_REASON,
  maySettle,
  requirePayable,
} from '../../domain/payment-rules.ts';
import { Refusal } from '../../domain/refusal.ts';
import { invoicePaid } from '../../events/made.ts';
import { mailFor } from '../../mail/kinds.ts';
import type { OwnStorageParts, Settling } from '../own-storage.ts';
import type { BegunPayment, BillingWrites, Made, NewPayment, PendingPayment, Settled } from '../port.ts';
import { insertRefund, TOUCH_INVOICE } from './refund-rows.ts';
import { freeKey, takeKey } from './request-keys.ts';

type PaymentWrites = Pick<
  BillingWrites,
  'newPaymentId' | 'beginPayment' | 'settlePayment' | 'pendingPayments'
>;

type Payable = {
  status: InvoiceStatus;
  total_minor: bigint;
  currency: string;
  booking_id: bigint;
  under_way: boolean;
};

type Locked = {
  booking_id: bigint;
  invoice_id: bigint;
  invoice_status: InvoiceStatus;
  result: PaymentResult;
  amount_minor: bigint;
  other_live: boolean;
};

export function createPaymentWrites({ database, now, newId, traceparent }: OwnStorageParts): PaymentWrites {
  return {
    async newPaymentId() {
      const { rows } = await database.query<{ id: bigint }>(`SELECT nextval('payments_id_seq') AS id`);
      return (rows[0] as { id: bigint }).id;
    },

    async beginPayment(payment) {
      try {
        return await database.transaction((tx) => begin(tx, payment, now()));
      } catch (error) {
        // The net below the lock: the database lets one live charge per invoice exist, whoever writes.
        if (violatedConstraint(error) === 'payments_one_live') {
          throw new Refusal('PAYMENT_IN_PROGRESS', { cause: error });
        }
        throw error;
      }
    },

    settlePayment: (paymentId, outcome) =>
      database.transaction((tx) =>
        settle(tx, paymentId, outcome, { now: now(), eventId: newId(), traceparent: traceparent?.() }),
      ),

    async pendingPayments(before, except, rowsMax) {
      return (await database.query<PendingPayment>(PENDING, [before, except, rowsMax])).rows;
    },
  };
}

async function begin(tx: Transaction, payment: NewPayment, now: Date): Promise<Made<BegunPayment>> {
  const invoice = (await tx.query<Payable>(LOCK_PAYABLE, [payment.invoiceId])).rows[0];
  if (!invoice) throw new Refusal('INVOICE_NOT_FOUND');
  // Before all else: the same request again must not find its own payment in progress.
  if (payment.requestKey !== null) {
    const known = await takeKey(tx, payment.requestKey, payment.paymentId, now);
    if (known !== null) return { kind: 'known', known };
  }
  requirePayable({ status: invoice.status, isUnderWay: invoice.under_way });
  const key = `inv-${payment.invoiceId}-${payment.paymentId}`;
  await tx.query(INSERT_PAYMENT, [
    payment.paymentId,
    payment.invoiceId,
    key,
    invoice.total_minor,
    invoice.currency,
    payment.cardBrand,
    payment.cardLast4,
    now,
  ]);
  await tx.query(TOUCH_INVOICE, [payment.invoiceId, now]);
  const { total_minor: amountMinor, currency, booking_id: bookingId } = invoice;
  return { kind: 'made', value: { id: payment.paymentId, key, amountMinor, currency, bookingId } };
}

async function settle(
  tx: Transaction,
  paymentId: bigint,
  outcome: KnownOutcome,
  { now, eventId, traceparent }: Settling,
): Promise<Settled> {
  await tx.query(LOCK_INVOICE_OF_PAYMENT, [paymentId]);
  const locked = (await tx.query<Locked>(READ, [paymentId])).rows[0];
  if (!locked) throw new Error('a payment that was there is gone');
  const payment = { id: paymentId, result: locked.result, isOtherLive: locked.other_live };
  if (!maySettle(payment, outcome)) return { settled: false, eventIds: [], refundId: null };
  await tx.query(SETTLE, [
    paymentId,
    outcome.kind === 'approved' ? 'APPROVED' : outcome.kind === 'declined' ? 'DECLINED' : 'FAILED',
    outcome.kind === 'declined' ? outcome.reason : null,
    outcome.kind === 'surely-not-charged' ? null : outcome.ref,
    now,
  ]);
  await tx.query(TOUCH_INVOICE, [locked.invoice_id, now]);
  if (outcome.kind === 'surely-not-charged') await freeKey(tx, 'PayInvoice', paymentId);
  if (outcome.kind !== 'approved') return { settled: true, eventIds: [], refundId: null };

  const isWanted = locked.invoice_status === 'OPEN';
  await tx.query(PAY_INVOICE, [locked.invoice_id, isWanted ? 'PAID' : locked.invoice_status, now]);
  if (!isWanted) {
    const late = { reason: LATE_REFUND_REASON, cause: 'end', now } as const;
    const refundId = await insertRefund(tx, { paymentId, amountMinor: locked.amount_minor, ...late });
    return { settled: true, eventIds: [], refundId };
  }
  const { invoice_id: invoiceId, booking_id: bookingId } = locked;
  await writeEvent(
    tx,
    invoicePaid({ id: eventId, at: now, invoiceId, bookingId, paymentId }),
    now,
    traceparent,
  );
  await queueMail(tx, mailFor('RECEIPT', paymentId, { bookingId, now }));
  return { settled: true, eventIds: [eventId], refundId: null };
}

const LOCK_PAYABLE = `
  SELECT i.status, i.total_minor, i.currency, i.booking_id,
         EXISTS (SELECT 1 FROM payments p WHERE p.invoice_id = i.id AND p.result IN ('PENDING', 'APPROVED'))
           AS under_way
  FROM invoices i WHERE i.id = $1 FOR NO KEY UPDATE`;

const INSERT_PAYMENT = `
  INSERT INTO payments (id, invoice_id, idempotency_key, result, amount_minor, currency, card_brand, card_last4,
                        created_at, updated_at)
  VALUES ($1, $2, $3, 'PENDING', $4, $5, $6, $7, $8, $8)`;

const LOCK_INVOICE_OF_PAYMENT = `
  SELECT 1 FROM invoices i WHERE i.id = (SELECT p.invoice_id FROM payments p WHERE p.id = $1) FOR NO KEY UPDATE`;

const READ = `
  SELECT i.booking_id, i.id AS invoice_id, i.status AS invoice_status, p.result, p.amount_minor,
         EXISTS (SELECT 1 FROM payments o
                 WHERE o.invoice_id = i.id AND o.id <> p.id AND o.result IN ('PENDING', 'APPROVED')) AS other_live
  FROM payments p JOIN invoices i ON i.id = p.invoice_id
  WHERE p.id = $1`;

const SETTLE = `
  UPDATE payments SET result = $2, decline_reason = $3, acquirer_reference = $4, updated_at = $5 WHERE id = $1`;

const PAY_INVOICE = `
  UPDATE invoices SET status = $2, paid_minor = total_minor, paid_at = $3, updated_at = $3 WHERE id = $1`;

const PENDING = `
  SELECT id, idempotency_key AS key, amount_minor AS "amountMinor", currency, created_at AS "createdAt" FROM payments
  WHERE result = 'PENDING' AND created_at <= $1 AND id <> ALL ($2::bigint[])
  ORDER BY created_at LIMIT $3`;
