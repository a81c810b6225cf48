import type { Environment } from '../kit/environment.ts';
import { expect, test } from '../kit/test.ts';

/** Of bookings and billing. Elsewhere billing may hear of a cancellation after the page was made. */
const isOneTransaction = ({ owners }: Environment): boolean => owners === 'none';

const PASSENGERS = [{ first_name: 'Ada', last_name: 'Lovelace', seat: '10A' }];

test('a customer moves to another seat and leaves a phone number', async ({ site, flight, api }) => {
  const booking = await api.createBooking(flight, { passengers: PASSENGERS });
  await site.booking.open(booking);
  await site.booking.changeLink.click();
  await expect(site.change.seatMap.seatAs('10A', 'mine')).toBeVisible();
  await site.change.seatMap.pick('11A');
  await expect(site.change.seatMap.chosen).toHaveText('11A');
  await site.change.fill({ contact_phone: '+44 20 7946 0001' });
  await site.change.save();

  await expect(site.page).toHaveURL(`/bookings/${booking.id}`);
  await expect(site.booking.passenger('Ada Lovelace')).toContainText('11A');
  await expect(site.booking.contact).toContainText('+44 20 7946 0001');
  expect((await api.getSeatMap(flight)).taken).toEqual(['11A']);
  expect((await api.getBooking(booking.id)).version).toBe(2);
});

test('a change that cannot be is said beside its field, and what was typed stays', async ({
  site,
  flight,
  api,
}) => {
  const booking = await api.createBooking(flight, { passengers: PASSENGERS });
  await api.createBooking(flight, {
    passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '10B' }],
  });
  const seat = `passenger_${booking.passengers[0]?.id}_seat`;
  await site.change.open(booking);
  await site.change.fill({ [seat]: '10B', note: 'Window, please.' });
  await site.change.save();
  await expect(site.change.faultOf(seat)).toHaveText('Seat 10B is taken. Please choose another.');
  await expect(site.change.named('note')).toHaveValue('Window, please.');

  await site.change.fill({ [seat]: '99K' });
  await site.change.save();
  await expect(site.change.faultOf(seat)).toContainText('99K');
  expect((await api.getBooking(booking.id)).version).toBe(1);
});

test('who changes what somebody else changed meanwhile is asked to look again', async ({
  site,
  flight,
  api,
  openSite,
}) => {
  const booking = await api.createBooking(flight, { passengers: PASSENGERS });
  const other = await openSite('customer');
  await site.change.open(booking);
  await other.change.open(booking);
  await other.change.fill({ note: 'First.' });
  await other.change.save();
  await expect(other.page).toHaveURL(`/bookings/${booking.id}`);

  await site.change.fill({ note: 'Second.' });
  await site.change.save();
  await expect(site.frame.message).toContainText(/changed/i);
  await expect(site.change.named('note')).toHaveValue('Second.');
  expect(await api.getBooking(booking.id)).toMatchObject({ note: 'First.', version: 2 });
});

test('a booking that is not paid is cancelled for nothing', async ({
  site,
  flight,
  api,
  ledgerOf,
  environment,
}) => {
  const booking = await api.createBooking(flight, { passengers: PASSENGERS });
  await site.booking.open(booking);
  await site.booking.cancelLink.click();
  await site.cancel.keepLink.click();
  await expect(site.booking.status).toHaveText('Held');
  await site.booking.cancelLink.click();
  await site.cancel.cancel();
  await expect(site.booking.status).toHaveText('Cancelled');
  await expect(site.booking.cancelLink).toBeHidden();
  await expect(site.booking.payLink).toBeHidden();
  const invoiceStatus = async () => (await api.getBookingInvoice(booking.id)).status;
  if (isOneTransaction(environment)) expect(await invoiceStatus()).toBe('VOID');
  else await expect.poll(invoiceStatus).toBe('VOID');
  expect((await api.getSeatMap(flight)).taken).toEqual([]);
  expect(await ledgerOf(booking.invoice_number)).toEqual([]);
});

const GIVEN_BACK = [
  { fareClass: 'SAVER', amount: null, invoiceStatus: 'Paid' },
  { fareClass: 'CLASSIC', amount: '412.00', invoiceStatus: 'Partially refunded' },
  { fareClass: 'FLEX', amount: '623.71', invoiceStatus: 'Refunded' },
] as const;

for (const { fareClass, amount, invoiceStatus } of GIVEN_BACK) {
  test(`a paid ${fareClass} booking that is cancelled gives back ${amount ?? 'nothing'}`, async ({
    site,
    flight,
    api,
    ledgerOf,
    environment,
  }) => {
    const { booking, invoice } = await api.createPaidBooking(flight, { fare_class: fareClass });
    await site.cancel.open(booking);
    if (amount !== null) await expect(site.cancel.warning).toContainText(`€${amount}`);
    await site.cancel.cancel();
    await expect(site.booking.status).toHaveText('Cancelled');
    const refunded = amount ?? '0.00';
    if (!isOneTransaction(environment)) {
      await expect.poll(async () => (await api.getBookingInvoice(booking.id)).refunded).toBe(refunded);
      await site.booking.open(booking);
    }
    if (amount !== null)
      await expect(site.page.getByText(`€${amount} goes back to your card.`)).toBeVisible();

    await site.invoice.open(invoice);
    await expect(site.invoice.status).toHaveText(invoiceStatus);
    await expect(site.invoice.amount('Refunded')).toHaveText(`€${refunded}`);
    const refunds = (await ledgerOf(booking.invoice_number)).filter(({ kind }) => kind === 'refund');
    expect(refunds.map((refund) => refund.amount)).toEqual(amount === null ? [] : [amount]);
  });
}

test('a customer finds a booking by its status', async ({ site, flight, api }) => {
  const held = await api.createBooking(flight);
  const { booking: paid } = await api.createPaidBooking(flight);
  await site.bookings.open();
  await expect(site.bookings.booking(held.reference)).toContainText('Held');
  await site.bookings.filter({ status: 'CONFIRMED' });
  await expect(site.bookings.booking(held.reference)).toBeHidden();
  await expect(site.bookings.booking(paid.reference)).toContainText('Confirmed');
});

test('somebody else’s booking is not to be found', async ({ site, flight, api, openSite }) => {
  const booking = await api.createBooking(flight);
  const rival = await openSite('rival');
  for (const path of ['', '/pay', '/change', '/cancel']) {
    const response = await rival.page.goto(`/bookings/${booking.id}${path}`);
    expect(response?.status(), path).toBe(404);
  }
  await site.booking.open(booking);
  await expect(site.booking.reference).toHaveText(booking.reference);
});
