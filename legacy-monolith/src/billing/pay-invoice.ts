/**
 * Taking a card's money. What holds at every moment, a crash included:
 *
 * 1. One live charge per invoice: a second PENDING or APPROVED payment is refused by the database itself
 *    (`payments_one_live`), beside the invoice's lock.
 * 2. PENDING is committed before the acquirer is called. Whatever happens afterwards, the worker finds the row
 *    and learns from the acquirer, by the row's key, what became of it.
 * 3. The money recorded is the acquirer's ledger: APPROVED is written only on the acquirer's word, and FAILED
 *    only when it is sure that nothing was or will be charged. Not knowing stays PENDING.
 * 4. No transaction is open while the acquirer is asked.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { invoiceNumber } from '../bookings/reference.ts';
import type { AcquirerClient } from './acquirer-client.ts';
import { beginPayment } from './begin-payment.ts';
import type { Card } from './card.ts';
import type { InvoiceEventsNow } from './invoice-events.ts';
import type { PaymentConsent } from './payment-consent.ts';
import { notMoved, stillUnknown } from './payment-refusals.ts';
import type { RefundDesk } from './refund-desk.ts';
import { settlePayment } from './settle-payment.ts';

export type PaymentParts = {
  pool: Pool;
  clock: () => Date;
  logger: Logger;
  acquirer: AcquirerClient;
  refunds: RefundDesk;
  consent: PaymentConsent;
  events: InvoiceEventsNow;
};

/**
 * A process that slept between its commit and its call must not charge any more: by then the worker may have
 * concluded that nothing was sent. Well below `NOTHING_FOUND_IS_FINAL_MS` of the worker.
 */
const SEND_WITHIN_MS = 15_000;

/** Pays an invoice; gives the payment's id once its outcome is recorded. Throws the 409s and the 503s. */
export async function payInvoice(
  { pool, clock, logger, acquirer, refunds, consent, events }: PaymentParts,
  invoice: { id: string; bookingId: string },
  card: Card,
): Promise<string> {
  const begunAt = clock().getTime();
  const payment = await beginPayment(pool, invoice, card, clock, consent);
  const late = clock().getTime() - begunAt > SEND_WITHIN_MS;
  const outcome = late
    ? ({ kind: 'surely-not-charged', why: 'not sent in time' } as const)
    : await acquirer.charge({ ...payment, reference: invoiceNumber(payment.bookingId), card });
  const line = {
    payment: payment.id,
    outcome: outcome.kind,
    why: 'why' in outcome ? outcome.why : undefined,
  };
  if (outcome.kind === 'unknown') {
    logger.warn(line, 'a payment is left pending');
    throw stillUnknown();
  }
  const { refundId, after } = await settlePayment(pool, payment.id, outcome, clock, events);
  logger.info(line, 'a payment is settled');
  await after();
  if (refundId !== null) await refunds.carryOutSoon(refundId);
  if (outcome.kind === 'surely-not-charged') throw notMoved('Nothing was charged.');
  return payment.id;
}
