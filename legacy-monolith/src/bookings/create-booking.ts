import type { Pool, PoolClient } from 'pg';
import { plusMs, wallClock } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../http/refusal.ts';
import { fromCents, toCents } from '../money.ts';
import type { BookingEventsNow } from './booking-events.ts';
import { type BookingForm, noteBooking, refuseOthers, takeForm } from './booking-form.ts';
import { isClosedForBooking } from './closing.ts';
import type { NewBooking, NewPassenger } from './new-booking.ts';
import { type Price, priceOf } from './price.ts';
import { claimSeats } from './seats.ts';

export const HOLD_MS = 30 * 60_000;

type FlightFacts = {
  number: string;
  status: string;
  departs_at: string;
  base_fare: string;
  currency: string;
  capacity: number;
};

/**
 * Booking, passengers and seat claims in one transaction, which billing is told in. Gives the booking's id, or
 * throws the 409. A form that has made its booking before (`sentAs`) makes no other: the id is the first one's.
 */
export async function createBooking(
  pool: Pool,
  wanted: NewBooking,
  accountId: string,
  clock: () => Date,
  events: BookingEventsNow,
  sentAs: Omit<BookingForm, 'flightId'> | null = null,
): Promise<string> {
  const form = sentAs === null ? null : { ...sentAs, flightId: wanted.flightId };
  const { bookingId, after } = await inTransaction(pool, async (client) => {
    const made = form === null ? null : await takeForm(client, form, clock());
    if (made !== null) {
      await refuseOthers(client, made, wanted.passengers);
      return { bookingId: made, after: await (await events()).bookingPlacedBefore(client, made) };
    }
    // Bookings of one flight are written one after another, so that its last seats are sold once.
    const flight = (await client.query<FlightFacts>(LOCK_FLIGHT, [wanted.flightId])).rows[0];
    if (!flight) throw new Error('a flight that was there is gone');
    const now = clock();
    refuseClosed(flight, now);
    await refuseFull(client, wanted, flight);
    const infants = wanted.passengers.filter(({ infant }) => infant === 'Y').length;
    const price = priceOf(toCents(flight.base_fare), wanted.fareClass, {
      adults: wanted.passengers.length - infants,
      infants,
    });
    const bookingId = await insertBooking(client, wanted, accountId, flight.currency, price, now);
    const passengerIds = await insertPassengers(client, bookingId, wanted.passengers);
    const wishes = wanted.passengers.flatMap(({ seat }, index) =>
      seat === null ? [] : [{ passengerId: passengerIds[index] as string, seat }],
    );
    await claimSeats(client, wanted.flightId, bookingId, wishes);
    const { bookingPlaced } = await events();
    const placed = { bookingId, accountId, currency: flight.currency, price, placedAt: now };
    const after = await bookingPlaced(client, { ...placed, dueAt: plusMs(now, HOLD_MS) });
    if (form !== null) await noteBooking(client, form, bookingId);
    return { bookingId, after };
  });
  await after();
  return bookingId;
}

const LOCK_FLIGHT = `
  SELECT f.number, f.status, f.departs_at, f.base_fare, f.currency,
         t.rows * length(t.columns) AS capacity
  FROM flights f JOIN aircraft_types t ON t.code = f.aircraft
  WHERE f.id = $1
  FOR NO KEY UPDATE OF f`;

function refuseClosed(flight: FlightFacts, now: Date): void {
  if (isClosedForBooking(flight, now)) {
    throw new Refusal('conflict', `Flight ${flight.number} is closed for booking.`);
  }
}

/** Passengers without a seat of their choice need one too, in the end; infants do not. */
async function refuseFull(client: PoolClient, wanted: NewBooking, flight: FlightFacts): Promise<void> {
  const { rows } = await client.query<{ seated: string }>(SEATED, [wanted.flightId]);
  const more = wanted.passengers.filter(({ infant }) => infant === 'N').length;
  if (Number(rows[0]?.seated) + more > flight.capacity) {
    throw new Refusal('conflict', `Flight ${flight.number} is full.`);
  }
}

const SEATED = `
  SELECT count(*) AS seated
  FROM bookings b JOIN passengers p ON p.booking_id = b.id
  WHERE b.flight_id = $1 AND b.status IN ('HELD', 'CONFIRMED') AND p.infant = 'N'`;

async function insertBooking(
  client: PoolClient,
  wanted: NewBooking,
  accountId: string,
  currency: string,
  price: Price,
  now: Date,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(INSERT_BOOKING, [
    accountId,
    wanted.flightId,
    wanted.fareClass,
    wanted.contactEmail,
    wanted.contactPhone,
    wanted.note,
    fromCents(price.netCents),
    fromCents(price.taxCents),
    fromCents(price.totalCents),
    currency,
    wallClock(plusMs(now, HOLD_MS)),
    wallClock(now),
  ]);
  return (rows[0] as { id: string }).id;
}

const INSERT_BOOKING = `
  INSERT INTO bookings (account_id, flight_id, fare_class, status, contact_email, contact_phone, note,
                        base_amount, tax_amount, total_amount, currency, hold_expires_at, created_at, updated_at)
  VALUES ($1, $2, $3, 'HELD', $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
  RETURNING id`;

async function insertPassengers(
  client: PoolClient,
  bookingId: string,
  passengers: readonly NewPassenger[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(INSERT_PASSENGERS, [
    bookingId,
    passengers.map(({ title }) => title),
    passengers.map(({ firstName }) => firstName),
    passengers.map(({ lastName }) => lastName),
    passengers.map(({ infant }) => infant),
    passengers.map(({ specialAssistance }) => specialAssistance),
    passengers.map(({ frequentFlyerNo }) => frequentFlyerNo),
  ]);
  return rows.map(({ id }) => id);
}

const INSERT_PASSENGERS = `
  WITH inserted AS (
    INSERT INTO passengers (booking_id, position, title, first_name, last_name, infant, special_assistance,
                            frequent_flyer_no)
    SELECT $1::bigint, p.position, p.title, p.first_name, p.last_name, p.infant, p.special_assistance, p.frequent_flyer_no
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY
      AS p (title, first_name, last_name, infant, special_assistance, frequent_flyer_no, position)
    ORDER BY p.position
    RETURNING id, position)
  SELECT id FROM inserted ORDER BY position`;
