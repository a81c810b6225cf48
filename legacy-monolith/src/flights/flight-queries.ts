import type { Pool } from 'pg';
import { dayAfter, parseDay } from '../clock.ts';
import { offsetOf, type Page } from '../http/paging.ts';
import { parseId } from '../http/query.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import { FLIGHT_COLUMNS, type FlightRow } from './flight.ts';

/** A route and a day, as a search asks for them. */
export type FlightSearch = { from: string; to: string; date: string };

export type CabinRow = { id: string; aircraft: string; rows: number; columns: string };

export type SeatMapRow = CabinRow & { taken: string[] };

export type AirportRow = { code: string; name: string; city: string; country: string };

/** An airport code in capitals, or the 422 of the field `name`. */
export function requiredAirport(value: string | undefined, name: string): string {
  if (value === undefined) throw invalidField(name, `${name} is required`);
  if (!/^[A-Za-z]{3}$/.test(value)) {
    throw invalidField(name, `${name} must be an airport code of three letters`);
  }
  return value.toUpperCase();
}

/** A day that exists, or the 422 of the field `date`. */
export function requiredDate(value: string | undefined): string {
  if (value === undefined) throw invalidField('date', 'date is required');
  const day = parseDay(value);
  if (day === null) throw invalidField('date', 'date must be a day, YYYY-MM-DD');
  return day;
}

/** One page of the flights of a day, the earliest first, and how many there are. */
export async function searchFlights(
  pool: Pool,
  { from, to, date }: FlightSearch,
  page: Page,
): Promise<{ total: number; rows: FlightRow[] }> {
  const values = [from, to, date, dayAfter(date)];
  const counted = await pool.query(`SELECT count(*) AS total ${ON_ROUTE}`, values);
  const { rows } = await pool.query<FlightRow>(
    `SELECT ${FLIGHT_COLUMNS} ${ON_ROUTE} ORDER BY departs_at, id LIMIT $5 OFFSET $6`,
    [...values, page.perPage, offsetOf(page)],
  );
  return { total: Number(counted.rows[0].total), rows };
}

/** The flight of an id as it stands in a path, or the 404. */
export async function requiredFlight(pool: Pool, id: unknown): Promise<FlightRow> {
  const sql = `SELECT ${FLIGHT_COLUMNS} FROM flights WHERE id = $1`;
  const row = (await pool.query<FlightRow>(sql, [requiredFlightId(id)])).rows[0];
  if (!row) throw noSuchFlight();
  return row;
}

/** The cabin of a flight, or the 404. */
export async function requiredCabin(pool: Pool, id: unknown): Promise<CabinRow> {
  const row = (await pool.query<CabinRow>(CABIN, [requiredFlightId(id)])).rows[0];
  if (!row) throw noSuchFlight();
  return row;
}

/** The cabin of a flight with the seats that bookings of this database have taken, by row and column, or the 404. */
export async function requiredSeatMap(pool: Pool, id: unknown): Promise<SeatMapRow> {
  const row = (await pool.query<SeatMapRow>(SEAT_MAP, [requiredFlightId(id)])).rows[0];
  if (!row) throw noSuchFlight();
  return row;
}

/** What leaves after `after`, the earliest first. */
export async function upcomingDepartures(pool: Pool, after: string, limit: number): Promise<FlightRow[]> {
  const { rows } = await pool.query<FlightRow>(UPCOMING, [after, limit]);
  return rows;
}

/** All airports, by city. */
export async function listAirports(pool: Pool): Promise<AirportRow[]> {
  const { rows } = await pool.query<AirportRow>(
    'SELECT code, name, city, country FROM airports ORDER BY city, code',
  );
  return rows;
}

export function requiredFlightId(text: unknown): string {
  const id = parseId(text);
  if (id === null) throw noSuchFlight();
  return id;
}

export function noSuchFlight(): Refusal {
  return new Refusal('not_found', 'No such flight.');
}

const ON_ROUTE =
  'FROM flights WHERE origin = $1 AND destination = $2 AND departs_at >= $3 AND departs_at < $4';

const CABIN = `
  SELECT f.id, f.aircraft, t.rows, t.columns
  FROM flights f JOIN aircraft_types t ON t.code = f.aircraft
  WHERE f.id = $1`;

const SEAT_MAP = `
  SELECT f.id, f.aircraft, t.rows, t.columns,
         coalesce((SELECT json_agg(c.seat ORDER BY left(c.seat, -1)::integer, right(c.seat, 1))
                   FROM seat_claims c WHERE c.flight_id = f.id), '[]') AS taken
  FROM flights f JOIN aircraft_types t ON t.code = f.aircraft
  WHERE f.id = $1`;

const UPCOMING = `
  SELECT ${FLIGHT_COLUMNS} FROM flights WHERE departs_at > $1 ORDER BY departs_at, id LIMIT $2`;
