import { RemoteError } from '@banyan/service-kit/client';
import { Refusal } from '../domain/refusal.ts';
import type { PaymentConsent } from '../payments/pay-invoice.ts';
import type { BookingOwner } from './booking-owner.ts';

const DEADLINE_MS = 4_000;
/** A booking that its owner does not know cannot be held for anybody either. */
const REFUSED = ['HOLD_OVER', 'BOOKING_NOT_FOUND'];

export function createPaymentConsent(owner: BookingOwner): PaymentConsent {
  const ask = async (bookingId: bigint, paymentKey: string): Promise<void> => {
    const side = await owner.current();
    if (side === null) throw new Refusal('CONSENT_UNAVAILABLE');
    await side.consent.beginPayment({ bookingId, paymentKey }, { deadlineMs: DEADLINE_MS });
  };

  return async (bookingId, paymentKey) => {
    try {
      await ask(bookingId, paymentKey).catch((error) => {
        if (!(error instanceof RemoteError) || error.reason !== 'NOT_THE_OWNER') throw error;
        // It changed hands since it was known; the same payment may ask again.
        owner.forget();
        return ask(bookingId, paymentKey);
      });
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof RemoteError && REFUSED.includes(error.reason)) {
        throw new Refusal('HOLD_OVER', { cause: error });
      }
      throw new Refusal('CONSENT_UNAVAILABLE', { cause: error });
    }
  };
}
