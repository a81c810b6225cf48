import type { Locator } from '@playwright/test';
import { textOfPdf } from '../kit/pdf.ts';
import { expect, test } from './pinned.ts';

/** What a link of the page leads to, as the page's own script would get it: downloads are not shown to a test. */
async function follow(link: Locator): Promise<Buffer> {
  const bytes = await link.evaluate(async (element) => {
    const answer = await fetch((element as HTMLAnchorElement).href);
    return [...new Uint8Array(await answer.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

for (const side of ['service', 'monolith'] as const) {
  test.describe(`a visitor whose browser is pinned to the ${side}`, () => {
    test.use({ sides: { billing: side, booking: side } });
    const backendOf = (carveOut: string) => (side === 'service' ? carveOut : 'monolith');

    test('reads an invoice, and opens its PDF', async ({ site, trip, api, proofs }) => {
      await site.invoice.open(trip.invoice);
      await expect(site.invoice.status).toHaveText('Paid');
      await expect(site.invoice.amount('Total')).toHaveText('€462.00');
      const text = await textOfPdf(await follow(site.invoice.pdfLink));
      expect(text).toContain(trip.invoice.number);
      expect(text).toContain('462.00');
      expect((await api.getBookingInvoice(trip.booking.id)).total).toBe('462.00');
      await proofs.expectServedBy('none', 'monolith');
      await proofs.expectServedBy('getInvoicePdf', backendOf('billing'));
      await proofs.expectServedBy('getBookingInvoice', backendOf('billing'));
    });

    test('finds a booking in the list, and takes its itinerary along', async ({
      site,
      trip,
      api,
      proofs,
    }) => {
      await site.bookings.open();
      await expect(site.bookings.booking(trip.booking.reference)).toBeVisible();
      await site.booking.open(trip.booking);
      const entry = await follow(site.booking.itineraryLink);
      expect(entry.toString()).toContain(`UID:${trip.booking.reference}@meridian.example`);
      const listed = await api.listBookings({ flight_id: String(trip.booking.flight.id) });
      expect(listed.map(({ reference }) => reference)).toEqual([trip.booking.reference]);
      await proofs.expectServedBy('getItinerary', backendOf('booking'));
      await proofs.expectServedBy('listBookings', backendOf('booking'));
    });

    test('books and pays, which the owner does; the reads in between are pinned', async ({
      api,
      flight,
      proofs,
    }) => {
      const { booking } = await api.createPaidBooking(flight);
      expect(booking.status).toBe('CONFIRMED');
      for (const write of ['createBooking', 'payInvoice']) await proofs.expectServedBy(write, 'monolith');
      await proofs.expectServedBy('getBooking', backendOf('booking'));
      await proofs.expectServedBy('getBookingInvoice', backendOf('billing'));
    });
  });
}
