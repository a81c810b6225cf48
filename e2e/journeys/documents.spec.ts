import { readFile } from 'node:fs/promises';
import { textOfPdf } from '../kit/pdf.ts';
import { expect, test } from '../kit/test.ts';
import { createMailCatcher } from '../pages/mail-catcher.ts';

test('the invoice is a PDF with its number and total', async ({ site, flight, api }) => {
  const { booking, invoice } = await api.createPaidBooking(flight);
  await site.booking.open(booking);
  await site.booking.invoiceLink.click();
  await expect(site.frame.heading).toHaveText(`Invoice ${booking.invoice_number}`);
  await expect(site.invoice.status).toHaveText('Paid');
  await expect(site.invoice.amount('Total')).toHaveText('€462.00');

  // With Alt the browser saves what a link leads to; otherwise it shows it, where it has a viewer.
  const downloading = site.page.waitForEvent('download');
  await site.invoice.pdfLink.click({ modifiers: ['Alt'] });
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${invoice.number}.pdf`);
  const text = await textOfPdf(await readFile(await download.path()));
  expect(text).toContain(invoice.number);
  expect(text).toContain('462.00');
  expect(text).toContain(booking.reference);
});

test('the itinerary is a calendar entry of the flight', async ({ site, flight, api }) => {
  const { booking } = await api.createPaidBooking(flight);
  await site.booking.open(booking);
  const downloading = site.page.waitForEvent('download');
  await site.booking.itineraryLink.click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`meridian-${booking.reference}.ics`);
  const calendar = await readFile(await download.path(), 'utf8');
  expect(calendar).toContain(`UID:${booking.reference}@meridian.example`);
  expect(calendar).toContain(`DTSTART:${flight.date.replaceAll('-', '')}T100000Z`);
});

test('who has paid gets the e-ticket and the receipt by mail', async ({ site, flight, api, environment }) => {
  const { booking, invoice } = await api.createPaidBooking(flight, {
    passengers: [{ first_name: 'Ada', last_name: 'Lovelace', seat: '12A' }],
  });
  const mail = createMailCatcher(site.page, environment.mailUrl);

  await mail.open(`Your e-ticket ${booking.reference}`);
  await expect(mail.to).toHaveText('ada@example.com');
  await expect(mail.html).toContainText('You are flying from LHR to JFK');
  await expect(mail.html).toContainText('seat 12A');
  const ticket = await mail.download(`e-ticket-${booking.reference}.pdf`);
  const ticketText = await textOfPdf(await readFile(ticket.path));
  expect(ticketText).toContain(booking.reference);
  expect(ticketText).toContain(flight.number);
  const calendar = await mail.download(`meridian-${booking.reference}.ics`);
  expect(await readFile(calendar.path, 'utf8')).toContain(`UID:${booking.reference}@meridian.example`);

  await mail.open(`Receipt for invoice ${invoice.number}`);
  await expect(mail.html).toContainText('462.00 EUR');
  const receipt = await mail.download(`${invoice.number}.pdf`);
  expect(receipt.filename).toBe(`${invoice.number}.pdf`);
  expect(await textOfPdf(await readFile(receipt.path))).toContain('462.00');
});

test('who cancels is told by mail what comes back', async ({ site, flight, api, environment }) => {
  const { booking } = await api.createPaidBooking(flight);
  await site.cancel.open(booking);
  await site.cancel.cancel();
  await expect(site.booking.status).toHaveText('Cancelled');
  const mail = createMailCatcher(site.page, environment.mailUrl);
  await mail.open(`Your booking ${booking.reference} is cancelled`);
  await expect(mail.html).toContainText('412.00 EUR will be refunded');
  await mail.open(`Refund of 412.00 EUR for booking ${booking.reference}`);
  await expect(mail.attachment(`${booking.invoice_number}.pdf`)).toBeVisible();
});
