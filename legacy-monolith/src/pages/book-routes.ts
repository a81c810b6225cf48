import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import { identityOf } from '../auth/guards.ts';
import { bookingOfForm } from '../bookings/booking-form.ts';
import { newBookingFacts } from '../bookings/booking-queries.ts';
import { isClosedForBooking } from '../bookings/closing.ts';
import { parseNewBooking } from '../bookings/new-booking.ts';
import { FARE_CLASSES, type FareClass } from '../bookings/price.ts';
import type { FlightRow } from '../flights/flight.ts';
import { listAirports, requiredFlight } from '../flights/flight-queries.ts';
import { Refusal } from '../http/refusal.ts';
import { type FormState, faultsOf, formOf, withTyped } from './fields.ts';
import { formIdOf } from './form-token.ts';
import { leadOn, type PageKit, type PageParts } from './page-kit.ts';
import { parseParty } from './party.ts';
import { blameSeat } from './seat-faults.ts';
import { takeTyped } from './typed-form.ts';
import { bookFieldName, bookPage } from './view-models/book-page.ts';
import { airportsByCode, flightHead, legOfFlight, partyPrice } from './view-models/flight-parts.ts';

/**
 * `/flights/{id}/book`: who sits where, and whom to write to. The form's id is part of its address, so that a form
 * that is loaded again while it is under way, or because its answer was lost, is the same form and books once.
 */
export function createBookRoutes({ pool, clock, tokens, border }: PageParts, kit: PageKit): Router {
  const router = Router();
  const booker = kit.only('customer', 'agent', 'partner');
  const facts = newBookingFacts(pool);

  router.get('/flights/:id/book', booker, async (req, res) => {
    const flight = await requiredFlight(pool, req.params.id);
    const { form: formId, ...query } = req.query as Record<string, string>;
    const identity = identityOf(req);
    const form = { id: formId ?? '', accountId: identity.accountId, flightId: flight.id };
    const made = await bookingOfForm(pool, form);
    if (made !== null) return res.redirect(303, payPath(made));
    if (formId === undefined || !tokens.isOpen(formId)) {
      const address = new URLSearchParams({ ...query, form: tokens.newId() });
      return res.redirect(303, `/flights/${flight.id}/book?${address}`);
    }
    const fresh = formOf({ ...query, contact_email: identity.email });
    await showForm(req, res, flight, formId, withTyped(fresh, takeTyped(req, req.path)), 200);
  });

  router.post('/flights/:id/book', booker, async (req, res) => {
    const flight = await requiredFlight(pool, req.params.id);
    const identity = identityOf(req);
    const typed = await kit.readForm(req, purposeOf(flight));
    const formId = formIdOf(typed.form_token as string);
    try {
      const values = { ...inCapitals(typed), flight_id: flight.id };
      const wanted = await parseNewBooking({ kind: 'form', values }, identity.role === 'agent', facts);
      const id = await border.bookingsOf(callerOf(req)).create(wanted, formId);
      await leadOn(res, { path: payPath(id) });
    } catch (error) {
      if (!(error instanceof Refusal) || !['invalid', 'conflict'].includes(error.kind)) throw error;
      const form = blameSeat(faultsOf(typed, error, bookFieldName));
      await showForm(req, res, flight, formId, form, error.status);
    }
  });

  const showForm = async (
    req: Request,
    res: Response,
    flight: FlightRow,
    formId: string,
    form: FormState,
    status: number,
  ): Promise<void> => {
    if (isClosedForBooking(flight, clock())) {
      throw new Refusal('conflict', `Flight ${flight.number} is closed for booking.`);
    }
    const party = parseParty(form.values);
    const fareClass = fareClassOf(form.values.fare_class);
    const airports = airportsByCode(await listAirports(pool));
    kit.show(req, res, {
      view: 'book',
      title: `Book flight ${flight.number}`,
      section: 'flights',
      status,
      model: bookPage({
        token: kit.token(req, purposeOf(flight), formId),
        formId,
        form,
        flight: flightHead(flight),
        leg: legOfFlight(flight, airports),
        map: await border.seatMapOf(flight.id),
        fareClass,
        party,
        total: partyPrice(flight, fareClass, party),
        byAgent: identityOf(req).role === 'agent',
      }),
    });
  };

  return router;
}

function purposeOf(flight: FlightRow): string {
  return `book:${flight.id}`;
}

function payPath(bookingId: string): string {
  return `/bookings/${bookingId}/pay`;
}

function fareClassOf(text: string | undefined): FareClass {
  return FARE_CLASSES.find((fareClass) => fareClass === text) ?? 'CLASSIC';
}

/** Seats and frequent flyer numbers are in capitals; people type as they like, above all on a phone. */
export function inCapitals(form: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(form).map(([name, value]) =>
    /^passenger_\d+_(seat|frequent_flyer_no)$/.test(name)
      ? [name, value.trim().toUpperCase()]
      : [name, value],
  );
  return Object.fromEntries(entries);
}
