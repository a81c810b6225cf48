import { type Request, type Response, Router } from 'express';
import { type Identity, identityOf } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import type { CsvExporter } from '../http/csv.ts';
import { offsetOf, parsePage, sendPage } from '../http/paging.ts';
import { matchesIfMatch } from '../http/preconditions.ts';
import { parseId } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { type BookingRow, bookingETag, SELECT_BOOKINGS, toBooking } from './booking.ts';
import { type BookedPassenger, parseBookingChange } from './booking-change.ts';
import { cancelBooking } from './cancel-booking.ts';
import { createBooking } from './create-booking.ts';
import { bookingsExport } from './export.ts';
import type { Cabin } from './field-rules.ts';
import { type ItineraryRow, itineraryCalendar, SELECT_ITINERARY } from './itinerary.ts';
import { parseBookingFilter } from './list-filter.ts';
import { type NewBookingFacts, parseNewBooking } from './new-booking.ts';
import { bookingReference } from './reference.ts';
import { updateBooking } from './update-booking.ts';

export type BookingsRouterParts = RouterParts & {
  exportCsv: CsvExporter;
  /** Carries a refund out with the acquirer; resolves, whatever comes of it, within a few seconds. */
  carryOutRefund(refundId: string): Promise<void>;
};

/** The seven operations of the booking context, but for the invoice of a booking, which is billing's. */
export function createBookingsRouter(parts: BookingsRouterParts): Router {
  const { pool, guards, clock } = parts;
  const writers = guards.requireRole('customer', 'agent', 'partner');
  const router = Router();

  /** The booking, if the caller may see it; a foreign one is as absent as none. */
  const visibleBooking = async (req: Request): Promise<BookingRow> => {
    const id = parseId(req.params.id);
    const row = id === null ? undefined : await findBooking(id);
    if (!row || !maySee(identityOf(req), row.account_id)) throw noSuchBooking();
    return row;
  };
  const findBooking = async (id: string): Promise<BookingRow | undefined> =>
    (await pool.query<BookingRow>(`${SELECT_BOOKINGS} WHERE b.id = $1`, [id])).rows[0];

  const sendBooking = async (res: Response, id: string): Promise<void> => {
    const row = await findBooking(id);
    if (!row) throw new Error('a booking that was just written is gone');
    res.set('ETag', bookingETag(row)).json(toBooking(row));
  };

  const facts: NewBookingFacts = {
    cabinOf: async (flightId) => (await pool.query<Cabin>(CABIN_OF_FLIGHT, [flightId])).rows[0] ?? null,
    accountExists: async (id) =>
      (await pool.query('SELECT 1 FROM accounts WHERE id = $1', [id])).rowCount === 1,
  };

  router.post('/bookings', writers, async (req, res) => {
    const identity = identityOf(req);
    const wanted = await parseNewBooking(await readFields(req), identity.role === 'agent', facts);
    const id = await createBooking(pool, wanted, wanted.accountId ?? identity.accountId, clock);
    res.status(201).location(`/api/v1/bookings/${id}`);
    await sendBooking(res, id);
  });

  router.get('/bookings', writers, async (req, res) => {
    const page = parsePage(req);
    const { filters, where, values } = parseBookingFilter(req, identityOf(req));
    const counted = await pool.query(`SELECT count(*) AS total FROM bookings b WHERE ${where}`, [...values]);
    const { rows } = await pool.query<BookingRow>(
      `${SELECT_BOOKINGS} WHERE ${where} ORDER BY b.id DESC
       LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
      [...values, page.perPage, offsetOf(page)],
    );
    const total = Number(counted.rows[0].total);
    sendPage(res, { path: '/api/v1/bookings', filters, page, total, rows: rows.map(toBooking) });
  });

  // Before /bookings/:id, which would take the name for an id.
  router.get('/bookings/export.csv', guards.requireRole('agent', 'partner'), async (req, res) => {
    await parts.exportCsv(req, res, bookingsExport(req, identityOf(req)));
  });

  router.get('/bookings/:id', guards.requireLogin, async (req, res) => {
    const row = await visibleBooking(req);
    res.set('ETag', bookingETag(row)).json(toBooking(row));
  });

  router.patch('/bookings/:id', writers, async (req, res) => {
    const row = await visibleBooking(req);
    const body = await readFields(req);
    const { cabin, passengers } = await seatingOf(row.id);
    const change = parseBookingChange(body, passengers, cabin);
    await updateBooking(pool, row.id, change, versionCheck(req, row.id), clock);
    await sendBooking(res, row.id);
  });

  router.delete('/bookings/:id', writers, async (req, res) => {
    const row = await visibleBooking(req);
    const { refundId } = await cancelBooking(pool, row.id, versionCheck(req, row.id), clock);
    if (refundId !== null) await parts.carryOutRefund(refundId);
    res.json({ status: 'CANCELLED' });
  });

  router.get('/bookings/:id/itinerary.ics', writers, async (req, res) => {
    const { id } = await visibleBooking(req);
    const row = (await pool.query<ItineraryRow>(SELECT_ITINERARY, [id])).rows[0];
    if (!row) throw noSuchBooking();
    if (row.status === 'CANCELLED' || row.status === 'EXPIRED') {
      throw new Refusal('conflict', `Booking is ${row.status.toLowerCase()} and has no itinerary.`);
    }
    res.set('Content-Type', 'text/calendar; charset=utf-8');
    res.set('Content-Disposition', `attachment; filename="meridian-${bookingReference(id)}.ics"`);
    res.send(itineraryCalendar(row));
  });

  const seatingOf = async (id: string): Promise<{ cabin: Cabin; passengers: BookedPassenger[] }> => {
    const { rows } = await pool.query(SEATING, [id]);
    const { rows: cabinRows, columns, passengers } = rows[0];
    return { cabin: { rows: cabinRows, columns }, passengers };
  };

  return router;
}

const CABIN_OF_FLIGHT = `
  SELECT t.rows, t.columns FROM flights f JOIN aircraft_types t ON t.code = f.aircraft WHERE f.id = $1`;

const SEATING = `
  SELECT t.rows, t.columns,
         (SELECT json_agg(json_build_object('id', p.id::text, 'infant', p.infant))
          FROM passengers p WHERE p.booking_id = b.id) AS passengers
  FROM bookings b JOIN flights f ON f.id = b.flight_id JOIN aircraft_types t ON t.code = f.aircraft
  WHERE b.id = $1`;

function maySee(identity: Identity, accountId: string): boolean {
  if (identity.role === 'agent' || identity.role === 'accountant') return true;
  return identity.accountId === accountId;
}

function versionCheck(req: Request, id: string): (version: number) => void {
  return (version) => {
    if (!matchesIfMatch(req, bookingETag({ id, version }))) {
      throw new Refusal('precondition_failed', 'The booking was changed meanwhile.');
    }
  };
}

function noSuchBooking(): Refusal {
  return new Refusal('not_found', 'No such booking.');
}
