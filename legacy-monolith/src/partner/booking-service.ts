import type { Pool } from 'pg';
import type { Caller } from '../auth/caller.ts';
import type { BookingRow } from '../bookings/booking.ts';
import { newBookingFacts, noSuchBooking } from '../bookings/booking-queries.ts';
import type { BookingsOf } from '../bookings/bookings.ts';
import { parseNewBooking } from '../bookings/new-booking.ts';
import { bookingIdOfReference } from '../bookings/reference.ts';
import { dayAfter } from '../clock.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import {
  type Element,
  type FlightChoice,
  toBookingElement,
  toBookingFields,
  toFlightChoice,
  toReference,
} from './booking-messages.ts';

export const OPERATIONS = ['GetBooking', 'CreateBooking'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The operations of the WSDL, by the functions that serve the API too. They throw refusals. */
export type BookingService = Record<Operation, (caller: Caller, parameters: Element) => Promise<Element>>;

export function createBookingService(pool: Pool, bookingsOf: BookingsOf): BookingService {
  return {
    async GetBooking(caller, parameters) {
      const id = bookingIdOfReference(toReference(parameters));
      if (id === null) throw noSuchBooking();
      return answer(await bookingsOf(caller).visible(id.toString()));
    },
    async CreateBooking(caller, parameters) {
      if (caller.identity.role === 'accountant') throw new Refusal('forbidden', 'Your role may not do this.');
      const flightId = await flightIdOf(pool, toFlightChoice(parameters));
      const values = toBookingFields(parameters, flightId);
      const wanted = await parseNewBooking({ kind: 'json', values }, false, newBookingFacts(pool));
      const bookings = bookingsOf(caller);
      return answer(await bookings.visible(await bookings.create(wanted, null)));
    },
  };
}

function answer(row: BookingRow): Element {
  return { booking: toBookingElement(row) };
}

async function flightIdOf(pool: Pool, choice: FlightChoice): Promise<string> {
  if ('flightId' in choice) return choice.flightId;
  const { flightNumber, departureDay } = choice;
  const { rows } = await pool.query<{ id: string }>(BY_NUMBER, [
    flightNumber.toUpperCase(),
    departureDay,
    dayAfter(departureDay),
  ]);
  const id = rows[0]?.id;
  if (id === undefined) throw invalidField('flightNumber', 'flightNumber: no such flight on this day');
  return id;
}

/** A number flies once a day; if ever twice, the first one is meant. */
const BY_NUMBER = `
  SELECT id FROM flights WHERE number = $1 AND departs_at >= $2 AND departs_at < $3
  ORDER BY departs_at, id LIMIT 1`;
