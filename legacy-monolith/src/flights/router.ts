import { Router } from 'express';
import { rawInteger } from '../http/json.ts';
import { parsePage, sendPage } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import type { RouterParts } from '../parts.ts';
import { toFlight } from './flight.ts';
import {
  noSuchFlight,
  requiredAirport,
  requiredDate,
  requiredFlight,
  requiredFlightId,
  searchFlights,
} from './flight-queries.ts';
import type { StatusStreams } from './status-streams.ts';

/** searchFlights, getFlight, getSeatMap, streamFlightStatus. */
export function createFlightsRouter(
  parts: RouterParts,
  streams: StatusStreams,
  pickedOn: (flightId: string) => string[],
): Router {
  const { pool, guards, border } = parts;
  const router = Router();

  router.get('/flights', async (req, res) => {
    const from = requiredAirport(queryValue(req, 'from'), 'from');
    const to = requiredAirport(queryValue(req, 'to'), 'to');
    const date = requiredDate(queryValue(req, 'date'));
    const page = parsePage(req);
    const { total, rows } = await searchFlights(pool, { from, to, date }, page);
    const filters = [['from', from] as const, ['to', to] as const, ['date', date] as const];
    sendPage(res, { path: '/api/v1/flights', filters, page, total, rows: rows.map(toFlight) });
  });

  router.get('/flights/:id', async (req, res) => {
    res.json(toFlight(await requiredFlight(pool, req.params.id)));
  });

  router.get('/flights/:id/seats', guards.requireLogin, async (req, res) => {
    const row = await border.seatMapOf(req.params.id);
    res.json({
      flight_id: rawInteger(row.id),
      aircraft: row.aircraft,
      rows: row.rows,
      columns: row.columns,
      taken: row.taken,
      // What somebody is looking at on the live map of this process.
      picked: pickedOn(row.id),
    });
  });

  router.get('/flights/:id/status/stream', async (req, res) => {
    if (!(await streams.open(requiredFlightId(req.params.id), req, res))) throw noSuchFlight();
  });

  return router;
}
