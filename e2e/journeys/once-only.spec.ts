import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';
import type { Site } from '../pages/site.ts';

test('a double click books and charges once; reload and back repeat nothing', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  await site.search.openResults(flight);
  await site.search.fare(flight.number, 'Flex').click();
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.holdButton.dblclick();
  await expect(site.page).toHaveURL(site.pay.path);
  const [booking, ...more] = await api.listBookings({ flight_id: String(flight.id) });
  expect(more).toEqual([]);

  await site.pay.fillCard({ card_number: CARDS.approved });
  await site.pay.payButton.dblclick();
  await expect(site.page).toHaveURL(`/bookings/${booking?.id}`);
  await expect(site.booking.status).toHaveText('Confirmed');

  await site.page.reload();
  await expect(site.booking.status).toHaveText('Confirmed');
  // Neither form is left in the history.
  await site.page.goBack();
  await expect(site.page).toHaveURL(/\/flights\?/);
  await site.page.goForward();
  await expect(site.booking.status).toHaveText('Confirmed');

  expect(await api.listBookings({ flight_id: String(flight.id) })).toHaveLength(1);
  expect(await ledgerOf(booking?.invoice_number ?? '')).toMatchObject([
    { kind: 'charge', result: 'APPROVED' },
  ]);
});

test('a form that is loaded again while it is under way, and sent again, books and charges once', async ({
  site,
  flight,
  api,
  bookings,
  ledgerOf,
}) => {
  const fillAndHold = async (): Promise<void> => {
    await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
    await site.book.hold();
  };
  await site.book.open(flight);
  // A service knows of a flight a moment after the monolith does.
  await expect.poll(() => bookings.rows('SELECT 1 FROM flights WHERE id = $1', [flight.id])).toHaveLength(1);
  await bookings.holding('SELECT 1 FROM flights WHERE id = $1 FOR UPDATE', [flight.id], async (lock) => {
    await fillAndHold();
    await expect.poll(lock.waiting, 'the form is under way').toBe(1);
    await site.page.reload();
    await fillAndHold();
    await expect(site.book.holdButton).toBeDisabled();
  });
  await expect(site.page).toHaveURL(site.pay.path);
  const [booking, ...more] = await api.listBookings({ flight_id: String(flight.id) });
  expect(more).toEqual([]);

  await site.pay.pay({ card_number: CARDS.slow });
  // Looked for often: the acquirer is slow for three seconds, and the page is wanted within them.
  await expect
    .poll(async () => (await api.getBookingInvoice(booking?.id ?? 0)).payments.map(({ result }) => result), {
      intervals: [50],
    })
    .toEqual(['PENDING']);
  await site.page.reload();
  // There is no form to send again: the booking waits for the outcome, and shows it by itself.
  await expect(site.frame.notice).toContainText('A payment is under way.');
  await expect(site.booking.status).toHaveText('Confirmed');
  expect(await ledgerOf(booking?.invoice_number ?? '')).toMatchObject([{ result: 'APPROVED' }]);
});

test('forms whose answers are lost are sent again, and have booked, charged and cancelled once', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  await site.book.open(flight);
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace', seat: '12A' });
  await loseAnswer(site, '**/api/v1/bookings');
  await site.book.hold();
  await expect(site.frame.message).toContainText('We could not be reached.');
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);
  const [booking, ...more] = await api.listBookings({ flight_id: String(flight.id) });
  expect(more).toEqual([]);

  await loseAnswer(site, '**/payments');
  await site.pay.pay({ card_number: CARDS.approved });
  await expect(site.frame.message).toContainText('We could not be reached.');
  await site.pay.payButton.click();
  await expect(site.booking.status).toHaveText('Confirmed');

  await site.booking.cancelLink.click();
  await loseAnswer(site, `**/api/v1/bookings/${booking?.id}`);
  await site.cancel.cancel();
  await expect(site.frame.message).toContainText('We could not be reached.');
  await site.cancel.cancel();
  await expect(site.booking.status).toHaveText('Cancelled');
  await expect
    .poll(async () => (await ledgerOf(booking?.invoice_number ?? '')).map(({ kind }) => kind))
    .toEqual(['charge', 'refund']);
});

test('a double click cancels and refunds once', async ({ site, flight, api, ledgerOf }) => {
  const { booking } = await api.createPaidBooking(flight, { fare_class: 'FLEX' });
  await site.cancel.open(booking);
  await site.cancel.cancelButton.dblclick();
  await expect(site.booking.status).toHaveText('Cancelled');
  await site.page.reload();
  await expect(site.booking.status).toHaveText('Cancelled');
  await expect
    .poll(async () => (await ledgerOf(booking.invoice_number)).map(({ kind, amount }) => [kind, amount]))
    .toEqual([
      ['charge', '623.71'],
      ['refund', '623.71'],
    ]);
});

test('forms of what is done already lead to the booking', async ({ site, flight, api }) => {
  const { booking } = await api.createPaidBooking(flight);
  await site.pay.open(booking);
  await expect(site.page).toHaveURL(`/bookings/${booking.id}`);
  await expect(site.booking.payLink).toBeHidden();
});

/** The next call of this address reaches the server; its answer does not come back. */
async function loseAnswer({ page }: Site, address: string): Promise<void> {
  await page.route(
    address,
    async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
}
