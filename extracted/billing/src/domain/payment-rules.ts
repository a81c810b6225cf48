import { type FareClass, refundableMinor } from './fare-rules.ts';
import type { InvoiceStatus, PaymentResult } from './invoice.ts';
import { leastOf, toDecimal } from './money.ts';
import { Refusal } from './refusal.ts';

/** What is known after asking the acquirer, when it is known. */
export type KnownOutcome =
  | { readonly kind: 'approved'; readonly ref: string }
  | { readonly kind: 'declined'; readonly ref: string; readonly reason: string }
  | { readonly kind: 'surely-not-charged'; readonly why: string };

/** Throws why an invoice cannot be paid now. `isUnderWay`: a payment is PENDING or APPROVED. */
export function requirePayable(invoice: {
  readonly status: InvoiceStatus;
  readonly isUnderWay: boolean;
}): void {
  if (invoice.status === 'VOID') throw new Refusal('INVOICE_VOID');
  if (invoice.status !== 'OPEN') throw new Refusal('INVOICE_PAID');
  if (invoice.isUnderWay) throw new Refusal('PAYMENT_IN_PROGRESS');
}

/** The acquirer charged for a payment that had been given up while another took its place. Needs a person. */
export class ChargedTwiceError extends Error {
  override readonly name = 'ChargedTwiceError';

  constructor(paymentId: bigint) {
    super(
      `payment ${paymentId} was charged after it had been given up, beside another one: refund it by hand`,
    );
  }
}

/**
 * Whether an outcome is to be written over what a payment has; once, whoever comes first. Money outweighs what had
 * been concluded: a charge that turns up after all is recorded all the same.
 */
export function maySettle(
  payment: { readonly id: bigint; readonly result: PaymentResult; readonly isOtherLive: boolean },
  outcome: KnownOutcome,
): boolean {
  if (payment.result === 'PENDING') return true;
  if (payment.result !== 'FAILED' || outcome.kind !== 'approved') return false;
  if (payment.isOtherLive) throw new ChargedTwiceError(payment.id);
  return true;
}

/** How much an accountant's refund gives back; throws why it cannot be. */
export function decideRefund(
  payment: { readonly result: PaymentResult; readonly leftMinor: bigint },
  wantedMinor: bigint | null,
): bigint {
  if (payment.result !== 'APPROVED') throw new Refusal('NOT_REFUNDABLE');
  if (payment.leftMinor <= 0n) throw new Refusal('NOTHING_LEFT');
  const minor = wantedMinor ?? payment.leftMinor;
  if (minor > payment.leftMinor) {
    throw new Refusal('MORE_THAN_LEFT', { metadata: { left: toDecimal(payment.leftMinor) } });
  }
  return minor;
}

/** Why a booking is no more. */
export type Closing =
  | {
      readonly kind: 'cancelled';
      readonly fareClass: FareClass;
      readonly passengers: number;
      /** It was paid for: the fare's rule says what goes back. Else a payment that came goes back whole. */
      readonly wasConfirmed: boolean;
    }
  | { readonly kind: 'expired' };

export type ClosingEffect =
  | { readonly kind: 'void' }
  | { readonly kind: 'refund'; readonly amountMinor: bigint; readonly reason: string }
  | { readonly kind: 'nothing' };

export const LATE_REFUND_REASON = 'Booking was no longer held';
const CANCELLED_REFUND_REASON = 'Booking cancelled';

/**
 * What the end of a booking means for its invoice. `leftMinor`: of the approved payment, where there is one.
 * `isGivenBack`: its end was told before, perhaps to another database that this one was copied from since.
 */
export function decideClosing(
  closing: Closing,
  invoice: {
    readonly status: InvoiceStatus;
    readonly totalMinor: bigint;
    readonly leftMinor: bigint | null;
    readonly isGivenBack: boolean;
  },
): ClosingEffect {
  if (invoice.status === 'OPEN') return { kind: 'void' };
  if (invoice.isGivenBack) return { kind: 'nothing' };
  const left = invoice.leftMinor ?? 0n;
  if (closing.kind === 'cancelled' && closing.wasConfirmed) {
    const due = refundableMinor(closing.fareClass, invoice.totalMinor, closing.passengers);
    // The accountant may have given some of it back already.
    return refundOf(leastOf(due, left), CANCELLED_REFUND_REASON);
  }
  return refundOf(left, LATE_REFUND_REASON);
}

function refundOf(amountMinor: bigint, reason: string): ClosingEffect {
  return amountMinor > 0n ? { kind: 'refund', amountMinor, reason } : { kind: 'nothing' };
}
