import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { AcquirerClient, Outcome } from './acquirer-client.ts';
import type { InvoiceEventsNow } from './invoice-events.ts';
import { settleRefund } from './settle-refund.ts';

export type RefundDesk = {
  /**
   * Asks the acquirer for a PENDING refund under its key and records the answer if it is one. Anything else
   * leaves it PENDING: asking again under the same key is safe.
   */
  carryOut(refundId: string, options?: { deadlineMs?: number; signal?: AbortSignal }): Promise<Outcome>;
  /** As `carryOut`, within five seconds and never failing: the worker tries again. */
  carryOutSoon(refundId: string): Promise<void>;
};

type RefundParts = {
  pool: Pool;
  clock: () => Date;
  logger: Logger;
  acquirer: AcquirerClient;
  events: InvoiceEventsNow;
};

const SOON_MS = 4_000;

export function createRefundDesk({ pool, clock, logger, acquirer, events }: RefundParts): RefundDesk {
  const carryOut: RefundDesk['carryOut'] = async (refundId, options = {}) => {
    const { rows } = await pool.query<Order>(ORDER, [refundId]);
    const order = rows[0];
    if (!order) throw new Error('a refund that was there is gone');
    const outcome = await acquirer.refund(
      { key: order.key, amount: order.amount, currency: order.currency, chargeRef: order.charge_ref },
      options,
    );
    if (outcome.kind === 'approved') {
      await settleRefund(pool, refundId, { kind: 'refunded', ref: outcome.ref }, clock, events);
    } else if (outcome.kind === 'declined') {
      await settleRefund(pool, refundId, { kind: 'failed', ref: outcome.ref }, clock, events);
      logger.warn({ refund: refundId, reason: outcome.reason }, 'the acquirer refused a refund');
    }
    return outcome;
  };
  return {
    carryOut,
    async carryOutSoon(refundId) {
      try {
        const outcome = await carryOut(refundId, { deadlineMs: SOON_MS });
        logger.info({ refund: refundId, outcome: outcome.kind }, 'a refund was asked for');
      } catch (error) {
        // It is written down, so the worker will carry it out; the caller's own work is done.
        logger.warn({ err: error, refund: refundId }, 'a refund is left to the worker');
      }
    },
  };
}

type Order = { key: string; amount: string; currency: string; charge_ref: string };

const ORDER = `
  SELECT r.idempotency_key AS key, r.amount, r.currency, p.acquirer_ref AS charge_ref
  FROM refunds r JOIN payments p ON p.id = r.payment_id
  WHERE r.id = $1`;
