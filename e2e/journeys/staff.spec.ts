import { readFile } from 'node:fs/promises';
import { createApi } from '../kit/api.ts';
import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';

test.describe('an agent', () => {
  test.use({ visitor: 'agent' });

  test('books for a customer, who finds the booking among the own ones and pays', async ({
    site,
    flight,
    accounts,
    openSite,
  }) => {
    await site.book.open(flight);
    await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
    await site.book.fill({
      account_id: String(accounts.customer.id),
      contact_email: accounts.customer.email,
    });
    await site.book.hold();
    await expect(site.page).toHaveURL(site.pay.path);
    const bookingId = site.pay.bookingId();

    const customer = await openSite('customer');
    await customer.pay.open({ id: bookingId });
    await customer.pay.pay({ card_number: CARDS.approved });
    await expect(customer.booking.status).toHaveText('Confirmed');
  });

  test('is told beside the field that there is no such account', async ({ site, flight }) => {
    await site.book.open(flight);
    await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
    await site.book.fill({ account_id: '999999999' });
    await site.book.hold();
    await expect(site.book.faultOf('account_id')).not.toBeEmpty();
  });

  test('finds a customer’s booking by the filter, and changes it', async ({
    site,
    flight,
    openSite,
    accounts,
  }) => {
    const customer = await openSite('customer');
    const booking = await createApi(customer.page.request).createBooking(flight);
    await site.bookings.open();
    await expect(site.frame.heading).toHaveText('All bookings');
    await site.bookings.filter({ status: 'HELD', flight_id: String(flight.id) });
    await expect(site.bookings.all).toHaveCount(1);
    await expect(site.bookings.named('flight_id')).toHaveValue(String(flight.id));
    await site.bookings.booking(booking.reference).click();
    await site.booking.changeLink.click();
    await site.change.fill({ note: `Called by ${accounts.agent.email}.` });
    await site.change.save();
    await expect(site.booking.contact).toContainText('Called by');
  });

  test('downloads all bookings, and sees no invoices', async ({ site, flight, openSite }) => {
    const customer = await openSite('customer');
    const booking = await createApi(customer.page.request).createBooking(flight);
    await site.bookings.open();
    const downloading = site.page.waitForEvent('download');
    await site.bookings.exportLink.click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('bookings.csv');
    const csv = await readFile(await download.path(), 'utf8');
    expect(csv).toMatch(/^id,reference,status,/);
    expect(csv).toContain(`,${booking.reference},`);

    await expect(site.frame.navigation.getByRole('link', { name: 'Invoices' })).toBeHidden();
    expect((await site.invoices.open())?.status()).toBe(403);
  });
});

test.describe('an accountant', () => {
  test.use({ visitor: 'accountant' });

  test('finds an invoice, refunds a part, then the rest; never more', async ({
    site,
    flight,
    openSite,
    ledgerOf,
  }) => {
    const customer = await openSite('customer');
    const { booking, invoice } = await createApi(customer.page.request).createPaidBooking(flight);
    await site.invoices.open();
    await site.invoices.filter({ booking_id: String(booking.id) });
    await site.invoices.invoice(invoice.number).getByRole('link').click();
    await expect(site.invoice.amount('Paid')).toHaveText('€462.00');

    await site.invoice.refundFields.fill({ amount: '462.01', reason: 'Goodwill' });
    await site.invoice.refund();
    await expect(site.invoice.refundFields.faultOf('amount')).not.toBeEmpty();
    await expect(site.invoice.refundFields.named('reason')).toHaveValue('Goodwill');

    await site.invoice.refundFields.fill({ amount: '100.00' });
    await site.invoice.refund();
    await expect(site.invoice.status).toHaveText('Partially refunded');
    await expect(site.invoice.payments).toContainText('Refund of €100.00 · Goodwill');

    await site.invoice.refundFields.fill({ reason: 'The rest' });
    await site.invoice.refund();
    await expect(site.invoice.status).toHaveText('Refunded');
    await expect(site.invoice.refundForm).toBeHidden();
    const movements = await ledgerOf(invoice.number);
    expect(movements.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['charge', '462.00'],
      ['refund', '100.00'],
      ['refund', '362.00'],
    ]);
  });

  test('draws up a customer’s statement of the month', async ({ site, flight, openSite, accounts }) => {
    const customer = await openSite('customer');
    const { invoice } = await createApi(customer.page.request).createPaidBooking(flight);
    await site.invoices.open();
    await site.invoices.statementFields.fill({
      month: invoice.issued_at.slice(0, 7),
      account_id: String(accounts.customer.id),
    });
    await site.invoices.drawUp();
    await expect(site.frame.heading).toContainText('Statement');
    await expect(site.page.getByRole('row').filter({ hasText: invoice.number })).toHaveCount(2);
  });

  test('downloads the invoices, and books nothing', async ({ site, flight }) => {
    await site.invoices.open();
    const downloading = site.page.waitForEvent('download');
    await site.invoices.exportButton.click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('invoices.csv');
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^id,number,booking_id,/);
    expect((await site.book.open(flight))?.status()).toBe(403);
    expect((await site.bookings.open())?.status()).toBe(403);
  });
});
