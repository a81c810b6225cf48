import { TOTALS } from '../kit/flights.ts';
import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';
import type { Site } from '../pages/site.ts';

test.use({ javaScriptEnabled: false });

test('a browser without JavaScript books, pays, changes and cancels', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  await site.search.choose(flight, 'Classic');
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace', seat: '7F' });
  await site.book.hold();

  await expect(site.page).toHaveURL(site.pay.path);
  const bookingId = site.pay.bookingId();
  await expect(site.pay.total).toHaveText(TOTALS.CLASSIC);
  await site.pay.pay({ card_number: CARDS.approved });
  await expect(site.page).toHaveURL(`/bookings/${bookingId}`);
  await expect(site.booking.status).toHaveText('Confirmed');
  await expect(site.booking.passenger('Ada Lovelace')).toContainText('7F');

  await site.booking.changeLink.click();
  const { passengers, invoice_number } = await api.getBooking(bookingId);
  await site.change.fill({
    contact_phone: '+44 20 7946 0000',
    [`passenger_${passengers[0]?.id}_seat`]: '8F',
  });
  await site.change.save();
  await expect(site.page).toHaveURL(`/bookings/${bookingId}`);
  await expect(site.booking.passenger('Ada Lovelace')).toContainText('8F');
  await expect(site.booking.contact).toContainText('+44 20 7946 0000');

  await site.booking.cancelLink.click();
  await expect(site.cancel.warning).toContainText('€412.00');
  await site.cancel.cancel();
  await expect(site.page).toHaveURL(`/bookings/${bookingId}`);
  await expect(site.booking.status).toHaveText('Cancelled');
  await expect
    .poll(async () => (await ledgerOf(invoice_number)).map(({ kind, amount }) => [kind, amount]))
    .toEqual([
      ['charge', '462.00'],
      ['refund', '412.00'],
    ]);
});

test('without JavaScript, faults stand beside the fields and what was typed stays, but no card', async ({
  site,
  flight,
  api,
}) => {
  await api.createBooking(flight, { passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '3C' }] });
  await site.book.open(flight);
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace', seat: '3C' });
  await site.book.hold();
  await expect(site.book.faultOf('passenger_1_seat')).toHaveText(/^Seat 3C is taken\./);
  await expect(site.book.named('passenger_1_last_name')).toHaveValue('Lovelace');
  await site.book.fillPassenger(1, { seat: '3D' });
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);

  await site.pay.pay({ card_number: '4242 4242 4242 4241', expiry: '01/20' });
  await expect(site.pay.faultOf('card_number')).not.toBeEmpty();
  await expect(site.pay.faultOf('expiry')).not.toBeEmpty();
  await expect(site.pay.named('card_holder')).toHaveValue('Ada Lovelace');
  for (const name of ['card_number', 'expiry', 'cvc']) await expect(site.pay.named(name)).toHaveValue('');

  await site.pay.pay({ card_number: CARDS.declined });
  await expect(site.frame.message).toContainText('Your card was declined (insufficient funds).');
  await site.pay.pay({ card_number: CARDS.approved });
  await expect(site.booking.status).toHaveText('Confirmed');
});

test('without JavaScript, a double click books and charges once', async ({ site, flight, api, ledgerOf }) => {
  await site.book.open(flight);
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.holdButton.dblclick();
  await expect(site.page).toHaveURL(site.pay.path);
  await site.pay.fillCard({ card_number: CARDS.approved });
  await site.pay.payButton.dblclick();
  await expect(site.booking.status).toHaveText('Confirmed');
  await site.page.reload();
  await expect(site.booking.status).toHaveText('Confirmed');
  // Back is the form's page, which knows that there is nothing to pay any more.
  await site.page.goBack();
  await expect(site.booking.status).toHaveText('Confirmed');

  const bookings = await api.listBookings({ flight_id: String(flight.id) });
  expect(bookings).toHaveLength(1);
  expect(await ledgerOf(bookings[0]?.invoice_number ?? '')).toMatchObject([{ result: 'APPROVED' }]);
});

test('the same form sent twice at once books once', async ({ site, flight, api }) => {
  await site.book.open(flight);
  const form = await filledForm(site);
  const send = () => site.page.request.post(`/flights/${flight.id}/book`, { form, maxRedirects: 0 });
  const answers = await Promise.all([send(), send(), send()]);
  const [booking, ...more] = await api.listBookings({ flight_id: String(flight.id) });
  expect(more).toEqual([]);
  for (const answer of [...answers, await send()]) {
    expect(answer.status()).toBe(303);
    expect(answer.headers().location).toBe(`/bookings/${booking?.id}/pay`);
  }
});

test('a form of another session is refused', async ({ site, flight, openSite, api }) => {
  const other = await openSite('rival', { javaScriptEnabled: false });
  await other.book.open(flight);
  const form = await filledForm(other);
  const answer = await site.page.request.post(`/flights/${flight.id}/book`, { form, maxRedirects: 0 });
  expect(answer.status()).toBe(403);
  expect(await api.listBookings({ flight_id: String(flight.id) })).toEqual([]);
});

/** What a browser would send of the form that is open. */
async function filledForm({ page }: Site): Promise<Record<string, string>> {
  return {
    form_token: await page.locator('form[data-book] input[name="form_token"]').inputValue(),
    passenger_1_first_name: 'Ada',
    passenger_1_last_name: 'Lovelace',
    contact_email: 'ada@example.com',
  };
}
