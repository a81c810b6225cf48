import { createHash } from 'node:crypto';
import {
  BookingServiceService,
  CreateBookingRequest,
  CreateBookingResponse,
} from '@banyan/contracts/booking/v1/booking';
import { type CallContext, implement, type ServedService } from '@banyan/service-kit/handlers';
import { cancelBooking } from '../bookings/cancel-booking.ts';
import { createBooking, type RequestKey } from '../bookings/create-booking.ts';
import type { BookingParts } from '../bookings/parts.ts';
import { updateBooking } from '../bookings/update-booking.ts';
import { itineraryCalendar, itineraryFileName } from '../document/itinerary.ts';
import { requireRole, requireVisible } from '../domain/access.ts';
import { type Booking, requireActive } from '../domain/booking.ts';
import { checkBookingChange } from '../domain/booking-change.ts';
import { refusalOfFaults } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import {
  readBookingChange,
  readExport,
  readIdempotencyKey,
  readListBookings,
  readNewBooking,
} from './from-wire.ts';
import { answering, streaming } from './refusals.ts';
import { toExportedBooking, toWireBooking } from './to-wire.ts';

export type BookingServiceParts = {
  readonly choice: StorageChoice;
  readonly bookings: BookingParts;
};

type UserCall = CallContext<'user'>;

export function createBookingService({ choice, bookings }: BookingServiceParts): ServedService {
  /** The booking, if the caller may see it; a foreign one is as absent as none. */
  const visible = async ({ identity }: UserCall, id: bigint): Promise<Booking> =>
    requireVisible(identity, await choice.reads().findBooking(id));

  return implement(BookingServiceService, 'user', {
    createBooking: answering(async (request, { identity, signal }: UserCall) => {
      requireRole(identity, 'createBooking');
      const wanted = readNewBooking(request, identity);
      const requestKey = keyOf(request);
      const created = await createBooking(bookings, identity, wanted, requestKey, signal);
      if (created.kind === 'booked') return { booking: toWireBooking(created.booking), replayed: false };
      return { ...CreateBookingResponse.decode(created.answer), replayed: true };
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
      requireRole(ctx.identity, 'updateBooking');
      const before = await visible(ctx, request.bookingId);
      const change = readBookingChange(request);
      checkBookingChange(change, before);
      const version = request.expectedVersion ?? null;
      return {
        booking: toWireBooking(await updateBooking(bookings, before.id, change, version, ctx.signal)),
      };
    }),

    cancelBooking: answering(async ({ bookingId, expectedVersion }, ctx: UserCall) => {
      requireRole(ctx.identity, 'cancelBooking');
      const { id } = await visible(ctx, bookingId);
      const booking = await cancelBooking(bookings, id, expectedVersion ?? null, ctx.signal);
      return { booking: toWireBooking(booking) };
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

/** What the client asks for under its key; the key itself is no part of it. */
function keyOf(request: CreateBookingRequest): RequestKey | null {
  const key = readIdempotencyKey(request);
  if (key === null) return null;
  const bytes = CreateBookingRequest.encode({ ...request, idempotencyKey: undefined }).finish();
  return {
    key,
    requestHash: createHash('sha256').update(bytes).digest(),
    encode: (booking) =>
      Buffer.from(
        CreateBookingResponse.encode({ booking: toWireBooking(booking), replayed: false }).finish(),
      ),
  };
}
