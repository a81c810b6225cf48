import type { PoolClient } from 'pg';
import type { InvoicedBooking, InvoiceEvents } from '../../billing/invoice-events.ts';
import { confirmBooking } from '../../bookings/confirm-booking.ts';
import { nothingAfter } from '../../db/transaction.ts';

/** Bookings are here: what follows happens in the payment's own transaction. */
export const localInvoiceEvents: InvoiceEvents = {
  async lockBooking(client, bookingId) {
    return (await client.query<InvoicedBooking>(`${READ} FOR NO KEY UPDATE`, [bookingId])).rows[0] ?? null;
  },
  contactOf,
  async invoicePaid(client, { bookingId, invoiceId, at }) {
    const contactEmail = await contactOf(client, bookingId);
    await confirmBooking(client, { id: bookingId, contactEmail, invoiceId, now: at });
    return nothingAfter;
  },
  invoiceRefunded: async () => nothingAfter,
};

async function contactOf(client: PoolClient, bookingId: string): Promise<string> {
  const booking = (await client.query<InvoicedBooking>(READ, [bookingId])).rows[0];
  if (!booking) throw new Error('a booking that was there is gone');
  return booking.contactEmail;
}

const READ = 'SELECT status, contact_email AS "contactEmail" FROM bookings WHERE id = $1';
