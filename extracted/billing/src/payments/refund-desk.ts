import type { Logger } from '@banyan/service-kit/logger';
import type { AcquirerClient, Outcome } from '../acquirer/acquirer-client.ts';
import type { BillingWrites } from '../storage/port.ts';
import type { AtStep } from './steps.ts';

export type CarriedOut = {
  readonly outcome: Outcome;
  /** Of what was written, for whoever waits until they are taken. */
  readonly eventIds: readonly string[];
};

export type RefundDesk = {
  /**
   * Asks the acquirer for a PENDING refund under its key and records the answer if it is one. Anything else leaves
   * it PENDING: asking again under the same key is safe.
   */
  carryOut(
    refundId: bigint,
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ): Promise<CarriedOut>;
  /** As `carryOut`, within a few seconds and never failing: the worker tries again. Gives the events' ids. */
  carryOutSoon(refundId: bigint): Promise<readonly string[]>;
  /** Lets those under way end. */
  stop(): Promise<void>;
};

export type RefundDeskParts = {
  readonly storage: Pick<BillingWrites, 'refundOrder' | 'settleRefund'>;
  readonly acquirer: Pick<AcquirerClient, 'refund'>;
  readonly atStep: AtStep;
  readonly logger: Logger;
};

const SOON_MS = 4_000;

export function createRefundDesk({ storage, acquirer, atStep, logger }: RefundDeskParts): RefundDesk {
  const underWay = new Set<Promise<unknown>>();

  const carryOut: RefundDesk['carryOut'] = async (refundId, options = {}) => {
    const outcome = await acquirer.refund(await storage.refundOrder(refundId), options);
    await atStep('refund carried out');
    if (outcome.kind === 'approved') {
      const { eventIds } = await storage.settleRefund(refundId, { kind: 'refunded', ref: outcome.ref });
      await atStep('refund settled');
      return { outcome, eventIds };
    }
    if (outcome.kind === 'declined') {
      await storage.settleRefund(refundId, { kind: 'failed', ref: outcome.ref });
      logger.warn({ refund: String(refundId), reason: outcome.reason }, 'the acquirer refused a refund');
    }
    return { outcome, eventIds: [] };
  };

  const carryOutQuietly = async (refundId: bigint): Promise<readonly string[]> => {
    try {
      const { outcome, eventIds } = await carryOut(refundId, { deadlineMs: SOON_MS });
      logger.info({ refund: String(refundId), outcome: outcome.kind }, 'a refund was asked for');
      return eventIds;
    } catch (error) {
      // It is written down, so the worker will carry it out; the caller's own work is done.
      logger.warn({ err: error, refund: String(refundId) }, 'a refund is left to the worker');
      return [];
    }
  };

  return {
    carryOut,
    carryOutSoon(refundId) {
      const work = carryOutQuietly(refundId).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
    async stop() {
      await Promise.all(underWay);
    },
  };
}
