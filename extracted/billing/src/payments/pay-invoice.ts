/**
 * Taking a card's money. What holds at every moment, a crash included:
 *
 * 1. One live charge per invoice: a second PENDING or APPROVED payment is refused by the database itself
 *    (`payments_one_live`), beside the invoice's lock.
 * 2. PENDING is committed before the acquirer is called. Whatever happens afterwards, the worker finds the row and
 *    learns from the acquirer, by the row's key, what became of it.
 * 3. The money recorded is the acquirer's ledger: APPROVED is written only on the acquirer's word, and FAILED only
 *    when it is sure that nothing was or will be charged. Not knowing stays PENDING.
 * 4. No transaction is open while the acquirer or the booking's owner is asked.
 * 5. No card is touched without the consent of the booking's owner, who keeps the hold from running out under the
 *    charge. It is asked before the payment is written down, so that a refusal leaves no trace in the invoice.
 */
import type { Logger } from '@banyan/service-kit/logger';
import type { AcquirerClient, Outcome } from '../acquirer/acquirer-client.ts';
import { brandOf, type Card } from '../domain/card.ts';
import type { Invoice } from '../domain/invoice.ts';
import { requirePayable } from '../domain/payment-rules.ts';
import { invoiceNumber } from '../domain/reference.ts';
import { Refusal } from '../domain/refusal.ts';
import type { BegunPayment, BillingWrites, KnownRequest, RequestKey, Settled } from '../storage/port.ts';
import type { RefundDesk } from './refund-desk.ts';
import type { AtStep } from './steps.ts';
import type { UntilTaken } from './until-taken.ts';

/** The booking's owner lets a payment begin, or throws `Refusal` HOLD_OVER or CONSENT_UNAVAILABLE. */
export type PaymentConsent = (bookingId: bigint, paymentKey: string) => Promise<void>;

export type PaymentParts = {
  readonly storage: Pick<BillingWrites, 'newPaymentId' | 'beginPayment' | 'settlePayment'>;
  readonly consent: PaymentConsent;
  readonly acquirer: Pick<AcquirerClient, 'charge'>;
  readonly refunds: Pick<RefundDesk, 'carryOutSoon'>;
  readonly untilTaken: UntilTaken;
  readonly atStep: AtStep;
  readonly now: () => Date;
  readonly logger: Logger;
};

/**
 * A process that slept between its commit and its call must not charge any more: by then the worker may have
 * concluded that nothing was sent. Well below `NOTHING_FOUND_IS_FINAL_MS` of the worker.
 */
const SEND_WITHIN_MS = 15_000;

export type PaymentOrder = {
  readonly invoice: Invoice;
  readonly card: Card;
  readonly requestKey: RequestKey | null;
};

export type Paid =
  | { readonly kind: 'paid'; readonly paymentId: bigint }
  | { readonly kind: 'known'; readonly known: KnownRequest };

/** Pays an invoice; comes back once the outcome is recorded, and `Refusal`s tell why it is not paid. */
export async function payInvoice(parts: PaymentParts, order: PaymentOrder): Promise<Paid> {
  const { storage, consent, atStep, now } = parts;
  const { invoice, card, requestKey } = order;
  requirePayable({
    status: invoice.status,
    isUnderWay: invoice.payments.some(({ result }) => result === 'PENDING'),
  });
  const paymentId = await storage.newPaymentId();
  await consent(invoice.bookingId, paymentId.toString());
  await atStep('consent given');
  const begunAt = now().getTime();
  const begun = await storage.beginPayment({
    paymentId,
    invoiceId: invoice.id,
    cardBrand: brandOf(card.number),
    cardLast4: card.number.slice(-4),
    requestKey,
  });
  if (begun.kind === 'known') return begun;
  await atStep('payment begun');
  const isLate = now().getTime() - begunAt > SEND_WITHIN_MS;
  await chargeAndSettle(parts, begun.value, isLate ? null : card);
  return { kind: 'paid', paymentId };
}

async function chargeAndSettle(parts: PaymentParts, payment: BegunPayment, card: Card | null): Promise<void> {
  const { acquirer, refunds, untilTaken, atStep, logger } = parts;
  const reference = invoiceNumber(payment.bookingId);
  const outcome: Outcome =
    card === null
      ? { kind: 'surely-not-charged', why: 'not sent in time' }
      : await acquirer.charge({ ...payment, reference, card });
  await atStep('card charged');
  const line = {
    payment: String(payment.id),
    outcome: outcome.kind,
    why: 'why' in outcome ? outcome.why : undefined,
  };
  if (outcome.kind === 'unknown') {
    logger.warn(line, 'a payment is left pending');
    throw new Refusal('OUTCOME_UNKNOWN');
  }
  let settled: Settled;
  try {
    settled = await parts.storage.settlePayment(payment.id, outcome);
  } catch (error) {
    // Known here, and recorded nowhere yet: whoever owns billing by now looks it up.
    logger.error({ ...line, err: error }, 'the outcome of a payment could not be recorded');
    throw new Refusal('OUTCOME_UNKNOWN', { cause: error });
  }
  logger.info(line, 'a payment is settled');
  await atStep('payment settled');
  await untilTaken(settled.eventIds);
  if (settled.refundId !== null) await untilTaken(await refunds.carryOutSoon(settled.refundId));
  if (outcome.kind === 'surely-not-charged') throw new Refusal('ACQUIRER_UNAVAILABLE');
}
