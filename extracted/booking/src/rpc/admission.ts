import type {
  ExportBookingsRequest,
  GetItineraryRequest,
  NotifyPassengersRequest,
} from '@banyan/contracts/booking/v1/booking';
import type { CallContext } from '@banyan/service-kit/handlers';
import type { BookingParts } from '../bookings/parts.ts';
import { requireRole, requireVisible } from '../domain/access.ts';
import { type Booking, requireActive } from '../domain/booking.ts';
import type { Flight } from '../domain/flight.ts';
import { checkNotice } from '../domain/notice.ts';
import { refusalOfFaults } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import { readExport, readIdempotencyKey } from './from-wire.ts';

type UserCall = CallContext<'user'>;

export type Admission = ReturnType<typeof createAdmission>;

/**
 * What a call is about, for those who may ask for it. Throws the refusal for everybody else, and changes nothing: so
 * it may be asked before a call that is made later, and again by that.
 */
export function createAdmission({
  choice,
  bookings,
}: {
  readonly choice: StorageChoice;
  readonly bookings: Pick<BookingParts, 'facts'>;
}) {
  /** The booking, if the caller may see it; a foreign one is as absent as none. */
  const visible = async ({ identity }: UserCall, id: bigint): Promise<Booking> =>
    requireVisible(identity, await choice.reads().findBooking(id));

  const flight = async (id: bigint): Promise<Flight> => {
    // The copy does for an aircraft; only the directory can say that there is no such flight.
    const found = (await choice.reads().findFlight(id)) ?? (await bookings.facts.flight(id));
    if (!found) throw refusalOfFaults([{ field: 'flight_id', rule: 'not_found' }]);
    return found;
  };

  return {
    visible,
    flight,

    async itinerary({ bookingId }: GetItineraryRequest, call: UserCall): Promise<Booking> {
      requireRole(call.identity, 'getItinerary');
      const booking = await visible(call, bookingId);
      requireActive(booking);
      return booking;
    },

    async export(request: ExportBookingsRequest, { identity }: UserCall) {
      requireRole(identity, 'exportBookings');
      return readExport(request, identity);
    },

    async notice(request: NotifyPassengersRequest, { identity }: UserCall) {
      requireRole(identity, 'notifyPassengers');
      choice.owned();
      readIdempotencyKey(request);
      const notice = checkNotice(request);
      await flight(notice.flightId);
      return notice;
    },
  };
}
