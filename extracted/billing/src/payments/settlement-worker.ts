import type { Logger } from '@banyan/service-kit/logger';
import { type BackgroundWorker, createRepeating } from '@banyan/service-kit/repeating';
import type { AcquirerClient } from '../acquirer/acquirer-client.ts';
import type { KnownOutcome } from '../domain/payment-rules.ts';
import type { BillingWrites, PendingPayment } from '../storage/port.ts';
import { type BackoffById, createBackoffById } from './backoff-by-id.ts';
import type { RefundDesk } from './refund-desk.ts';

export type SettlementParts = {
  readonly storage: Pick<BillingWrites, 'pendingPayments' | 'pendingRefunds' | 'settlePayment'>;
  /** While billing is another side's, its payments are that side's to settle. */
  readonly isOwner: () => boolean;
  readonly acquirer: Pick<AcquirerClient, 'findCharge'>;
  readonly refunds: RefundDesk;
  readonly intervalMs: number;
  /** Younger ones are still in the hands of the request that made them. */
  readonly orphanedAfterMs?: number;
  readonly nothingFoundIsFinalMs?: number;
  readonly now: () => Date;
  readonly random: () => number;
  readonly logger: Logger;
};

/** Charging, looking up and settling take a request 25 s at most. */
const ORPHANED_AFTER_MS = 15_000;
/** The acquirer's promise is 30 s after sending; sending may take us 15 s. */
export const NOTHING_FOUND_IS_FINAL_MS = 60_000;
const BATCH_ROWS = 20;
const AT_ONCE = 5;
const BACKOFF = { baseMs: 2_000, mostMs: 300_000, entriesMax: 10_000 } as const;

export type SettlementReport = { readonly payments: number; readonly refunds: number };

/**
 * Settles what a request left open: PENDING payments by looking them up, PENDING refunds by asking again under their
 * key. Any number of processes may do so at once; each outcome is written once.
 */
export function createSettlementWorker(parts: SettlementParts): BackgroundWorker<SettlementReport> {
  const { storage, isOwner, acquirer, refunds, intervalMs, now, logger } = parts;
  const { orphanedAfterMs = ORPHANED_AFTER_MS, nothingFoundIsFinalMs = NOTHING_FOUND_IS_FINAL_MS } = parts;
  const paymentsBackoff = createBackoffById({ ...BACKOFF, ...parts });
  const refundsBackoff = createBackoffById({ ...BACKOFF, ...parts });

  const settleOne = async (payment: PendingPayment, signal: AbortSignal): Promise<boolean> => {
    const found = await acquirer.findCharge(payment, signal);
    const isFinal = now().getTime() - payment.createdAt.getTime() > nothingFoundIsFinalMs;
    if (found.kind === 'unreachable' || (found.kind === 'nothing' && !isFinal)) return false;
    const outcome: KnownOutcome =
      found.kind === 'nothing' ? { kind: 'surely-not-charged', why: 'not in the ledger' } : found;
    const { settled, refundId } = await storage.settlePayment(payment.id, outcome);
    if (settled) {
      logger.info({ payment: String(payment.id), outcome: outcome.kind }, 'a pending payment is settled');
    }
    if (refundId !== null) await refunds.carryOutSoon(refundId);
    return true;
  };

  const refundOne = async (id: bigint, signal: AbortSignal): Promise<boolean> => {
    const { outcome } = await refunds.carryOut(id, { signal });
    return outcome.kind === 'approved' || outcome.kind === 'declined';
  };

  const each = async <Row extends { readonly id: bigint }>(
    rows: readonly Row[],
    backoff: BackoffById,
    signal: AbortSignal,
    settle: (row: Row) => Promise<boolean>,
  ): Promise<number> => {
    let settled = 0;
    for (let start = 0; start < rows.length && !signal.aborted; start += AT_ONCE) {
      const done = await Promise.all(
        rows.slice(start, start + AT_ONCE).map(async (row) => {
          const isDone = await settle(row).catch((error: unknown) => {
            // One that cannot be settled must not keep the others from it.
            logger.error({ err: error, id: String(row.id) }, 'settling failed');
            return false;
          });
          if (isDone) backoff.forget(row.id);
          else backoff.failed(row.id);
          return isDone;
        }),
      );
      settled += done.filter(Boolean).length;
    }
    return settled;
  };

  const round = async (signal: AbortSignal): Promise<SettlementReport> => {
    if (!isOwner()) return { payments: 0, refunds: 0 };
    const before = new Date(now().getTime() - orphanedAfterMs);
    const payments = await storage.pendingPayments(before, paymentsBackoff.waiting(), BATCH_ROWS);
    const settled = await each(payments, paymentsBackoff, signal, (row) => settleOne(row, signal));
    const pending = await storage.pendingRefunds(before, refundsBackoff.waiting(), BATCH_ROWS);
    const refunded = await each(pending, refundsBackoff, signal, ({ id }) => refundOne(id, signal));
    return { payments: settled, refunds: refunded };
  };

  return createRepeating({ name: 'settlement', intervalMs, logger, round });
}
