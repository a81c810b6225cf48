import type { Pool } from 'pg';
import { type InvoiceRow, SELECT_INVOICES } from '../billing/invoice.ts';
import type { ShownInvoice } from '../billing/invoices.ts';
import { type ItineraryRow, SELECT_ITINERARY } from '../bookings/itinerary.ts';
import type { TicketPassenger } from './pdf/ticket-document.ts';

export type MailDataOf = (bookingId: string) => Promise<MailData | null>;

/** Everything a mail may speak of, as it is when the mail is written. */
export type MailData = {
  contactEmail: string;
  itinerary: ItineraryRow;
  invoice: ShownInvoice;
  fareClass: string;
  passengers: readonly TicketPassenger[];
};

export type MailedBooking = Omit<MailData, 'invoice'>;

/** Bookings of this database. Null when the booking is gone, which no part of this system makes happen. */
export async function readMailedBooking(pool: Pool, bookingId: string): Promise<MailedBooking | null> {
  const itinerary = (await pool.query<ItineraryRow>(SELECT_ITINERARY, [bookingId])).rows[0];
  const rest = (await pool.query<{ fare_class: string; contact_email: string }>(REST, [bookingId])).rows[0];
  const passengers = (await pool.query<TicketPassenger>(PASSENGERS, [bookingId])).rows;
  if (!itinerary || !rest) return null;
  return { itinerary, fareClass: rest.fare_class, contactEmail: rest.contact_email, passengers };
}

/** The invoice of a booking in this database. */
export async function readMailedInvoice(pool: Pool, bookingId: string): Promise<ShownInvoice | null> {
  const { rows } = await pool.query<InvoiceRow>(`${SELECT_INVOICES} WHERE i.booking_id = $1`, [bookingId]);
  return rows[0] ?? null;
}

const REST = 'SELECT fare_class, contact_email FROM bookings WHERE id = $1';

const PASSENGERS = `
  SELECT p.title, p.first_name, p.last_name, p.infant, p.special_assistance, p.frequent_flyer_no, s.seat
  FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
  WHERE p.booking_id = $1 ORDER BY p.position`;
