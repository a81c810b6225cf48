import ical, { type ICalEventData, ICalEventStatus } from 'ical-generator';
import { parseWallClock } from '../clock.ts';
import type { BookingStatus } from './booking.ts';
import { bookingReference } from './reference.ts';

export type ItineraryRow = {
  id: string;
  status: BookingStatus;
  version: number;
  updated_at: string;
  number: string;
  departs_at: string;
  arrives_at: string;
  gate: string | null;
  origin_code: string;
  origin_name: string;
  destination_code: string;
  destination_name: string;
  passengers: readonly { name: string; seat: string | null }[];
};

export const SELECT_ITINERARY = `
  SELECT b.id, b.status, b.version, b.updated_at, f.number, f.departs_at, f.arrives_at, f.gate,
         o.code AS origin_code, o.name AS origin_name, d.code AS destination_code, d.name AS destination_name,
         (SELECT json_agg(json_build_object('name', p.first_name || ' ' || p.last_name, 'seat', s.seat)
                          ORDER BY p.position)
          FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
          WHERE p.booking_id = b.id) AS passengers
  FROM bookings b
  JOIN flights f ON f.id = b.flight_id
  JOIN airports o ON o.code = f.origin
  JOIN airports d ON d.code = f.destination
  WHERE b.id = $1`;

/** The calendar of one booking. Equal data give equal bytes: no clock and no random id go into it. */
export function itineraryCalendar(row: ItineraryRow): string {
  const reference = bookingReference(row.id);
  const event: ICalEventData = {
    id: `${reference}@meridian.example`,
    sequence: row.version - 1,
    stamp: parseWallClock(row.updated_at),
    start: parseWallClock(row.departs_at),
    end: parseWallClock(row.arrives_at),
    summary: `Flight ${row.number} ${row.origin_code}-${row.destination_code}`,
    location: `${row.origin_name} (${row.origin_code})`,
    description: description(row, reference),
    status: row.status === 'HELD' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
  };
  const calendar = ical({ prodId: { company: 'Meridian Air', product: 'Itinerary', language: 'EN' } });
  calendar.createEvent(event);
  return calendar.toString();
}

function description(row: ItineraryRow, reference: string): string {
  return [
    `Booking ${reference}`,
    `To ${row.destination_name} (${row.destination_code})`,
    ...(row.gate === null ? [] : [`Gate ${row.gate}`]),
    ...row.passengers.map(({ name, seat }) => (seat === null ? name : `${name}, seat ${seat}`)),
  ].join('\n');
}
