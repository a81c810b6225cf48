import { type Request, Router } from 'express';
import { wallClock } from '../clock.ts';
import {
  listAirports,
  requiredAirport,
  requiredDate,
  requiredFlight,
  searchFlights,
  upcomingDepartures,
} from '../flights/flight-queries.ts';
import { parsePage } from '../http/paging.ts';
import { queryValue } from '../http/query.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import { type FormState, faultsOf, formOf } from './fields.ts';
import { displayTime, shiftDay } from './format.ts';
import type { PageKit, PageParts } from './page-kit.ts';
import { parseParty, partyFaults } from './party.ts';
import { departureOf, flightsPage, searchForm, statusPage } from './view-models/flight-pages.ts';
import { type Airports, airportsByCode } from './view-models/flight-parts.ts';
import { pagerOf } from './view-models/pager.ts';

const HOME_DEPARTURES = 6;
const TIMETABLE_DEPARTURES = 25;

/** `/`, `/flights` and `/status`: open to everybody. */
export function createFlightRoutes({ pool, clock }: PageParts, kit: PageKit): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const airports = airportsByCode(await listAirports(pool));
    const departures = await upcomingDepartures(pool, wallClock(clock()), HOME_DEPARTURES);
    const values = { date: shiftDay(clock().toISOString().slice(0, 10), 1), adults: '1', infants: '0' };
    kit.show(req, res, {
      view: 'home',
      title: 'Meridian Air',
      section: 'flights',
      model: {
        search: searchForm({ values, errors: {}, message: null }, airports),
        departures: departures.map((row) => departureOf(row, airports)),
      },
    });
  });

  router.get('/flights', async (req, res) => {
    const airports = airportsByCode(await listAirports(pool));
    const { form, route } = readSearch(req, clock(), airports);
    if (route === null) {
      kit.show(req, res, {
        view: 'flights',
        title: 'Search flights',
        section: 'flights',
        model: { search: searchForm(form, airports), message: form.message, results: null },
        status: Object.keys(form.errors).length > 0 ? 422 : 200,
      });
      return;
    }
    const page = parsePage(req);
    const party = parseParty(form.values);
    const { rows, total } = await searchFlights(pool, route, page);
    const filters = Object.entries({
      ...route,
      adults: String(party.adults),
      infants: String(party.infants),
    });
    kit.show(req, res, {
      view: 'flights',
      title: `Flights from ${route.from} to ${route.to}`,
      section: 'flights',
      model: flightsPage({
        search: searchForm(form, airports),
        route,
        party,
        rows,
        total,
        pager: pagerOf('/flights', filters, page, total),
        airports,
        now: clock(),
      }),
    });
  });

  router.get('/status', async (req, res) => {
    const airports = airportsByCode(await listAirports(pool));
    const rows = await upcomingDepartures(pool, wallClock(clock()), TIMETABLE_DEPARTURES);
    kit.show(req, res, {
      view: 'timetable',
      title: 'Departures',
      section: 'status',
      model: { departures: rows.map((row) => departureOf(row, airports)), shownAt: displayTime(clock()) },
    });
  });

  router.get('/status/:id', async (req, res) => {
    const row = await requiredFlight(pool, req.params.id);
    const airports = airportsByCode(await listAirports(pool));
    kit.show(req, res, {
      view: 'status',
      title: `Flight ${row.number}`,
      section: 'status',
      model: statusPage(row, airports),
    });
  });

  return router;
}

/** The search as it was asked for, every fault beside its field; `route` is null when there is one. */
function readSearch(
  req: Request,
  now: Date,
  airports: Airports,
): { form: FormState; route: { from: string; to: string; date: string } | null } {
  const today = now.toISOString().slice(0, 10);
  const values = { adults: '1', infants: '0', date: today, ...(req.query as Record<string, string>) };
  // Nothing asked for is no fault: the form is shown as it is.
  if (Object.keys(req.query).length === 0) return { form: formOf(values), route: null };
  const errors: Record<string, string> = { ...partyFaults(values) };
  const read = (parse: () => string): string => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      Object.assign(errors, faultsOf({}, error).errors);
      return '';
    }
  };
  // The API finds nothing where nobody flies; who types a code by hand wants to know that it is none.
  const known = (name: string): string => {
    const code = requiredAirport(queryValue(req, name), name);
    if (!airports.has(code)) throw invalidField(name, `${name}: we do not fly to ${code}`);
    return code;
  };
  const route = {
    from: read(() => known('from')),
    to: read(() => known('to')),
    date: read(() => requiredDate(queryValue(req, 'date'))),
  };
  if (route.to !== '' && route.to === route.from) errors.to = 'Must be another airport than the first.';
  const form = { values, errors, message: null };
  return { form, route: Object.keys(errors).length > 0 ? null : route };
}
