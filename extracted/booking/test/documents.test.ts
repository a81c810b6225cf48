import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ItineraryRow,
  itineraryCalendar as monolithCalendar,
} from '@meridian/monolith/bookings/itinerary';
import { composeMail } from '@meridian/monolith/mail/compose-mail';
import type { MailData } from '@meridian/monolith/mail/mail-data';
import { itineraryCalendar } from '../src/document/itinerary.ts';
import type { Booking } from '../src/domain/booking.ts';
import { SAMPLE_BOOKING } from '../src/domain/testing/sample-booking.ts';
import { composeTicket } from '../src/mail/compose-ticket.ts';

const wallClock = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

function rowOf({ id, status, version, updatedAt, flight, passengers }: Booking): ItineraryRow {
  return {
    id: String(id),
    status,
    version,
    updated_at: wallClock(updatedAt),
    number: flight.number,
    departs_at: wallClock(flight.departsAt),
    arrives_at: wallClock(flight.arrivesAt),
    gate: flight.gate,
    origin_code: flight.origin,
    origin_name: flight.originName,
    destination_code: flight.destination,
    destination_name: flight.destinationName,
    passengers: passengers.map(({ firstName, lastName, seat }) => ({
      name: `${firstName} ${lastName}`,
      seat,
    })),
  };
}

/** All that the ticket's words are made from. */
function mailDataOf(booking: Booking) {
  return {
    itinerary: rowOf(booking),
    fareClass: booking.fareClass,
    passengers: booking.passengers.map((passenger) => ({
      title: passenger.title,
      first_name: passenger.firstName,
      last_name: passenger.lastName,
      infant: passenger.infant ? 'Y' : 'N',
      special_assistance: passenger.specialAssistance ? 'Y' : 'N',
      frequent_flyer_no: passenger.frequentFlyerNumber,
      seat: passenger.seat,
    })),
  };
}

const VARIANTS: readonly Booking[] = [
  SAMPLE_BOOKING,
  { ...SAMPLE_BOOKING, status: 'CONFIRMED', version: 1 },
  { ...SAMPLE_BOOKING, flight: { ...SAMPLE_BOOKING.flight, gate: null } },
];

test("a journey has the monolith's bytes", () => {
  for (const booking of VARIANTS) assert.equal(itineraryCalendar(booking), monolithCalendar(rowOf(booking)));
});

test("a ticket mail has the monolith's words and bytes", async () => {
  for (const variant of VARIANTS) {
    const booking: Booking = { ...variant, status: 'CONFIRMED' };
    const ours = await composeTicket({ data: { booking_id: '1000000002' } }, async (id) => {
      assert.equal(id, booking.id);
      return booking;
    });
    const theirs = await composeMail(
      'E_TICKET',
      String(booking.id),
      mailDataOf(booking) as unknown as MailData,
    );
    assert.deepEqual(ours, theirs);
  }
});

test('a ticket of a booking that is not confirmed is not sent', async () => {
  const mail = { data: { booking_id: '7' } };
  for (const booking of [null, SAMPLE_BOOKING, { ...SAMPLE_BOOKING, status: 'CANCELLED' as const }]) {
    assert.ok('obsolete' in (await composeTicket(mail, async () => booking)));
  }
});
