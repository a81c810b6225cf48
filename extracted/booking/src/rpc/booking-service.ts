import { BookingServiceService } from '@banyan/contracts/booking/v1/booking';
import { type CallContext, implement, type ServedService } from '@banyan/service-kit/handlers';
import { cancelBooking } from '../bookings/cancel-booking.ts';
import { createBooking } from '../bookings/create-booking.ts';
import type { BookingParts } from '../bookings/parts.ts';
import { updateBooking } from '../bookings/update-booking.ts';
import { itineraryCalendar, itineraryFileName } from '../document/itinerary.ts';
import { requireRole, requireVisible } from '../domain/access.ts';
import { type Booking, requireActive } from '../domain/booking.ts';
import { checkBookingChange } from '../domain/booking-change.ts';
import { refusalOfFaults } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import { readBookingChange, readExport, readListBookings, readNewBooking } from './from-wire.ts';
import { answerKeyed } from './keyed-calls.ts';
import { answering, streaming } from './refusals.ts';
import { toExportedBooking, toWireBooking } from './to-wire.ts';

export type BookingServiceParts = {
  readonly choice: StorageChoice;
  readonly bookings: BookingParts;
};

type UserCall = CallContext<'user'>;

export function createBookingService({ choice, bookings }: BookingServiceParts): ServedService {
  const { storage } = bookings;
  /** The booking, if the caller may see it; a foreign one is as absent as none. */
  const visible = async ({ identity }: UserCall, id: bigint): Promise<Booking> =>
    requireVisible(identity, await choice.reads().findBooking(id));

  return implement(BookingServiceService, 'user', {
    createBooking: answering(async (request, { identity, signal }: UserCall) => {
      requireRole(identity, 'createBooking');
      return answerKeyed('createBooking', request, { identity, storage }, (requestKey) =>
        createBooking(bookings, identity, readNewBooking(request, identity), requestKey, signal),
      );
    }),

    getBooking: answering(async ({ bookingId }, ctx: UserCall) => {
      requireRole(ctx.identity, 'getBooking');
      const booking = await visible(ctx, bookingId);
      return { booking: toWireBooking(booking), cabin: { ...booking.flight.cabin } };
    }),

    getCabin: answering(async ({ flightId }, { identity }: UserCall) => {
      requireRole(identity, 'createBooking');
      // The copy does for an aircraft; only the directory can say that there is no such flight.
      const flight = (await choice.reads().findFlight(flightId)) ?? (await bookings.facts.flight(flightId));
      if (!flight) throw refusalOfFaults([{ field: 'flight_id', rule: 'not_found' }]);
      return { cabin: { ...flight.cabin } };
    }),

    listBookings: answering(async (request, { identity }: UserCall) => {
      requireRole(identity, 'listBookings');
      const { filter, page, nextToken } = readListBookings(request, identity);
      const { bookings: found, total, more } = await choice.reads().listBookings(filter, page);
      const last = found.at(-1);
      return {
        bookings: found.map(toWireBooking),
        nextPageToken: more && last ? nextToken(last.id) : '',
        totalSize: total,
      };
    }),

    updateBooking: answering(async (request, ctx: UserCall) => {
      const { identity, signal } = ctx;
      requireRole(identity, 'updateBooking');
      return answerKeyed('updateBooking', request, { identity, storage }, async (requestKey) => {
        const before = await visible(ctx, request.bookingId);
        const change = readBookingChange(request);
        checkBookingChange(change, before);
        const expectedVersion = request.expectedVersion ?? null;
        return updateBooking(bookings, { bookingId: before.id, change, expectedVersion, requestKey }, signal);
      });
    }),

    cancelBooking: answering(async (request, ctx: UserCall) => {
      const { identity, signal } = ctx;
      requireRole(identity, 'cancelBooking');
      return answerKeyed('cancelBooking', request, { identity, storage }, async (requestKey) => {
        const { id: bookingId } = await visible(ctx, request.bookingId);
        const expectedVersion = request.expectedVersion ?? null;
        return cancelBooking(bookings, { bookingId, expectedVersion, requestKey }, signal);
      });
    }),

    getItinerary: answering(async ({ bookingId }, ctx: UserCall) => {
      requireRole(ctx.identity, 'getItinerary');
      const booking = await visible(ctx, bookingId);
      requireActive(booking);
      return {
        fileName: itineraryFileName(booking),
        content: Buffer.from(itineraryCalendar(booking)),
      };
    }),

    exportBookings: streaming(async function* (request, { identity, signal }: UserCall) {
      requireRole(identity, 'exportBookings');
      const filter = readExport(request, identity);
      for await (const batch of choice.reads().exportBookings(filter, signal)) {
        yield { bookings: batch.map(toExportedBooking) };
      }
    }),
  });
}
