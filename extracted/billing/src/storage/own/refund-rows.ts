import type { Transaction } from '@banyan/service-kit/database';

/**
 * Why there is a refund: somebody ordered it, or a booking has ended. Its key says so, which goes with it to whatever
 * database it is copied to; what it gives as its reason is anybody's text.
 */
export type RefundCause = 'order' | 'end';

const KEY_PREFIXES = { order: 'ref', end: 'end' } as const satisfies Record<RefundCause, string>;

/**
 * Writes a PENDING refund down; the caller holds the invoice's lock and has checked what is left. The invoice counts
 * as changed, since it shows its refunds.
 */
export async function insertRefund(
  tx: Transaction,
  refund: {
    readonly paymentId: bigint;
    readonly amountMinor: bigint;
    readonly reason: string;
    readonly cause: RefundCause;
    readonly now: Date;
  },
): Promise<bigint> {
  const { rows } = await tx.query<{ id: bigint; invoice_id: bigint }>(INSERT_REFUND, [
    refund.paymentId,
    refund.amountMinor,
    refund.reason,
    refund.now,
    KEY_PREFIXES[refund.cause],
  ]);
  const row = rows[0];
  if (!row) throw new Error('a payment that was there is gone');
  await tx.query(TOUCH_INVOICE, [row.invoice_id, refund.now]);
  return row.id;
}

const INSERT_REFUND = `
  WITH inserted AS (
    INSERT INTO refunds (id, payment_id, idempotency_key, result, amount_minor, currency, reason, created_at, updated_at)
    SELECT next.id, p.id, $5::text || '-' || p.id || '-' || next.id, 'PENDING', $2::bigint, p.currency, $3, $4::timestamptz,
           $4::timestamptz
    FROM payments p, (SELECT nextval('refunds_id_seq') AS id) AS next
    WHERE p.id = $1
    RETURNING id, payment_id)
  SELECT i.id, p.invoice_id FROM inserted i JOIN payments p ON p.id = i.payment_id`;

/** Of refunds `r`: whether it was made because the booking ended. */
export const IS_OF_THE_END = `r.idempotency_key LIKE '${KEY_PREFIXES.end}-%'`;

/** The invoice shows its payments and refunds: whatever changes them changes its `updated_at`. */
export const TOUCH_INVOICE = 'UPDATE invoices SET updated_at = $2 WHERE id = $1';

/** What refunds of a payment have not taken yet; PENDING ones count as taken. Of payments `p`. */
export const REFUND_LEFT = `
  (p.amount_minor - (SELECT coalesce(sum(r.amount_minor), 0) FROM refunds r
                     WHERE r.payment_id = p.id AND r.result <> 'FAILED'))::bigint`;
