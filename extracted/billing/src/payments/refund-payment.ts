import { Refusal } from '../domain/refusal.ts';
import type { BillingWrites, KnownRequest, NewRefund } from '../storage/port.ts';
import type { CarriedOut, RefundDesk } from './refund-desk.ts';
import type { AtStep } from './steps.ts';
import type { UntilTaken } from './until-taken.ts';

export type RefundParts = {
  readonly storage: Pick<BillingWrites, 'beginRefund' | 'settleRefund'>;
  readonly refunds: Pick<RefundDesk, 'carryOut'>;
  readonly untilTaken: UntilTaken;
  readonly atStep: AtStep;
};

export type Refunded =
  | { readonly kind: 'refunded'; readonly refundId: bigint }
  | { readonly kind: 'known'; readonly known: KnownRequest };

/**
 * An accountant's refund: written down, then asked for. Where it is sure that nothing moved it has FAILED and may be
 * asked for again; where nobody knows it stays PENDING and the worker goes on under the same key.
 */
export async function refundPayment(
  { storage, refunds, untilTaken, atStep }: RefundParts,
  wanted: NewRefund,
): Promise<Refunded> {
  const begun = await storage.beginRefund(wanted);
  if (begun.kind === 'known') return begun;
  const refundId = begun.value;
  await atStep('refund begun');
  const { outcome, eventIds } = await carryOut(storage, refunds, refundId);
  await untilTaken(eventIds);
  switch (outcome.kind) {
    case 'approved':
      return { kind: 'refunded', refundId };
    case 'declined':
      throw new Refusal('REFUND_DECLINED');
    case 'surely-not-charged':
      throw new Refusal('ACQUIRER_UNAVAILABLE');
    case 'unknown':
      throw new Refusal('OUTCOME_UNKNOWN');
    default:
      return outcome satisfies never;
  }
}

/** A failure here, of the database or because billing changed hands, leaves it PENDING: somebody goes on with it. */
async function carryOut(
  storage: RefundParts['storage'],
  refunds: RefundParts['refunds'],
  refundId: bigint,
): Promise<CarriedOut> {
  try {
    const carriedOut = await refunds.carryOut(refundId);
    if (carriedOut.outcome.kind === 'surely-not-charged') {
      await storage.settleRefund(refundId, { kind: 'failed', ref: null });
    }
    return carriedOut;
  } catch (error) {
    throw new Refusal('OUTCOME_UNKNOWN', { cause: error });
  }
}
