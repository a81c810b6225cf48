import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import type { BookingRow } from '../bookings/booking.ts';
import { parseBookingChange } from '../bookings/booking-change.ts';
import { newBookingFacts } from '../bookings/booking-queries.ts';
import type { Bookings } from '../bookings/bookings.ts';
import { listAirports, noSuchFlight, requiredFlight } from '../flights/flight-queries.ts';
import { Refusal } from '../http/refusal.ts';
import { awaitInvoice } from './awaited-invoice.ts';
import { inCapitals } from './book-routes.ts';
import { type FormState, faultsOf, formOf, withTyped } from './fields.ts';
import { leadOn, type PageKit, type PageParts } from './page-kit.ts';
import { blameSeat } from './seat-faults.ts';
import { takeTyped } from './typed-form.ts';
import { bookedValues, changePage } from './view-models/booking-pages.ts';
import { passOf } from './view-models/booking-parts.ts';
import { refundText } from './view-models/cancel-page.ts';
import { airportsByCode } from './view-models/flight-parts.ts';

/** `/bookings/{id}/change` and `/bookings/{id}/cancel`. */
export function createChangeRoutes({ pool, border, clock }: PageParts, kit: PageKit): Router {
  const router = Router();
  const writer = kit.only('customer', 'agent', 'partner');
  const bookingsOf = (req: Request): Bookings => border.bookingsOf(callerOf(req));
  const visible = (req: Request): Promise<BookingRow> => bookingsOf(req).visible(req.params.id);
  const { cabinOf } = newBookingFacts(pool);

  router.get('/bookings/:id/change', writer, async (req, res) => {
    const row = await visible(req);
    if (leftAlone(row)) return res.redirect(303, `/bookings/${row.id}`);
    const typed = takeTyped(req, req.path);
    // As it was when it was typed: a change made meanwhile is not overwritten unseen.
    const version = typed === null ? row.version : versionOf(typed);
    await showChange(req, res, row, withTyped(formOf(bookedValues(row)), typed), version, 200);
  });

  router.post('/bookings/:id/change', writer, async (req, res) => {
    const row = await visible(req);
    const typed = await kit.readForm(req, `change:${row.id}`);
    const version = versionOf(typed);
    try {
      const cabin = await cabinOf(String(row.flight.id));
      if (cabin === null) throw noSuchFlight();
      const booked = row.passengers.map(({ id, infant }) => ({ id: String(id), infant }));
      const change = parseBookingChange({ kind: 'form', values: inCapitals(typed) }, booked, cabin);
      await bookingsOf(req).update(row, change, version);
      await leadOn(res, { path: `/bookings/${row.id}` });
    } catch (error) {
      if (!isShownInForm(error)) throw error;
      const form = blameSeat(faultsOf(typed, error, changeFieldName(typed)));
      await showChange(req, res, row, form, version, error.status);
    }
  });

  router.get('/bookings/:id/cancel', writer, async (req, res) => {
    const row = await visible(req);
    if (leftAlone(row)) return res.redirect(303, `/bookings/${row.id}`);
    await showCancel(req, res, row, null, 200);
  });

  router.post('/bookings/:id/cancel', writer, async (req, res) => {
    const row = await visible(req);
    const typed = await kit.readForm(req, `cancel:${row.id}`);
    try {
      await bookingsOf(req).cancel(row, versionOf(typed));
    } catch (error) {
      if (!isShownInForm(error)) throw error;
      // Cancelled by the first of two clicks: that is what the second wanted, too.
      const after = await visible(req);
      if (after.status !== 'CANCELLED') return showCancel(req, res, after, error.message, error.status);
    }
    await leadOn(res, { path: `/bookings/${row.id}` });
  });

  const showChange = async (
    req: Request,
    res: Response,
    row: BookingRow,
    form: FormState,
    version: number,
    status: number,
  ): Promise<void> => {
    const [{ gate }, map, airports] = await flightFacts(row);
    const token = kit.token(req, `change:${row.id}`);
    kit.show(req, res, {
      view: 'change',
      title: 'Change booking',
      section: 'bookings',
      model: changePage({ row, airports, gate, map, form, version, token }),
      status,
    });
  };

  const showCancel = async (
    req: Request,
    res: Response,
    row: BookingRow,
    message: string | null,
    status: number,
  ): Promise<void> => {
    const [{ gate }, , airports] = await flightFacts(row);
    const invoices = border.invoicesOf(callerOf(req));
    const invoice = await awaitInvoice(invoices, row, { req, res, now: clock() });
    const path = `/bookings/${row.id}`;
    kit.show(req, res, {
      view: 'cancel',
      title: 'Cancel booking',
      section: 'bookings',
      model: {
        action: `${path}/cancel`,
        apiPath: `/api/v1${path}`,
        donePath: path,
        token: kit.token(req, `cancel:${row.id}`),
        version: row.version,
        message,
        pass: passOf(row, airports, gate),
        refund: refundText(row, invoice),
      },
      status,
    });
  };

  const flightFacts = async (row: BookingRow) => {
    const flightId = String(row.flight.id);
    return Promise.all([
      requiredFlight(pool, flightId),
      border.seatMapOf(flightId),
      listAirports(pool).then(airportsByCode),
    ]);
  };

  return router;
}

/** Cancelled and expired bookings stay as they are. */
function leftAlone({ status }: BookingRow): boolean {
  return status !== 'HELD' && status !== 'CONFIRMED';
}

/** What `If-Match` is to the API: the version that the form was made from. */
function versionOf(form: Readonly<Record<string, string>>): number {
  return /^\d{1,9}$/.test(form.version ?? '') ? Number(form.version) : 0;
}

function isShownInForm(error: unknown): error is Refusal {
  return error instanceof Refusal && ['invalid', 'conflict', 'precondition_failed'].includes(error.kind);
}

/** The domain counts passengers as the form names them; their fields carry their ids. */
function changeFieldName(form: Readonly<Record<string, string>>): (path: string) => string | null {
  const ids = [...new Set(Object.keys(form).flatMap((name) => /^passenger_(\d+)_/.exec(name)?.[1] ?? []))];
  return (path) => {
    const [, index, part] = /^passengers\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
    if (index === undefined) return ['contact_email', 'contact_phone', 'note'].includes(path) ? path : null;
    const id = ids[Number(index)];
    return id === undefined || part === undefined || part === 'id' ? null : `passenger_${id}_${part}`;
  };
}
