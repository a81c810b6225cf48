import type { RequestHandler } from 'express';
import type { Caller } from './auth/caller.ts';
import type { InvoiceEventsNow } from './billing/invoice-events.ts';
import type { InvoicesOf } from './billing/invoices.ts';
import type { PaymentConsent } from './billing/payment-consent.ts';
import type { BookingEventsNow } from './bookings/booking-events.ts';
import type { BookingsOf } from './bookings/bookings.ts';
import type { SeatMapRow } from './flights/flight-queries.ts';
import type { ProfileCounts } from './profile/profile.ts';

/** What the contexts see of each other, wherever each of them is (`docs/border.md`). */
export type Border = {
  bookingEvents: BookingEventsNow;
  invoiceEvents: InvoiceEventsNow;
  consent: PaymentConsent;
  bookingsOf: BookingsOf;
  invoicesOf: InvoicesOf;
  /** The cabin of a flight with the seats that are taken, by row and column, or the 404. */
  seatMapOf(flightId: unknown): Promise<SeatMapRow>;
  countsOf(caller: Caller): Promise<ProfileCounts>;
  /** Whether this database owns it. */
  owns(context: 'booking' | 'billing'): Promise<boolean>;
  /** Notes the trace of a request for the events that it writes. */
  followTrace: RequestHandler;
  /** The 503 of an operation whose context is not here: what this database has of it may be old. */
  onlyHere(context: 'booking' | 'billing'): RequestHandler;
};
