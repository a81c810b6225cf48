import type { PaymentConsent } from '../../billing/payment-consent.ts';
import { extendHold, type Hold, isHeld, lockHold } from '../../bookings/hold.ts';

/** Bookings are here: the hold is asked and extended in the payment's own transaction. */
export const localConsent: PaymentConsent = {
  ask: async ({ bookingId }) => ({
    paymentId: null,
    async lock(client) {
      const hold = await lockHold(client, bookingId);
      if (!hold) throw new Error('a booking that was there is gone');
      return {
        isHeld: (now) => isHeld(hold, now),
        extend: async (now) => void (await extendHold(client, bookingId, heldOf(hold), now)),
      };
    },
  }),
};

function heldOf({ hold_expires_at }: Hold): { hold_expires_at: string } {
  if (hold_expires_at === null) throw new Error('a hold that is none cannot be extended');
  return { hold_expires_at };
}
