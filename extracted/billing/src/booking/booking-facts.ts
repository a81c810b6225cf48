import type { Booking } from '@banyan/contracts/booking/v1/booking';
import type { BookingOwner } from './booking-owner.ts';

/** What billing's mails say of a booking. */
export type BookingFacts = {
  readonly contactEmail: string;
  readonly reference: string;
  readonly flightNumber: string;
  readonly originCode: string;
  readonly originName: string;
  readonly destinationCode: string;
  readonly destinationName: string;
  readonly departsAt: Date;
  readonly arrivesAt: Date;
};

/** Asks booking's owner. Throws when there is none, or it does not answer: mails wait. */
export type LookUpBooking = (bookingId: bigint) => Promise<BookingFacts>;

export function createBookingLookup(owner: BookingOwner): LookUpBooking {
  return async (bookingId) => {
    const side = await owner.current();
    if (side === null) throw new Error('nobody who owns bookings is known');
    return factsFromWire((await side.lookup.lookUpBooking({ bookingId })).booking);
  };
}

export function factsFromWire(booking: Booking | undefined): BookingFacts {
  const { flight, contact } = booking ?? {};
  if (!booking || !flight?.departsAt || !flight.arrivesAt || !contact) {
    throw new Error("the owner's answer about a booking lacks its flight or contact");
  }
  return {
    contactEmail: contact.email,
    reference: booking.reference,
    flightNumber: flight.number,
    originCode: flight.origin,
    originName: flight.originName,
    destinationCode: flight.destination,
    destinationName: flight.destinationName,
    departsAt: flight.departsAt,
    arrivesAt: flight.arrivesAt,
  };
}
