import type { Logger } from '@banyan/service-kit/logger';
import type { EventDispatcher } from '@banyan/service-kit/outbox';
import type { AcquirerClient, Outcome } from '../acquirer/acquirer-client.ts';
import type { BillingWrites } from '../storage/port.ts';
import type { AtStep } from './steps.ts';

export type RefundDesk = {
  /**
   * Asks the acquirer for a PENDING refund under its key and records the answer if it is one. Anything else leaves
   * it PENDING: asking again under the same key is safe.
   */
  carryOut(
    refundId: bigint,
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ): Promise<Outcome>;
  /** As `carryOut`, within a few seconds and never failing: the worker tries again. */
  carryOutSoon(refundId: bigint): Promise<void>;
  /** Lets those under way end. */
  stop(): Promise<void>;
};

export type RefundDeskParts = {
  readonly storage: Pick<BillingWrites, 'refundOrder' | 'settleRefund'>;
  readonly acquirer: Pick<AcquirerClient, 'refund'>;
  readonly events: Pick<EventDispatcher, 'deliverSoon'>;
  readonly atStep: AtStep;
  readonly logger: Logger;
};

const SOON_MS = 4_000;

export function createRefundDesk({ storage, acquirer, events, atStep, logger }: RefundDeskParts): RefundDesk {
  const underWay = new Set<Promise<void>>();

  const carryOut: RefundDesk['carryOut'] = async (refundId, options = {}) => {
    const outcome = await acquirer.refund(await storage.refundOrder(refundId), options);
    await atStep('refund carried out');
    if (outcome.kind === 'approved') {
      const { eventIds } = await storage.settleRefund(refundId, { kind: 'refunded', ref: outcome.ref });
      await atStep('refund settled');
      await events.deliverSoon(eventIds);
    } else if (outcome.kind === 'declined') {
      await storage.settleRefund(refundId, { kind: 'failed', ref: outcome.ref });
      logger.warn({ refund: String(refundId), reason: outcome.reason }, 'the acquirer refused a refund');
    }
    return outcome;
  };

  const carryOutQuietly = async (refundId: bigint): Promise<void> => {
    try {
      const outcome = await carryOut(refundId, { deadlineMs: SOON_MS });
      logger.info({ refund: String(refundId), outcome: outcome.kind }, 'a refund was asked for');
    } catch (error) {
      // It is written down, so the worker will carry it out; the caller's own work is done.
      logger.warn({ err: error, refund: String(refundId) }, 'a refund is left to the worker');
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
