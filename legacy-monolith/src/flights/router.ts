import { type Request, Router } from 'express';
import { dayAfter, parseDay } from '../clock.ts';
import { rawInteger } from '../http/json.ts';
import { offsetOf, parsePage, sendPage } from '../http/paging.ts';
import { parseId, queryValue } from '../http/query.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { FLIGHT_COLUMNS, type FlightRow, toFlight } from './flight.ts';
import type { StatusStreams } from './status-streams.ts';

const ON_ROUTE =
  'FROM flights WHERE origin = $1 AND destination = $2 AND departs_at >= $3 AND departs_at < $4';

/** searchFlights, getFlight, getSeatMap, streamFlightStatus. */
export function createFlightsRouter(parts: RouterParts, streams: StatusStreams): Router {
  const { pool, guards } = parts;
  const router = Router();

  router.get('/flights', async (req, res) => {
    const from = airportOf(req, 'from');
    const to = airportOf(req, 'to');
    const date = dateOf(req);
    const page = parsePage(req);
    const values = [from, to, date, dayAfter(date)];
    const total = Number((await pool.query(`SELECT count(*) AS total ${ON_ROUTE}`, values)).rows[0].total);
    const { rows } = await pool.query<FlightRow>(
      `SELECT ${FLIGHT_COLUMNS} ${ON_ROUTE} ORDER BY departs_at, id LIMIT $5 OFFSET $6`,
      [...values, page.perPage, offsetOf(page)],
    );
    const filters = [['from', from] as const, ['to', to] as const, ['date', date] as const];
    sendPage(res, { path: '/api/v1/flights', filters, page, total, rows: rows.map(toFlight) });
  });

  router.get('/flights/:id', async (req, res) => {
    const sql = `SELECT ${FLIGHT_COLUMNS} FROM flights WHERE id = $1`;
    const row = (await pool.query<FlightRow>(sql, [flightIdOf(req)])).rows[0];
    if (!row) throw noSuchFlight();
    res.json(toFlight(row));
  });

  router.get('/flights/:id/seats', guards.requireLogin, async (req, res) => {
    const row = (await pool.query(SEAT_MAP, [flightIdOf(req)])).rows[0];
    if (!row) throw noSuchFlight();
    res.json({
      flight_id: rawInteger(row.id),
      aircraft: row.aircraft,
      rows: row.rows,
      columns: row.columns,
      taken: row.taken,
      // What somebody is looking at on the live map; there is none in this process.
      picked: [],
    });
  });

  router.get('/flights/:id/status/stream', async (req, res) => {
    if (!(await streams.open(flightIdOf(req), req, res))) throw noSuchFlight();
  });

  return router;
}

const SEAT_MAP = `
  SELECT f.id, f.aircraft, t.rows, t.columns,
         coalesce((SELECT json_agg(c.seat ORDER BY left(c.seat, -1)::integer, right(c.seat, 1))
                   FROM seat_claims c WHERE c.flight_id = f.id), '[]') AS taken
  FROM flights f JOIN aircraft_types t ON t.code = f.aircraft
  WHERE f.id = $1`;

function flightIdOf(req: Request): string {
  const id = parseId(req.params.id);
  if (id === null) throw noSuchFlight();
  return id;
}

function noSuchFlight(): Refusal {
  return new Refusal('not_found', 'No such flight.');
}

function airportOf(req: Request, name: string): string {
  const value = queryValue(req, name);
  if (value === undefined) throw invalidField(name, `${name} is required`);
  if (!/^[A-Za-z]{3}$/.test(value))
    throw invalidField(name, `${name} must be an airport code of three letters`);
  return value.toUpperCase();
}

function dateOf(req: Request): string {
  const value = queryValue(req, 'date');
  if (value === undefined) throw invalidField('date', 'date is required');
  const day = parseDay(value);
  if (day === null) throw invalidField('date', 'date must be a day, YYYY-MM-DD');
  return day;
}
