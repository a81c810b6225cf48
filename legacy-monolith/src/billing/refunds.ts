import type { PoolClient } from 'pg';
import { isoInstant } from '../clock.ts';

export type NewRefund = {
  paymentId: string;
  amount: string;
  reason: string;
  /**
   * Somebody ordered it, or the booking has ended. The refund's key says so, which goes with it to whatever database
   * it is copied to; what it gives as its reason is anybody's text.
   */
  cause: 'order' | 'end';
  now: Date;
};

const KEY_PREFIXES = { order: 'ref', end: 'end' } as const;

/**
 * Writes a PENDING refund down; the caller holds the invoice's lock and has checked what is left. The invoice
 * counts as changed, since it shows its refunds.
 */
export async function insertRefund(client: PoolClient, refund: NewRefund): Promise<string> {
  const { rows } = await client.query<{ id: string; invoice_id: string }>(INSERT_REFUND, [
    refund.paymentId,
    refund.amount,
    refund.reason,
    isoInstant(refund.now),
    KEY_PREFIXES[refund.cause],
  ]);
  const row = rows[0];
  if (!row) throw new Error('a payment that was there is gone');
  await client.query(TOUCH_INVOICE, [row.invoice_id, isoInstant(refund.now)]);
  return row.id;
}

const INSERT_REFUND = `
  WITH inserted AS (
    INSERT INTO refunds (id, payment_id, idempotency_key, result, amount, currency, reason, created_at, updated_at)
    SELECT next.id, p.id, $5::text || '-' || p.id || '-' || next.id, 'PENDING', $2::numeric, p.currency, $3,
           $4::timestamptz, $4::timestamptz
    FROM payments p, (SELECT nextval('refunds_id_seq') AS id) AS next
    WHERE p.id = $1
    RETURNING id, payment_id)
  SELECT i.id, p.invoice_id FROM inserted i JOIN payments p ON p.id = i.payment_id`;

/** The invoice shows its payments and refunds: whatever changes them changes its Last-Modified. */
export const TOUCH_INVOICE = 'UPDATE invoices SET updated_at = $2::timestamptz WHERE id = $1';

/** Of refunds `r`: whether it was made because the booking ended. */
export const IS_OF_THE_END = `r.idempotency_key LIKE '${KEY_PREFIXES.end}-%'`;

/** What refunds of a payment have not taken yet; PENDING ones count as taken. Of payments `p`. */
export const REFUND_LEFT = `
  p.amount - (SELECT coalesce(sum(r.amount), 0.00) FROM refunds r
              WHERE r.payment_id = p.id AND r.result <> 'FAILED')`;
