import { holdForPayment, wholeSeconds } from '../domain/booking.ts';
import { Refusal } from '../domain/refusal.ts';
import type { BookingParts } from './parts.ts';

/**
 * Consents to a payment: the hold cannot run out under its charge. A payment that asks again gets the same answer and
 * extends nothing, unless the booking was cancelled or has expired since: then no card is to be touched.
 */
export function beginPayment(
  { storage, now: clock }: Pick<BookingParts, 'storage' | 'now'>,
  bookingId: bigint,
  paymentKey: string,
): Promise<Date> {
  return storage().write(async (tx) => {
    const booking = await tx.lockBooking(bookingId);
    if (!booking) throw new Refusal('BOOKING_NOT_FOUND');
    const now = clock();
    const until = holdForPayment(booking, now);
    const given = await tx.findConsent(bookingId, paymentKey);
    if (given !== null) return given;
    if (until.getTime() !== booking.holdExpiresAt?.getTime()) {
      await tx.extendHold(bookingId, until, wholeSeconds(now));
    }
    await tx.noteConsent(bookingId, paymentKey, until, now);
    return until;
  });
}
