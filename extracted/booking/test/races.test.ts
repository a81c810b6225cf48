import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError } from '@banyan/service-kit/client';
import {
  as,
  CUSTOMER,
  event,
  invoicePaid,
  openFlight,
  openIntake,
  passenger,
  startService,
  toldBy,
  wanted,
} from './support/world.ts';

/** The reasons of those that were refused; what is no refusal fails the test. */
function reasonsOf(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (!(result.reason instanceof RemoteError)) throw result.reason;
    return [result.reason.reason];
  });
}

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => work(index)));

test('of many who want one seat, one gets it', async (t) => {
  const service = await startService(t);
  const replica = await service.startReplica();
  const flightId = await openFlight(service);
  const results = await times(8, (index) =>
    (index % 2 === 0 ? service : replica).bookings.createBooking(
      wanted(flightId, {
        passengers: [passenger({ seat: `1${index % 4 < 2 ? 'B' : 'A'}` }), passenger({ seat: '2A' })],
      }),
      as(CUSTOMER),
    ),
  );
  const reasons = reasonsOf(results);
  assert.equal(reasons.length, 7);
  assert.deepEqual([...new Set(reasons)], ['SEAT_TAKEN']);
  assert.equal((await service.seats.listTakenSeats({ flightId })).seats.length, 2);
});

test('the last seats of a flight are sold once', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const { cabin } = await service.bookings.getCabin({ flightId }, as(CUSTOMER));
  const seats = (cabin?.rows ?? 0) * (cabin?.columns.length ?? 0);
  // A cabin of five seats, so that two parties of three do not fit.
  await service.monolith.query(
    `INSERT INTO aircraft_types (code, name, rows, columns) VALUES ('TINY', 'Tiny', 5, 'A')`,
  );
  assert.ok(seats > 5);
  await service.monolith.query(`UPDATE flights SET aircraft = 'TINY' WHERE id = $1`, [flightId]);
  const party = [passenger(), passenger(), passenger(), passenger({ infant: true })];
  const results = await times(6, () =>
    service.bookings.createBooking(wanted(flightId, { passengers: party }), as(CUSTOMER)),
  );
  assert.deepEqual(reasonsOf(results), Array(5).fill('FLIGHT_FULL'));
  const two = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger(), passenger()] }),
    as(CUSTOMER),
  );
  assert.ok(two.booking);
});

test('a key makes one booking, however often and at once its request comes', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const request = wanted(flightId, { idempotencyKey: 'form/1' });
  const results = await times(6, () => service.bookings.createBooking(request, as(CUSTOMER)));
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(made.filter(({ replayed }) => !replayed).length, 1);
  assert.equal(new Set(made.map(({ booking }) => booking?.id)).size, 1);
  assert.ok(reasonsOf(results).every((reason) => reason === 'IDEMPOTENCY_KEY_IN_USE'));

  const [first] = made;
  const bookingId = first?.booking?.id ?? 0n;
  await service.bookings.cancelBooking({ bookingId }, as(CUSTOMER));
  const again = await service.bookings.createBooking(request, as(CUSTOMER));
  assert.deepEqual(again, { booking: first?.booking, replayed: true });
  const other = await times(1, () =>
    service.bookings.createBooking({ ...request, note: 'another' }, as(CUSTOMER)),
  );
  assert.deepEqual(reasonsOf(other), ['IDEMPOTENCY_KEY_REUSED']);
  const stranger = { ...CUSTOMER, accountId: 29n };
  const elsewhere = await service.bookings.createBooking(request, as(stranger));
  assert.notEqual(elsewhere.booking?.id, bookingId);
  assert.equal((await service.service.query('SELECT FROM outbox')).rowCount, 3);
});

