import type { Pool } from 'pg';
import { isoInstant } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { queueMail } from '../mail/outgoing-mail.ts';
import { TOUCH_INVOICE } from './refunds.ts';

export type RefundEnd = { kind: 'refunded'; ref: string } | { kind: 'failed'; ref: string | null };

type Locked = { invoice_id: string; booking_id: string; contact_email: string; result: string };

/** Writes what became of a refund, and what follows for its invoice; once, whoever comes first. */
export function settleRefund(pool: Pool, refundId: string, end: RefundEnd, clock: () => Date): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_INVOICE, [refundId]);
    const locked = (await client.query<Locked>(READ, [refundId])).rows[0];
    if (!locked) throw new Error('a refund that was there is gone');
    if (locked.result !== 'PENDING') return;
    const now = clock();
    const result = end.kind === 'refunded' ? 'REFUNDED' : 'FAILED';
    await client.query(SETTLE, [refundId, result, end.ref, isoInstant(now)]);
    if (end.kind === 'failed') {
      await client.query(TOUCH_INVOICE, [locked.invoice_id, isoInstant(now)]);
      return;
    }
    await client.query(GIVE_BACK, [locked.invoice_id, refundId, isoInstant(now)]);
    await queueMail(client, {
      kind: 'REFUND',
      causeId: refundId,
      recipient: locked.contact_email,
      bookingId: locked.booking_id,
      invoiceId: locked.invoice_id,
      now,
    });
  });
}

const LOCK_INVOICE = `
  SELECT 1 FROM invoices i
  WHERE i.id = (SELECT p.invoice_id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id = $1)
  FOR NO KEY UPDATE`;

const READ = `
  SELECT i.id AS invoice_id, i.booking_id, b.contact_email, r.result
  FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN invoices i ON i.id = p.invoice_id
  JOIN bookings b ON b.id = i.booking_id
  WHERE r.id = $1`;

const SETTLE = `
  UPDATE refunds SET result = $2, acquirer_ref = $3, updated_at = $4::timestamptz WHERE id = $1`;

const GIVE_BACK = `
  UPDATE invoices i
  SET refunded = i.refunded + r.amount,
      status = CASE WHEN i.refunded + r.amount = i.paid THEN 'REFUNDED' ELSE 'PARTIALLY_REFUNDED' END,
      updated_at = $3::timestamptz
  FROM refunds r
  WHERE i.id = $1 AND r.id = $2`;
