import type { Pool } from 'pg';
import { type InvoiceRow, SELECT_INVOICES } from '../billing/invoice.ts';
import { type ItineraryRow, SELECT_ITINERARY } from '../bookings/itinerary.ts';
import type { TicketPassenger } from './pdf/ticket-document.ts';

/** Everything a mail may speak of, as it is when the mail is written. */
export type MailData = {
  itinerary: ItineraryRow;
  invoice: InvoiceRow;
  fareClass: string;
  passengers: readonly TicketPassenger[];
};

/** Null when the booking is gone, which no part of this system makes happen. */
export async function readMailData(pool: Pool, bookingId: string): Promise<MailData | null> {
  const itinerary = (await pool.query<ItineraryRow>(SELECT_ITINERARY, [bookingId])).rows[0];
  const invoice = (await pool.query<InvoiceRow>(`${SELECT_INVOICES} WHERE i.booking_id = $1`, [bookingId]))
    .rows[0];
  const fare = (await pool.query<{ fare_class: string }>(FARE, [bookingId])).rows[0];
  const passengers = (await pool.query<TicketPassenger>(PASSENGERS, [bookingId])).rows;
  if (!itinerary || !invoice || !fare) return null;
  return { itinerary, invoice, fareClass: fare.fare_class, passengers };
}

const FARE = 'SELECT fare_class FROM bookings WHERE id = $1';

const PASSENGERS = `
  SELECT p.title, p.first_name, p.last_name, p.infant, p.special_assistance, p.frequent_flyer_no, s.seat
  FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
  WHERE p.booking_id = $1 ORDER BY p.position`;
