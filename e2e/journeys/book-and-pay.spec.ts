import { TOTALS } from '../kit/flights.ts';
import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';

test('a customer searches, picks a seat, books, pays, and is confirmed', async ({
  site,
  api,
  flight,
  accounts,
  ledgerOf,
}) => {
  await site.search.open();
  await site.search.search(flight);
  await site.search.fare(flight.number, 'Classic').click();

  await expect(site.book.total).toHaveText(TOTALS.CLASSIC);
  await expect(site.book.named('contact_email')).toHaveValue(accounts.customer.email);
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.seatMap.pick('12A');
  await expect(site.book.named('passenger_1_seat')).toHaveValue('12A');
  await site.book.hold();

  await expect(site.page).toHaveURL(site.pay.path);
  await expect(site.pay.total).toHaveText(TOTALS.CLASSIC);
  const booking = await api.getBooking(site.pay.bookingId());
  expect(booking).toMatchObject({ status: 'HELD', account_id: accounts.customer.id, total_amount: '462.00' });
  await site.pay.pay({ card_number: CARDS.approved });

  await expect(site.page).toHaveURL(`/bookings/${booking.id}`);
  await expect(site.booking.status).toHaveText('Confirmed');
  await expect(site.booking.reference).toHaveText(booking.reference);
  await expect(site.booking.passenger('Ada Lovelace')).toContainText('12A');
  await expect(site.booking.total).toHaveText(TOTALS.CLASSIC);

  await site.bookings.open();
  await expect(site.bookings.booking(booking.reference)).toContainText('Confirmed');
  expect((await api.getSeatMap(flight)).taken).toEqual(['12A']);
  expect(await ledgerOf(booking.invoice_number)).toMatchObject([
    { kind: 'charge', result: 'APPROVED', amount: '462.00' },
  ]);
});

test('a family books seats for who needs one, and none for the infant', async ({ site, api, flight }) => {
  await site.book.open(flight, { adults: 2, infants: 1 });
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.fillPassenger(2, { first_name: 'William', last_name: 'King' });
  await site.book.fillPassenger(3, { first_name: 'Byron', last_name: 'King' });
  await expect(site.book.seatMap.travellers).toHaveCount(2);
  await site.book.seatMap.pick('20C');
  await site.book.seatMap.pick('20B');
  await expect(site.book.seatMap.chosen).toHaveText('20C, 20B');
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);
  const { passengers } = await api.getBooking(site.pay.bookingId());
  expect(passengers.map(({ first_name, seat, infant }) => [first_name, seat, infant])).toEqual([
    ['Ada', '20C', 'N'],
    ['William', '20B', 'N'],
    ['Byron', null, 'Y'],
  ]);
});

test('what is wrong with a booking is said beside the field, and what was typed stays', async ({
  site,
  flight,
  api,
}) => {
  await api.createBooking(flight, { passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '3C' }] });
  await site.book.open(flight);
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace', seat: '3C' });
  await site.book.fill({ note: 'Vegetarian, please.' });
  await site.book.hold();
  await expect(site.book.faultOf('passenger_1_seat')).toHaveText('Seat 3C is taken. Please choose another.');
  await expect(site.book.named('passenger_1_first_name')).toHaveValue('Ada');
  await expect(site.book.named('note')).toHaveValue('Vegetarian, please.');

  await site.book.seatMap.pick('4C');
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);
});

test('every fault of a card is said beside its field', async ({ site, flight, api, ledgerOf }) => {
  const booking = await api.createBooking(flight);
  await site.pay.open(booking);
  await site.pay.pay({ card_number: '4242 4242 4242 4241', expiry: '01/20', cvc: '12' });
  await expect(site.pay.faultOf('card_number')).not.toBeEmpty();
  await expect(site.pay.faultOf('expiry')).not.toBeEmpty();
  await expect(site.pay.faultOf('cvc')).not.toBeEmpty();
  await expect(site.pay.faultOf('card_holder')).toBeEmpty();
  await expect(site.pay.named('card_holder')).toHaveValue('Ada Lovelace');
  await expect(site.page).toHaveURL(`/bookings/${booking.id}/pay`);
  expect(await ledgerOf(booking.invoice_number)).toEqual([]);
});

test('a declined card is said, charges nothing, and another one pays', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  const booking = await api.createBooking(flight);
  await site.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.declined });
  await expect(site.frame.message).toContainText(
    'Your card was declined (insufficient funds). Nothing was charged.',
  );
  await expect(site.pay.named('card_number')).toHaveValue('');
  await expect(site.pay.named('card_holder')).toHaveValue('Ada Lovelace');

  await site.pay.pay({ card_number: CARDS.approved });
  await expect(site.booking.status).toHaveText('Confirmed');
  expect((await ledgerOf(booking.invoice_number)).map(({ result }) => result)).toEqual([
    'DECLINED',
    'APPROVED',
  ]);
});

test('an acquirer that fails charges nothing, and the same card pays later', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  const booking = await api.createBooking(flight);
  await site.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.failing });
  await expect(site.frame.message).not.toBeEmpty();
  await expect(site.page).toHaveURL(`/bookings/${booking.id}/pay`);
  expect(await ledgerOf(booking.invoice_number)).toEqual([]);

  await site.pay.pay({ card_number: CARDS.approved });
  await expect(site.booking.status).toHaveText('Confirmed');
});

test('while the acquirer is slow the button waits, and the charge is made once', async ({
  site,
  flight,
  api,
  ledgerOf,
}) => {
  const booking = await api.createBooking(flight);
  await site.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.slow });
  await expect(site.pay.payButton).toBeDisabled();
  await expect(site.booking.status).toHaveText('Confirmed');
  expect(await ledgerOf(booking.invoice_number)).toMatchObject([{ result: 'APPROVED' }]);
});

test('another browser that pays for the same booking meanwhile is refused', async ({
  site,
  flight,
  api,
  openSite,
  ledgerOf,
}) => {
  const booking = await api.createBooking(flight);
  const other = await openSite('customer');
  await site.pay.open(booking);
  await other.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.slow });
  await expect
    .poll(async () => (await api.getBookingInvoice(booking.id)).payments.map(({ result }) => result))
    .toEqual(['PENDING']);
  await other.pay.pay({ card_number: CARDS.approved });
  await expect(other.frame.message).toHaveText('A payment is in progress.');
  await expect(site.booking.status).toHaveText('Confirmed');
  expect(await ledgerOf(booking.invoice_number)).toMatchObject([{ result: 'APPROVED' }]);
});

test('a flight that is closed for booking says so', async ({ site, flight, database }) => {
  await database.row(`UPDATE flights SET status = 'CANCELLED' WHERE id = $1 RETURNING id`, [flight.id]);
  await site.search.openResults(flight);
  await expect(site.search.flight(flight.number)).toContainText('This flight is cancelled.');
  const response = await site.book.open(flight);
  expect(response?.status()).toBe(409);
  await expect(site.page.getByText(`Flight ${flight.number} is closed for booking.`)).toBeVisible();
});
