import { type Request, type Response, Router } from 'express';
import { identityOf } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import type { CsvExporter } from '../http/csv.ts';
import { parsePage, sendPage } from '../http/paging.ts';
import { matchesIfMatch } from '../http/preconditions.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { type BookingRow, bookingETag, toBooking } from './booking.ts';
import { parseBookingChange } from './booking-change.ts';
import { formIdOf } from './booking-form.ts';
import {
  findBooking,
  listBookings,
  newBookingFacts,
  noSuchBooking,
  seatingOf,
  visibleBooking,
} from './booking-queries.ts';
import { cancelBooking } from './cancel-booking.ts';
import { createBooking } from './create-booking.ts';
import { bookingsExport } from './export.ts';
import { type ItineraryRow, itineraryCalendar, SELECT_ITINERARY } from './itinerary.ts';
import { parseBookingFilter } from './list-filter.ts';
import { parseNewBooking } from './new-booking.ts';
import { bookingReference } from './reference.ts';
import { updateBooking } from './update-booking.ts';

export type BookingsRouterParts = RouterParts & {
  exportCsv: CsvExporter;
};

/** The seven operations of the booking context, but for the invoice of a booking, which is billing's. */
export function createBookingsRouter(parts: BookingsRouterParts): Router {
  const { pool, guards, clock, border } = parts;
  const events = border.bookingEvents;
  const here = border.onlyHere('booking');
  const writers = guards.requireRole('customer', 'agent', 'partner');
  const router = Router();

  const visible = (req: Request): Promise<BookingRow> => visibleBooking(pool, identityOf(req), req.params.id);

  const sendBooking = async (res: Response, id: string): Promise<void> => {
    const row = await findBooking(pool, id);
    if (!row) throw new Error('a booking that was just written is gone');
    res.set('ETag', bookingETag(row)).json(toBooking(row));
  };

  const facts = newBookingFacts(pool);

  router.post('/bookings', writers, here, async (req, res) => {
    const identity = identityOf(req);
    const body = await readFields(req);
    const formId = formIdOf(req);
    const sentAs = formId === null ? null : { id: formId, accountId: identity.accountId };
    const wanted = await parseNewBooking(body, identity.role === 'agent', facts);
    const id = await createBooking(
      pool,
      wanted,
      wanted.accountId ?? identity.accountId,
      clock,
      events,
      sentAs,
    );
    res.status(201).location(`/api/v1/bookings/${id}`);
    await sendBooking(res, id);
  });

  router.get('/bookings', writers, here, async (req, res) => {
    const page = parsePage(req);
    const filter = parseBookingFilter(req, identityOf(req));
    const { total, rows } = await listBookings(pool, filter, page);
    sendPage(res, {
      path: '/api/v1/bookings',
      filters: filter.filters,
      page,
      total,
      rows: rows.map(toBooking),
    });
  });

  // Before /bookings/:id, which would take the name for an id.
  router.get('/bookings/export.csv', guards.requireRole('agent', 'partner'), here, async (req, res) => {
    await parts.exportCsv(req, res, bookingsExport(req, identityOf(req)));
  });

  router.get('/bookings/:id', guards.requireLogin, here, async (req, res) => {
    const row = await visible(req);
    res.set('ETag', bookingETag(row)).json(toBooking(row));
  });

  router.patch('/bookings/:id', writers, here, async (req, res) => {
    const row = await visible(req);
    const body = await readFields(req);
    const { cabin, passengers } = await seatingOf(pool, row.id);
    const change = parseBookingChange(body, passengers, cabin);
    await updateBooking(pool, row.id, change, versionCheck(req, row.id), clock, events);
    await sendBooking(res, row.id);
  });

  router.delete('/bookings/:id', writers, here, async (req, res) => {
    const row = await visible(req);
    await cancelBooking(pool, row.id, versionCheck(req, row.id), clock, events);
    res.json({ status: 'CANCELLED' });
  });

  router.get('/bookings/:id/itinerary.ics', writers, here, async (req, res) => {
    const { id } = await visible(req);
    const row = (await pool.query<ItineraryRow>(SELECT_ITINERARY, [id])).rows[0];
    if (!row) throw noSuchBooking();
    if (row.status === 'CANCELLED' || row.status === 'EXPIRED') {
      throw new Refusal('conflict', `Booking is ${row.status.toLowerCase()} and has no itinerary.`);
    }
    res.set('Content-Type', 'text/calendar; charset=utf-8');
    res.set('Content-Disposition', `attachment; filename="meridian-${bookingReference(id)}.ics"`);
    res.send(itineraryCalendar(row));
  });

  return router;
}

function versionCheck(req: Request, id: string): (version: number) => void {
  return (version) => {
    if (!matchesIfMatch(req, bookingETag({ id, version }))) {
      throw new Refusal('precondition_failed', 'The booking was changed meanwhile.');
    }
  };
}
