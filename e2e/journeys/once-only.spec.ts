import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';

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
