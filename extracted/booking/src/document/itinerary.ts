import ical, { type ICalEventData, ICalEventStatus } from 'ical-generator';
import type { Booking } from '../domain/booking.ts';
import { bookingReference } from '../domain/reference.ts';

export function itineraryFileName({ id }: Pick<Booking, 'id'>): string {
  return `meridian-${bookingReference(id)}.ics`;
}

/** The calendar of one booking. Equal data give equal bytes: no clock and no random id go into it. */
export function itineraryCalendar(booking: Booking): string {
  const { flight } = booking;
  const reference = bookingReference(booking.id);
  const event: ICalEventData = {
    id: `${reference}@meridian.example`,
    sequence: booking.version - 1,
    stamp: booking.updatedAt,
    start: flight.departsAt,
    end: flight.arrivesAt,
    summary: `Flight ${flight.number} ${flight.origin}-${flight.destination}`,
    location: `${flight.originName} (${flight.origin})`,
    description: description(booking, reference),
    status: booking.status === 'HELD' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
  };
  const calendar = ical({ prodId: { company: 'Meridian Air', product: 'Itinerary', language: 'EN' } });
  calendar.createEvent(event);
  return calendar.toString();
}

function description({ flight, passengers }: Booking, reference: string): string {
  return [
    `Booking ${reference}`,
    `To ${flight.destinationName} (${flight.destination})`,
    ...(flight.gate === null ? [] : [`Gate ${flight.gate}`]),
    ...passengers.map(({ firstName, lastName, seat }) =>
      seat === null ? `${firstName} ${lastName}` : `${firstName} ${lastName}, seat ${seat}`,
    ),
  ].join('\n');
}
