import type { Event } from '@banyan/contracts/events/v1/events';
import { moneyOf } from '@banyan/service-kit/money';

type Made = {
  readonly id: string;
  readonly at: Date;
  readonly invoiceId: bigint;
  readonly bookingId: bigint;
};

/** The events that billing tells booking's owner. */
export function invoicePaid({
  id,
  at,
  invoiceId,
  bookingId,
  paymentId,
}: Made & { readonly paymentId: bigint }): Event {
  return {
    id,
    occurredAt: at,
    body: { $case: 'invoicePaid', value: { invoiceId, bookingId, paymentId, paidAt: at } },
  };
}

export function invoiceRefunded(
  made: Made & {
    readonly refundId: bigint;
    readonly amountMinor: bigint;
    readonly currency: string;
    readonly isWhole: boolean;
  },
): Event {
  const { id, at, invoiceId, bookingId, refundId, amountMinor, currency, isWhole } = made;
  const amount = moneyOf(amountMinor, currency);
  const value = { invoiceId, bookingId, refundId, amount, whole: isWhole };
  return { id, occurredAt: at, body: { $case: 'invoiceRefunded', value } };
}
