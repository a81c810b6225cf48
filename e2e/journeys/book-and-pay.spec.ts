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
  await site.search.choose(flight, 'Classic');
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

test('all that is wrong with a booking is said at once, each beside its field, and what was typed stays', async ({
  site,
  flight,
  api,
}) => {
  await api.createBooking(flight, { passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '3C' }] });
  await site.book.open(flight, { adults: 2 });
  await site.book.fillPassenger(1, { first_name: 'Ada', seat: '3c', frequent_flyer_no: 'ma-1' });
  await site.book.fillPassenger(2, { last_name: 'King', seat: '99a' });
  await site.book.fill({ contact_email: 'nobody', note: 'Vegetarian, please.' });
  await site.book.hold();
  for (const [name, text] of Object.entries({
    passenger_1_last_name: 'Please fill this in.',
    passenger_1_frequent_flyer_no: 'Must be 5 to 12 letters and digits.',
    passenger_2_first_name: 'Please fill this in.',
    passenger_2_seat: 'This aircraft has no seat 99A.',
    contact_email: 'Must be an e-mail address.',
  })) {
    await expect(site.book.faultOf(name)).toHaveText(text);
  }
  await expect(site.book.named('passenger_1_first_name')).toHaveValue('Ada');
  await expect(site.book.named('note')).toHaveValue('Vegetarian, please.');

  await site.book.fillPassenger(1, { last_name: 'Lovelace', frequent_flyer_no: 'ma12345' });
  await site.book.fillPassenger(2, { first_name: 'William', seat: '4d' });
  await site.book.fill({ contact_email: 'ada@example.com' });
  await site.book.hold();
  await expect(site.book.faultOf('passenger_1_seat')).toHaveText('Seat 3C is taken. Please choose another.');
  await site.book.seatMap.pick('4C');
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);
  const { passengers } = await api.getBooking(site.pay.bookingId());
  expect(passengers.map(({ seat, frequent_flyer_no }) => [seat, frequent_flyer_no])).toEqual([
    ['4C', 'MA12345'],
    ['4D', null],
  ]);
});

test('every fault of a card is said beside its field', async ({ site, booking, ledgerOf }) => {
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
  booking,
  ledgerOf,
}) => {
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
  booking,
  ledgerOf,
}) => {
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
  booking,
  ledgerOf,
}) => {
  await site.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.slow });
  await expect(site.pay.payButton).toBeDisabled();
  await expect(site.page.getByText('We are asking your bank.')).toBeVisible();
  await expect(site.booking.status).toHaveText('Confirmed');
  expect(await ledgerOf(booking.invoice_number)).toMatchObject([{ result: 'APPROVED' }]);
});

test('another browser that pays for the same booking meanwhile is shown what becomes of the first payment', async ({
  site,
  booking,
  api,
  openSite,
  ledgerOf,
}) => {
  const other = await openSite('customer');
  await site.pay.open(booking);
  await other.pay.open(booking);
  await site.pay.pay({ card_number: CARDS.slow });
  await expect
    .poll(async () => (await api.getBookingInvoice(booking.id)).payments.map(({ result }) => result), {
      intervals: [50],
    })
    .toEqual(['PENDING']);
  await other.pay.pay({ card_number: CARDS.approved });
  await expect(other.page).toHaveURL(`/bookings/${booking.id}`);
  for (const each of [site, other]) await expect(each.booking.status).toHaveText('Confirmed');
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
