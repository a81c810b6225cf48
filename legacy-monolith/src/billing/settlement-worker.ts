import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { isoInstant, plusMs } from '../clock.ts';
import { type Backoff, createBackoff } from '../jobs/backoff.ts';
import { createRepeating } from '../jobs/repeating.ts';
import type { BackgroundWorker } from '../parts.ts';
import type { AcquirerClient } from './acquirer-client.ts';
import type { InvoiceEventsNow } from './invoice-events.ts';
import type { RefundDesk } from './refund-desk.ts';
import { settlePayment } from './settle-payment.ts';

export type SettlementParts = {
  pool: Pool;
  clock: () => Date;
  logger: Logger;
  acquirer: AcquirerClient;
  refunds: RefundDesk;
  events: InvoiceEventsNow;
  /** Whether billing is here; the payments of others are not ours to settle. */
  ownsBilling: () => Promise<boolean>;
  intervalMs: number;
};

/** Younger ones are still in the hands of the request that made them. */
const ORPHANED_AFTER_MS = 15_000;
/** The acquirer's promise is 30 s after sending (docs/acquirer.md); sending may take us 15 s. */
export const NOTHING_FOUND_IS_FINAL_MS = 60_000;
const BATCH = 20;
const AT_ONCE = 5;

type PendingPayment = { id: string; key: string; amount: string; currency: string; created_at: Date };

export type SettlementReport = { payments: number; refunds: number };

/**
 * Settles what a request left open: PENDING payments by looking them up, PENDING refunds by asking again under
 * their key. Any number of processes may do so at once; each outcome is written once.
 */
export function createSettlementWorker(parts: SettlementParts): BackgroundWorker {
  const { pool, clock, logger, acquirer, refunds, events, intervalMs } = parts;
  const paymentsBackoff = createBackoff({ baseMs: 2_000, mostMs: 300_000, entriesMax: 10_000, clock });
  const refundsBackoff = createBackoff({ baseMs: 2_000, mostMs: 300_000, entriesMax: 10_000, clock });

  async function settleOne(payment: PendingPayment, signal: AbortSignal): Promise<boolean> {
    const found = await acquirer.findCharge(payment, signal);
    const isFinal = clock().getTime() - payment.created_at.getTime() > NOTHING_FOUND_IS_FINAL_MS;
    if (found.kind === 'unreachable' || (found.kind === 'nothing' && !isFinal)) return false;
    const outcome =
      found.kind === 'nothing' ? ({ kind: 'surely-not-charged', why: 'not in the ledger' } as const) : found;
    const { settled, refundId, after } = await settlePayment(pool, payment.id, outcome, clock, events);
    if (settled) logger.info({ payment: payment.id, outcome: outcome.kind }, 'a pending payment is settled');
    await after();
    if (refundId !== null) await refunds.carryOutSoon(refundId);
    return true;
  }

  async function refundOne(id: string, signal: AbortSignal): Promise<boolean> {
    const outcome = await refunds.carryOut(id, { signal });
    return outcome.kind === 'approved' || outcome.kind === 'declined';
  }

  async function each<Row extends { id: string }>(
    rows: readonly Row[],
    backoff: Backoff,
    signal: AbortSignal,
    settle: (row: Row) => Promise<boolean>,
  ): Promise<number> {
    let settled = 0;
    for (let start = 0; start < rows.length && !signal.aborted; start += AT_ONCE) {
      const done = await Promise.all(
        rows.slice(start, start + AT_ONCE).map(async (row) => {
          const success = await settle(row).catch((error: unknown) => {
            // One that cannot be settled must not keep the others from it.
            logger.error({ err: error, id: row.id }, 'settling failed');
            return false;
          });
          if (success) backoff.forget(row.id);
          else backoff.failed(row.id);
          return success;
        }),
      );
      settled += done.filter(Boolean).length;
    }
    return settled;
  }

  return createRepeating('settlement', intervalMs, logger, async (signal): Promise<SettlementReport> => {
    if (!(await parts.ownsBilling())) return { payments: 0, refunds: 0 };
    const before = isoInstant(plusMs(clock(), -ORPHANED_AFTER_MS));
    const payments = await pool.query<PendingPayment>(PENDING_PAYMENTS, [
      before,
      paymentsBackoff.waiting(),
      BATCH,
    ]);
    const settled = await each(payments.rows, paymentsBackoff, signal, (row) => settleOne(row, signal));
    const pending = await pool.query<{ id: string }>(PENDING_REFUNDS, [
      before,
      refundsBackoff.waiting(),
      BATCH,
    ]);
    const refunded = await each(pending.rows, refundsBackoff, signal, ({ id }) => refundOne(id, signal));
    return { payments: settled, refunds: refunded };
  });
}

const PENDING_PAYMENTS = `
  SELECT id, idempotency_key AS key, amount, currency, created_at FROM payments
  WHERE result = 'PENDING' AND created_at <= $1::timestamptz AND id <> ALL ($2::bigint[])
  ORDER BY created_at LIMIT $3`;

const PENDING_REFUNDS = `
  SELECT id FROM refunds
  WHERE result = 'PENDING' AND created_at <= $1::timestamptz AND id <> ALL ($2::bigint[])
  ORDER BY created_at LIMIT $3`;