test('a change and a cancellation under a key are answered as at first, whatever has become of the booking', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const party = wanted(flightId, { passengers: [passenger({ seat: '5A' })], idempotencyKey: 'k' });
  const { booking } = await service.bookings.createBooking(party, as(CUSTOMER));
  const bookingId = booking?.id ?? 0n;
  const seat = { passengerId: booking?.passengers[0]?.id ?? 0n, seat: '5B', specialAssistance: false };
  const change = {
    bookingId,
    expectedVersion: 1,
    contact: undefined,
    note: 'first',
    updateMask: ['note'],
    passengers: [{ ...seat, updateMask: ['seat'] }],
    // Another operation's key, so another key.
    idempotencyKey: 'k',
  };
  const results = await times(6, () => service.bookings.updateBooking(change, as(CUSTOMER)));
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(made.filter(({ replayed }) => !replayed).length, 1);
  assert.ok(reasonsOf(results).every((reason) => reason === 'IDEMPOTENCY_KEY_IN_USE'));
  const [first] = made;
  assert.deepEqual([first?.booking?.version, first?.booking?.note], [2, 'first']);

  // The version has moved on, the aircraft has another cabin, and a client may look at the version before it repeats.
  await service.bookings.updateBooking(
    { ...change, expectedVersion: 2, note: 'second', idempotencyKey: undefined },
    as(CUSTOMER),
  );
  await service.service.query('UPDATE flights SET cabin_rows = 2, revision = revision + 9 WHERE id = $1', [
    flightId,
  ]);
  for (const expectedVersion of [1, 3, undefined]) {
    const again = await service.bookings.updateBooking({ ...change, expectedVersion }, as(CUSTOMER));
    assert.deepEqual(again, { booking: first?.booking, replayed: true });
  }
  const { booking: now } = await service.bookings.getBooking({ bookingId }, as(CUSTOMER));
  assert.deepEqual([now?.version, now?.note], [3, 'second']);

  const other = { ...change, note: 'other' };
  const cancel = { bookingId, expectedVersion: 3, idempotencyKey: 'k' };
  const cancelled = await service.bookings.cancelBooking(cancel, as(CUSTOMER));
  assert.equal(cancelled.replayed, false);
  const repeated = await service.bookings.cancelBooking(cancel, as(CUSTOMER));
  assert.deepEqual(repeated, { booking: cancelled.booking, replayed: true });
  assert.deepEqual(
    reasonsOf([
      ...(await times(1, () => service.bookings.updateBooking(other, as(CUSTOMER)))),
      ...(await times(1, () => service.bookings.cancelBooking({ ...cancel, bookingId: 1n }, as(CUSTOMER)))),
      ...(await times(1, () => service.bookings.cancelBooking({ bookingId }, as(CUSTOMER)))),
    ]),
    ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_REUSED', 'ALREADY_FINAL'],
  );
  const told = await service.service.query('SELECT type FROM outbox ORDER BY occurred_at');
  assert.deepEqual(
    told.rows.map(({ type }) => type),
    ['bookingPlaced', 'bookingChanged', 'bookingChanged', 'bookingCancelled'],
  );
});

test('a request that was refused leaves its key free', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const seat = wanted(flightId, { passengers: [passenger({ seat: '3C' })] });
  const { booking } = await service.bookings.createBooking(seat, as(CUSTOMER));
  const request = { ...seat, idempotencyKey: 'k' };
  assert.deepEqual(reasonsOf(await times(1, () => service.bookings.createBooking(request, as(CUSTOMER)))), [
    'SEAT_TAKEN',
  ]);
  const bookingId = booking?.id ?? 0n;
  const cancel = { bookingId, idempotencyKey: 'k', expectedVersion: 7 };
  assert.deepEqual(reasonsOf(await times(1, () => service.bookings.cancelBooking(cancel, as(CUSTOMER)))), [
    'VERSION_MISMATCH',
  ]);
  const cancelled = await service.bookings.cancelBooking({ ...cancel, expectedVersion: 1 }, as(CUSTOMER));
  assert.equal(cancelled.replayed, false);
  assert.equal((await service.bookings.createBooking(request, as(CUSTOMER))).replayed, false);
});

test('whichever comes first of a cancellation and the news of a payment, both sides know what was true', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const take = openIntake(t, service);
  for (let round = 0; round < 6; round += 1) {
    const { booking } = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
    const bookingId = booking?.id ?? 0n;
    await Promise.all([
      service.bookings.cancelBooking({ bookingId }, as(CUSTOMER)),
      take(event(invoicePaid(bookingId))),
    ]);
    const after = await service.bookings.getBooking({ bookingId }, as(CUSTOMER));
    assert.equal(after.booking?.status, 'BOOKING_STATUS_CANCELLED');
    const told = (await toldBy(service)).flatMap(({ body }) =>
      body?.$case === 'bookingCancelled' && body.value.bookingId === bookingId ? [body.value] : [],
    );
    assert.equal(told.length, 1);
    // Confirmed before it was cancelled shows in the version: 1 made, 2 confirmed, 3 cancelled.
    assert.equal(told[0]?.wasConfirmed, after.booking?.version === 3);
  }
});

test('seats of one booking swap, and a change that loses a seat changes nothing', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const party = [passenger({ seat: '4A' }), passenger({ seat: '4B' })];
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: party }),
    as(CUSTOMER),
  );
  await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger({ seat: '4C' })] }),
    as(CUSTOMER),
  );
  const seat = (index: number, to: string) => ({
    passengerId: booking?.passengers[index]?.id ?? 0n,
    seat: to,
    specialAssistance: false,
    updateMask: ['seat'],
  });
  const change = { bookingId: booking?.id ?? 0n, contact: undefined, note: 'x', updateMask: ['note'] };
  const lost = await times(1, () =>
    service.bookings.updateBooking({ ...change, passengers: [seat(0, '4D'), seat(1, '4C')] }, as(CUSTOMER)),
  );
  assert.deepEqual(reasonsOf(lost), ['SEAT_TAKEN']);
  const { booking: swapped } = await service.bookings.updateBooking(
    { ...change, passengers: [seat(0, '4B'), seat(1, '4A')] },
    as(CUSTOMER),
  );
  assert.deepEqual(
    swapped?.passengers.map((each) => each.seat),
    ['4B', '4A'],
  );
  assert.equal(swapped?.version, 2);
});
