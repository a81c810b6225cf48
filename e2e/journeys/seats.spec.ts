import { expect, test } from '../kit/test.ts';

test('two browsers see each other pick, let go, and book', async ({ site, openSite, flight }) => {
  const rival = await openSite('rival');
  await Promise.all([site.book.open(flight, { adults: 2 }), rival.book.open(flight)]);
  const [ours, theirs] = [site.book.seatMap, rival.book.seatMap];
  await expect(ours.live).toHaveAttribute('data-live', 'on');
  await expect(theirs.live).toHaveAttribute('data-live', 'on');

  await ours.pick('14B');
  await expect(ours.seatAs('14B', 'mine')).toBeVisible();
  await expect(theirs.seatAs('14B', 'other')).toBeDisabled();

  await ours.pick('14C');
  await expect(theirs.seatAs('14C', 'other')).toBeDisabled();
  await ours.pick('14C');
  await expect(theirs.seatAs('14C', 'free')).toBeEnabled();

  await theirs.pick('14C');
  await expect(ours.seatAs('14C', 'other')).toBeDisabled();

  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.fillPassenger(2, { first_name: 'William', last_name: 'King' });
  await site.book.hold();
  await expect(site.page).toHaveURL(site.pay.path);
  await expect(theirs.seatAs('14B', 'taken')).toBeDisabled();
});

test('a seat goes back when the browser that picked it leaves', async ({ site, openSite, flight }) => {
  const rival = await openSite('rival');
  await Promise.all([site.book.open(flight), rival.book.open(flight)]);
  await expect(rival.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await rival.book.seatMap.pick('2A');
  await expect(site.book.seatMap.seatAs('2A', 'other')).toBeVisible();
  await rival.page.close();
  await expect(site.book.seatMap.seatAs('2A', 'free')).toBeEnabled();
});

test('who is second for a seat that was just booked is told, and chooses another', async ({
  site,
  openSite,
  flight,
  api,
}) => {
  const rival = await openSite('rival');
  await Promise.all([site.book.open(flight), rival.book.open(flight)]);
  await expect(rival.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await rival.book.seatMap.pick('9D');
  await expect(site.book.seatMap.seatAs('9D', 'other')).toBeVisible();
  // A partner's system knows no picks, which are advice and no claim.
  await api.createBooking(flight, { passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '9D' }] });

  await expect(rival.book.faultOf('passenger_1_seat')).toHaveText(
    'Seat 9D has just been taken. Please choose another.',
  );
  await expect(rival.book.seatMap.seatAs('9D', 'taken')).toBeDisabled();
  await rival.book.seatMap.pick('9E');
  await rival.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await rival.book.hold();
  await expect(rival.page).toHaveURL(rival.pay.path);
});

test('a seat of a cancelled booking is free again on every map', async ({ site, openSite, flight, api }) => {
  const booking = await api.createBooking(flight, {
    passengers: [{ first_name: 'Ada', last_name: 'Lovelace', seat: '21A' }],
  });
  const rival = await openSite('rival');
  await rival.book.open(flight);
  await expect(rival.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await expect(rival.book.seatMap.seatAs('21A', 'taken')).toBeDisabled();
  await site.cancel.open(booking);
  await site.cancel.cancel();
  await expect(site.booking.status).toHaveText('Cancelled');
  await expect(rival.book.seatMap.seatAs('21A', 'free')).toBeEnabled();
});

test('a map that loses its connection connects again, and keeps its pick', async ({
  openSite,
  openThroughLine,
  flight,
}) => {
  const rival = await openSite('rival');
  const { site: ours, line } = await openThroughLine('customer');
  await Promise.all([ours.book.open(flight), rival.book.open(flight)]);
  await expect(ours.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await expect(rival.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await ours.book.seatMap.pick('17F');
  await expect(rival.book.seatMap.seatAs('17F', 'other')).toBeVisible();

  await line.cut();
  await expect(ours.book.seatMap.live).toHaveAttribute('data-live', 'retrying');
  await expect(rival.book.seatMap.seatAs('17F', 'free')).toBeVisible();
  await line.restore();
  await expect(ours.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await expect(ours.book.seatMap.seatAs('17F', 'mine')).toBeVisible();
  await expect(rival.book.seatMap.seatAs('17F', 'other')).toBeVisible();
});

test('a seat that is lost to another browser stays asked for, and comes back when that one lets go', async ({
  site,
  openSite,
  flight,
}) => {
  const rival = await openSite('rival');
  await Promise.all([site.book.open(flight), rival.book.open(flight)]);
  await expect(rival.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await expect(site.book.seatMap.live).toHaveAttribute('data-live', 'on');
  await rival.book.seatMap.pick('6A');
  await expect(site.book.seatMap.seatAs('6A', 'other')).toBeVisible();
  // Typed, since the map does not let it be clicked.
  await site.book.fillPassenger(1, { first_name: 'Ada', seat: '6A' });
  await site.book.named('passenger_1_last_name').fill('Lovelace');
  await expect(site.book.faultOf('passenger_1_seat')).toHaveText(
    'Seat 6A is being looked at by somebody else. Please choose another.',
  );
  await expect(site.book.named('passenger_1_seat')).toHaveValue('6A');
  await rival.book.seatMap.pick('6A');
  await expect(site.book.seatMap.seatAs('6A', 'mine')).toBeVisible();
  await expect(site.book.faultOf('passenger_1_seat')).toBeEmpty();
  await expect(rival.book.seatMap.seatAs('6A', 'other')).toBeVisible();
});
