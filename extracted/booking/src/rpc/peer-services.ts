import {
  BookingLookupServiceService,
  PaymentConsentServiceService,
} from '@banyan/contracts/booking/v1/booking';
import { implement, type ServedService } from '@banyan/service-kit/handlers';
import { beginPayment } from '../bookings/begin-payment.ts';
import type { BookingParts } from '../bookings/parts.ts';
import { Refusal, refusalOfFaults } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import { answering } from './refusals.ts';
import { toWireBooking } from './to-wire.ts';

const PAYMENT_KEY_CHARACTERS_MAX = 255;

/** What other contexts ask of booking. None of it is on behalf of a user. */
export function createPeerServices(parts: {
  readonly choice: StorageChoice;
  readonly bookings: Pick<BookingParts, 'storage' | 'now'>;
}): ServedService[] {
  const { choice, bookings } = parts;
  return [
    implement(PaymentConsentServiceService, 'service', {
      beginPayment: answering(async ({ bookingId, paymentKey }) => {
        if (
          paymentKey === '' ||
          paymentKey.length > PAYMENT_KEY_CHARACTERS_MAX ||
          paymentKey.includes('\0')
        ) {
          throw refusalOfFaults([{ field: 'payment_key', rule: 'invalid' }]);
        }
        return { holdExpiresAt: await beginPayment(bookings, bookingId, paymentKey) };
      }),
    }),
    implement(BookingLookupServiceService, 'service', {
      lookUpBooking: answering(async ({ bookingId }) => {
        const booking = await choice.reads().findBooking(bookingId);
        if (!booking) throw new Refusal('BOOKING_NOT_FOUND');
        return { booking: toWireBooking(booking) };
      }),
    }),
  ];
}
