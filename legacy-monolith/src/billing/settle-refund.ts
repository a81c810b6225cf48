import type { Pool } from 'pg';
import { isoInstant } from '../clock.ts';
import { inTransaction, nothingAfter } from '../db/transaction.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import type { InvoiceEventsNow } from './invoice-events.ts';
import { TOUCH_INVOICE } from './refunds.ts';

export type RefundEnd = { kind: 'refunded'; ref: string } | { kind: 'failed'; ref: string | null };

type Locked = { invoice_id: string; booking_id: string; result: string };

/** Writes what became of a refund, and what follows for its invoice; once, whoever comes first. */
export async function settleRefund(
  pool: Pool,
  refundId: string,
  end: RefundEnd,
  clock: () => Date,
  eventsNow: InvoiceEventsNow,
): Promise<void> {
  const after = await inTransaction(pool, async (client) => {
    const events = await eventsNow();
    await client.query(LOCK_INVOICE, [refundId]);
    const locked = (await client.query<Locked>(READ, [refundId])).rows[0];
    if (!locked) throw new Error('a refund that was there is gone');
    if (locked.result !== 'PENDING') return nothingAfter;
    const now = clock();
    const result = end.kind === 'refunded' ? 'REFUNDED' : 'FAILED';
    await client.query(SETTLE, [refundId, result, end.ref, isoInstant(now)]);
    if (end.kind === 'failed') {
      await client.query(TOUCH_INVOICE, [locked.invoice_id, isoInstant(now)]);
      return nothingAfter;
    }
    const { booking_id: bookingId, invoice_id: invoiceId } = locked;
    const { rows } = await client.query<GivenBack>(GIVE_BACK, [invoiceId, refundId, isoInstant(now)]);
    const given = rows[0] as GivenBack;
    await queueMail(client, {
      kind: 'REFUND',
      causeId: refundId,
      recipient: await events.contactOf(client, bookingId),
      bookingId,
      invoiceId,
      now,
    });
    return events.invoiceRefunded(client, { invoiceId, bookingId, refundId, ...given, at: now });
  });
  await after();
}

type GivenBack = { amount: string; currency: string; whole: boolean };

const LOCK_INVOICE = `
  SELECT 1 FROM invoices i
  WHERE i.id = (SELECT p.invoice_id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id = $1)
  FOR NO KEY UPDATE`;

const READ = `
  SELECT i.id AS invoice_id, i.booking_id, r.result
  FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN invoices i ON i.id = p.invoice_id
  WHERE r.id = $1`;

const SETTLE = `
  UPDATE refunds SET result = $2, acquirer_ref = $3, updated_at = $4::timestamptz WHERE id = $1`;

const GIVE_BACK = `
  UPDATE invoices i
  SET refunded = i.refunded + r.amount,
      status = CASE WHEN i.refunded + r.amount = i.paid THEN 'REFUNDED' ELSE 'PARTIALLY_REFUNDED' END,
      updated_at = $3::timestamptz
  FROM refunds r
  WHERE i.id = $1 AND r.id = $2
  RETURNING r.amount, r.currency, i.refunded = i.paid AS whole`;
