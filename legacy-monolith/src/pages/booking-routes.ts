import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import { identityOf } from '../auth/guards.ts';
import { isBeingPaid } from '../billing/invoice.ts';
import type { ShownInvoice } from '../billing/invoices.ts';
import { BOOKING_STATUSES, type BookingRow } from '../bookings/booking.ts';
import { type BookingFilter, parseBookingFilter } from '../bookings/list-filter.ts';
import { listAirports, requiredFlight } from '../flights/flight-queries.ts';
import { parsePage } from '../http/paging.ts';
import { Refusal } from '../http/refusal.ts';
import { awaitsPayment } from './awaits-payment.ts';
import { type FormState, formOf } from './fields.ts';
import { displayCount } from './format.ts';
import type { PageKit, PageParts } from './page-kit.ts';
import { bookingPage, bookingsFilter } from './view-models/booking-pages.ts';
import { tripOf } from './view-models/booking-parts.ts';
import { airportsByCode } from './view-models/flight-parts.ts';
import { pagerOf } from './view-models/pager.ts';

/** How often the page of a booking looks for the outcome of its payment. */
const OUTCOME_SECONDS = 3;

/** `/bookings` and `/bookings/{id}`. */
export function createBookingRoutes({ pool, clock, border }: PageParts, kit: PageKit): Router {
  const router = Router();

  router.get('/bookings', kit.only('customer', 'agent', 'partner'), async (req, res) => {
    const identity = identityOf(req);
    const page = parsePage(req);
    const filter = parseBookingFilter(req, identity);
    const form = askedFor(req, filter);
    const isFaulty = Object.keys(form.errors).length > 0;
    const { rows, total } = isFaulty
      ? NO_BOOKINGS
      : await border.bookingsOf(callerOf(req)).list(filter, page);
    const airports = airportsByCode(await listAirports(pool));
    const filtered = isFaulty || filter.filters.length > 0;
    kit.show(req, res, {
      view: 'bookings',
      title: 'Bookings',
      section: 'bookings',
      status: isFaulty ? 422 : 200,
      model: {
        heading: identity.role === 'agent' ? 'All bookings' : 'Your bookings',
        trips: rows.map((row) => tripOf(row, airports)),
        count: isFaulty ? 'Please look at the filter.' : displayCount(total, 'booking'),
        filter: bookingsFilter(form, identity.role),
        filtered,
        nothing: nothingText(isFaulty, filtered),
        pager: isFaulty ? null : pagerOf('/bookings', filter.filters, page, total),
        exportPath: identity.role === 'customer' ? null : '/api/v1/bookings/export.csv',
      },
    });
  });

  router.get('/bookings/:id', kit.only(), async (req, res) => {
    const row = await border.bookingsOf(callerOf(req)).visible(req.params.id);
    await showBooking(req, res, row);
  });

  const showBooking = async (req: Request, res: Response, row: BookingRow): Promise<void> => {
    const flight = await requiredFlight(pool, String(row.flight.id));
    const airports = airportsByCode(await listAirports(pool));
    const { role } = identityOf(req);
    const invoice = await invoiceOf(req, row);
    // A browser without JavaScript comes back by itself, too.
    const isOpen = awaitsPayment(row, invoice) || (invoice !== null && isBeingPaid(invoice));
    if (isOpen) res.set('Refresh', String(OUTCOME_SECONDS));
    const model = bookingPage({ row, airports, flight, invoice, role, now: clock() });
    kit.show(req, res, {
      view: 'booking',
      title: `Booking ${model.pass.reference}`,
      section: 'bookings',
      model,
    });
  };

  /** Null where billing has none, shows it to others only, or cannot be asked: the booking stands without it. */
  const invoiceOf = async (req: Request, row: BookingRow): Promise<ShownInvoice | null> => {
    try {
      return await border.invoicesOf(callerOf(req)).ofBooking(row.id);
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  };

  return router;
}

const NO_BOOKINGS: { rows: BookingRow[]; total: number } = { rows: [], total: 0 };

const FILTER_RULES: Readonly<Record<string, string>> = {
  status: `Must be one of ${BOOKING_STATUSES.join(', ')}.`,
  account_id: 'Must be an id, in digits.',
  flight_id: 'Must be an id, in digits.',
  created_from: 'Must be a day, YYYY-MM-DD.',
  created_to: 'Must be a day, YYYY-MM-DD.',
};

/** The filter as it was typed. The API passes over what makes no sense; a page says so beside the field. */
function askedFor(req: Request, { filters, ignored }: BookingFilter): FormState {
  const rules = ignored.map((name) => [name, FILTER_RULES[name] ?? 'Makes no sense.']);
  const { created_from: from, created_to: to } = Object.fromEntries(filters);
  if (from !== undefined && to !== undefined && to < from) {
    rules.push(['created_to', 'Must not be before the first day.']);
  }
  return { ...formOf(req.query as Record<string, string>), errors: Object.fromEntries(rules) };
}

function nothingText(isFaulty: boolean, filtered: boolean): string {
  if (isFaulty) return 'Bookings are listed as soon as the filter makes sense.';
  return filtered ? 'No booking fits the filter.' : 'Your trips will wait here for you.';
}
