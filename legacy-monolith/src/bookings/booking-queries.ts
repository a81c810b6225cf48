import type { Pool } from 'pg';
import type { Identity } from '../auth/guards.ts';
import { offsetOf, type Page } from '../http/paging.ts';
import { parseId } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import { type BookingRow, SELECT_BOOKINGS } from './booking.ts';
import type { BookedPassenger } from './booking-change.ts';
import type { Cabin } from './field-rules.ts';
import type { BookingFilter } from './list-filter.ts';
import type { NewBookingFacts } from './new-booking.ts';

/** The booking of an id as it stands in a path, if the caller may see it; a foreign one is as absent as none. */
export async function visibleBooking(pool: Pool, identity: Identity, id: unknown): Promise<BookingRow> {
  const known = parseId(id);
  const row = known === null ? undefined : await findBooking(pool, known);
  if (!row || !maySee(identity, row.account_id)) throw noSuchBooking();
  return row;
}

export async function findBooking(pool: Pool, id: string): Promise<BookingRow | undefined> {
  return (await pool.query<BookingRow>(`${SELECT_BOOKINGS} WHERE b.id = $1`, [id])).rows[0];
}

/** One page of the bookings that the filter lets through, newest first, and how many there are. */
export async function listBookings(
  pool: Pool,
  { where, values }: BookingFilter,
  page: Page,
): Promise<{ total: number; rows: BookingRow[] }> {
  const counted = await pool.query(`SELECT count(*) AS total FROM bookings b WHERE ${where}`, [...values]);
  // The page is cut out by id first: passengers are gathered for its rows, not for all that it skips.
  const { rows } = await pool.query<BookingRow>(
    `${SELECT_BOOKINGS}
     WHERE b.id = ANY(ARRAY(SELECT b.id FROM bookings b WHERE ${where} ORDER BY b.id DESC
                            LIMIT $${values.length + 1} OFFSET $${values.length + 2}))
     ORDER BY b.id DESC`,
    [...values, page.perPage, offsetOf(page)],
  );
  return { total: Number(counted.rows[0].total), rows };
}

/** What the rules of a new booking ask of the stored data. */
export function newBookingFacts(pool: Pool): NewBookingFacts {
  return {
    cabinOf: async (flightId) => (await pool.query<Cabin>(CABIN_OF_FLIGHT, [flightId])).rows[0] ?? null,
    accountExists: async (id) =>
      (await pool.query('SELECT 1 FROM accounts WHERE id = $1', [id])).rowCount === 1,
  };
}

/** What the rules of a change ask: the aircraft's cabin and who is to sit in it. */
export async function seatingOf(
  pool: Pool,
  bookingId: string,
): Promise<{ cabin: Cabin; passengers: BookedPassenger[] }> {
  const { rows } = await pool.query(SEATING, [bookingId]);
  const { rows: cabinRows, columns, passengers } = rows[0];
  return { cabin: { rows: cabinRows, columns }, passengers };
}

export function noSuchBooking(): Refusal {
  return new Refusal('not_found', 'No such booking.');
}

function maySee(identity: Identity, accountId: string): boolean {
  if (identity.role === 'agent' || identity.role === 'accountant') return true;
  return identity.accountId === accountId;
}

const CABIN_OF_FLIGHT = `
  SELECT t.rows, t.columns FROM flights f JOIN aircraft_types t ON t.code = f.aircraft WHERE f.id = $1`;

const SEATING = `
  SELECT t.rows, t.columns,
         (SELECT json_agg(json_build_object('id', p.id::text, 'infant', p.infant))
          FROM passengers p WHERE p.booking_id = b.id) AS passengers
  FROM bookings b JOIN flights f ON f.id = b.flight_id JOIN aircraft_types t ON t.code = f.aircraft
  WHERE b.id = $1`;
