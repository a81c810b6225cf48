import { BookingServiceService } from '@banyan/contracts/booking/v1/booking';
import { type CallContext, implement, type ServedService } from '@banyan/service-kit/handlers';
import { cancelBooking } from '../bookings/cancel-booking.ts';
import { createBooking } from '../bookings/create-booking.ts';
import { notifyPassengers } from '../bookings/notify-passengers.ts';
import type { BookingParts } from '../bookings/parts.ts';
import { updateBooking } from '../bookings/update-booking.ts';
import { itineraryCalendar, itineraryFileName } from '../document/itinerary.ts';
import { requireRole } from '../domain/access.ts';
import { checkBookingChange } from '../domain/booking-change.ts';
import { Refusal } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import type { Admission } from './admission.ts';
import { readBookingChange, readIdempotencyKey, readListBookings, readNewBooking } from './from-wire.ts';
import { answerKeyed } from './keyed-calls.ts';
import { answering, streaming } from './refusals.ts';
import { toExportedBooking, toWireBooking } from './to-wire.ts';

export type BookingServiceParts = {
  readonly choice: StorageChoice;
  readonly bookings: BookingParts;
  readonly admission: Admission;
};

type UserCall = CallContext<'user'>;

export function createBookingService({ choice, bookings, admission }: BookingServiceParts): ServedService {
  const { storage } = bookings;
  const { visible } = admission;

  return implement(BookingServiceService, 'user', {
    createBooking: answering(async (request, { identity, signal }: UserCall) => {
      requireRole(identity, 'createBooking');
      return answerKeyed('createBooking', request, { identity, signal, bookings }, (requestKey) =>
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
      const { cabin } = await admission.flight(flightId);
      return { cabin: { ...cabin } };
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
      return answerKeyed('updateBooking', request, { identity, signal, bookings }, async (requestKey) => {
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
      return answerKeyed('cancelBooking', request, { identity, signal, bookings }, async (requestKey) => {
        const { id: bookingId } = await visible(ctx, request.bookingId);
        const expectedVersion = request.expectedVersion ?? null;
        return cancelBooking(bookings, { bookingId, expectedVersion, requestKey }, signal);
      });
    }),

    getItinerary: answering(async (request, ctx: UserCall) => {
      const booking = await admission.itinerary(request, ctx);
      return {
        fileName: itineraryFileName(booking),
        content: Buffer.from(itineraryCalendar(booking)),
      };
    }),

    exportBookings: streaming(async function* (request, ctx: UserCall) {
      const filter = await admission.export(request, ctx);
      const reads = choice.reads();
      const total = ctx.progress ? await reads.countBookings(filter) : 0;
      let done = 0;
      for await (const batch of reads.exportBookings(filter, ctx.signal)) {
        done += batch.length;
        ctx.progress?.(done, Math.max(done, total));
        yield { bookings: batch.map(toExportedBooking) };
      }
    }),

    notifyPassengers: answering(async (request, ctx: UserCall) => {
      const notice = await admission.notice(request, ctx);
      const key = readIdempotencyKey(request);
      // It lasts longer than anybody waits for an answer.
      if (ctx.jobId === undefined || key === null) throw new Refusal('ONLY_AS_JOB');
      const wish = { accountId: ctx.identity.accountId, key, now: bookings.now };
      return { mailCount: await notifyPassengers(storage(), notice, wish, ctx) };
    }),
  });
}
