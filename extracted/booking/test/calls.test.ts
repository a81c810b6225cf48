import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError } from '@banyan/service-kit/client';
import { until } from '@banyan/stack/testing/until';
import { LONG } from './support/queues.ts';
import {
  ACCOUNTANT,
  AGENT,
  as,
  CUSTOMER,
  openFlight,
  passenger,
  STRANGER,
  startService,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

/** What a call is refused with. */
async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    if (error instanceof RemoteError) return error;
    throw error;
  }
  return assert.fail('nothing was refused');
}

test('a booking is made, read, changed, shown as a journey and cancelled', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const { booking: made, replayed } = await service.bookings.createBooking(
    wanted(flightId, {
      fareClass: 'FARE_CLASS_UNSPECIFIED',
      passengers: [
        passenger({ seat: '12A', title: 'TITLE_MX', frequentFlyerNumber: 'MA12345' }),
        passenger({ firstName: '李', lastName: '小龍', infant: true }),
      ],
      contact: { email: 'zoe@example.org', phone: '' },
      note: 'Two\nlines',
    }),
    as(CUSTOMER),
  );
  assert.ok(made);
  assert.equal(replayed, false);
  assert.equal(made.id % 2n, 0n);
  assert.equal(made.status, 'BOOKING_STATUS_HELD');
  assert.equal(made.fareClass, 'FARE_CLASS_CLASSIC');
  assert.equal(made.accountId, 1n);
  assert.deepEqual(made.contact, { email: 'zoe@example.org', phone: undefined });
  assert.equal(made.invoiceNumber, `INV-${String(made.id).padStart(11, '0')}`);
  assert.deepEqual(made.price?.total, { currencyCode: 'EUR', units: 123n, nanos: 200_000_000 });
  assert.equal(made.version, 1);
  const { createdAt, holdExpiresAt } = made;
  assert.equal(Number(holdExpiresAt) - Number(createdAt), 30 * 60_000);
  assert.equal(Number(createdAt) % 1000, 0);
  assert.ok(Number(createdAt) <= Date.now());
  assert.deepEqual(
    made.passengers.map(({ seat, firstName }) => [firstName, seat]),
    [
      ['Zoë', '12A'],
      ['李', undefined],
    ],
  );

  const read = await service.bookings.getBooking({ bookingId: made.id }, as(ACCOUNTANT));
  assert.deepEqual(read.booking, made);
  assert.ok((read.cabin?.rows ?? 0) > 0);
  const byBilling = await service.lookup.lookUpBooking({ bookingId: made.id });
  assert.deepEqual(byBilling.booking, made);

  const same = { bookingId: made.id, contact: undefined, passengers: [], updateMask: undefined };
  const untouched = await service.bookings.updateBooking({ ...same, expectedVersion: 1 }, as(CUSTOMER));
  assert.deepEqual(untouched.booking, made);
  const { booking: changed } = await service.bookings.updateBooking(
    {
      ...same,
      expectedVersion: 1,
      updateMask: ['contact.phone', 'note'],
      contact: { email: 'ignored', phone: '+1 555' },
      passengers: [
        {
          passengerId: made.passengers[0]?.id ?? 0n,
          seat: '12C',
          specialAssistance: true,
          updateMask: ['seat', 'frequent_flyer_number'],
        },
      ],
    },
    as(CUSTOMER),
  );
  assert.equal(changed?.version, 2);
  assert.deepEqual(changed?.contact, { email: 'zoe@example.org', phone: '+1 555' });
  assert.equal(changed?.note, undefined);
  assert.equal(changed?.passengers[0]?.seat, '12C');
  assert.equal(changed?.passengers[0]?.specialAssistance, false);
  assert.equal(changed?.passengers[0]?.frequentFlyerNumber, undefined);
  assert.deepEqual(await service.seats.listTakenSeats({ flightId }), { seats: ['12C'] });

  const { fileName, content } = await service.bookings.getItinerary({ bookingId: made.id }, as(CUSTOMER));
  assert.equal(fileName, `meridian-${made.reference}.ics`);
  assert.match(Buffer.from(content).toString(), /^BEGIN:VCALENDAR\r\n[\s\S]*SEQUENCE:1\r\n/);

  const { booking: cancelled } = await service.bookings.cancelBooking({ bookingId: made.id }, as(CUSTOMER));
  assert.equal(cancelled?.status, 'BOOKING_STATUS_CANCELLED');
  assert.equal(cancelled?.holdExpiresAt, undefined);
  assert.deepEqual(await service.seats.listTakenSeats({ flightId }), { seats: [] });
  const calls = {
    again: () => service.bookings.cancelBooking({ bookingId: made.id }, as(CUSTOMER)),
    journey: () => service.bookings.getItinerary({ bookingId: made.id }, as(CUSTOMER)),
    change: () => service.bookings.updateBooking(same, as(CUSTOMER)),
  };
  assert.equal((await refusal(calls.again())).reason, 'ALREADY_FINAL');
  for (const call of [calls.journey, calls.change]) {
    const { reason, metadata, domain } = await refusal(call());
    assert.deepEqual([reason, metadata, domain], ['NOT_ACTIVE', { status: 'CANCELLED' }, 'booking']);
  }
});

test('every call says who may make it, and whose booking it may see', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const { booking } = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  const bookingId = booking?.id ?? 0n;
  const change = { bookingId, contact: undefined, passengers: [], updateMask: undefined };
  const list = {
    pageSize: 0,
    pageToken: '',
    skip: 0n,
    status: 'BOOKING_STATUS_UNSPECIFIED',
    createdFrom: undefined,
    createdBefore: undefined,
  } as const;
  const days = { createdFrom: undefined, createdBefore: undefined };
  const first = async (stream: AsyncIterable<unknown>) => {
    for await (const message of stream) return message;
    return undefined;
  };
  for (const call of [
    () => service.bookings.createBooking(wanted(flightId), as(ACCOUNTANT)),
    () => service.bookings.listBookings(list, as(ACCOUNTANT)),
    () => service.bookings.updateBooking(change, as(ACCOUNTANT)),
    () => service.bookings.cancelBooking({ bookingId }, as(ACCOUNTANT)),
    () => service.bookings.getItinerary({ bookingId }, as(ACCOUNTANT)),
    () => service.bookings.getCabin({ flightId }, as(ACCOUNTANT)),
    () => first(service.bookings.exportBookings(days, as(CUSTOMER))),
  ]) {
    const { code, reason } = await refusal(call());
    assert.deepEqual([code, reason], ['PERMISSION_DENIED', 'ROLE_FORBIDDEN']);
  }
  for (const call of [
    () => service.bookings.getBooking({ bookingId }, as(STRANGER)),
    () => service.bookings.updateBooking(change, as(STRANGER)),
    () => service.bookings.cancelBooking({ bookingId }, as(STRANGER)),
    () => service.bookings.getItinerary({ bookingId }, as(STRANGER)),
    () => service.bookings.getBooking({ bookingId: 2n ** 60n }, as(CUSTOMER)),
  ]) {
    const { code, reason } = await refusal(call());
    assert.deepEqual([code, reason], ['NOT_FOUND', 'BOOKING_NOT_FOUND']);
  }
  assert.equal((await refusal(service.bookings.getBooking({ bookingId }))).code, 'UNAUTHENTICATED');

  const all = await service.bookings.listBookings({ ...list, pageSize: 1000 }, as(AGENT));
  assert.equal(all.totalSize, 201n);
  assert.equal(all.bookings.length, 100);
  assert.equal(all.bookings[0]?.id, bookingId);
  const rest = await service.bookings.listBookings(
    { ...list, pageSize: 100, pageToken: all.nextPageToken, skip: 7n },
    as(AGENT),
  );
  assert.equal(rest.bookings.length, 100);
  const end = await service.bookings.listBookings(
    { ...list, pageSize: 100, pageToken: rest.nextPageToken },
    as(AGENT),
  );
  assert.deepEqual([end.bookings.length, end.nextPageToken], [1, '']);
  const foreignToken = service.bookings.listBookings(
    { ...list, pageToken: all.nextPageToken, status: 'BOOKING_STATUS_HELD' },
    as(AGENT),
  );
  assert.deepEqual((await refusal(foreignToken)).metadata, { field: 'page_token', rule: 'invalid' });
  const own = await service.bookings.listBookings({ ...list, accountId: 29n }, as(CUSTOMER));
  assert.ok(own.bookings.length > 0);
  assert.ok(own.bookings.every(({ accountId }) => accountId === 1n));

  let exported = 0;
  for await (const { bookings } of service.bookings.exportBookings(days, as(AGENT)))
    exported += bookings.length;
  assert.equal(exported, 201);
});

test('what cannot be booked is refused with all its faults, or with what stands against it', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const create = (more: Parameters<typeof wanted>[1], id = flightId) =>
    refusal(service.bookings.createBooking(wanted(id, more), as(AGENT)));

  const faults = await create({
    passengers: [passenger({ firstName: ' ', seat: '99A' }), passenger({ seat: '1A', infant: true })],
    contact: { email: 'nobody' },
    note: 'x'.repeat(501),
    accountId: 999_999n,
  });
  assert.equal(faults.code, 'INVALID_ARGUMENT');
  assert.equal(faults.reason, 'INVALID_FIELD');
  assert.deepEqual(faults.metadata, { field: 'passengers[0].first_name', rule: 'required' });
  assert.deepEqual(faults.violations, [
    { field: 'passengers[0].first_name', description: 'required' },
    { field: 'passengers[0].seat', description: 'seat_not_on_aircraft' },
    { field: 'passengers[1].seat', description: 'infant_without_seat' },
    { field: 'contact.email', description: 'email' },
    { field: 'note', description: 'too_long' },
    { field: 'account_id', description: 'not_found' },
  ]);
  assert.equal((await create({ contact: undefined }, 2n ** 40n)).reason, 'FLIGHT_NOT_FOUND');
  assert.equal((await create({ accountId: 999_999n })).reason, 'ACCOUNT_NOT_FOUND');
  const noSeat = await create({ passengers: [passenger({ seat: '99A' })] });
  assert.equal(noSeat.reason, 'SEAT_NOT_ON_AIRCRAFT');
  assert.deepEqual([noSeat.metadata.seat, noSeat.metadata.field], ['99A', 'passengers[0].seat']);

  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger({ seat: '1A' })], accountId: 29n }),
    as(AGENT),
  );
  assert.equal(booking?.accountId, 29n);
  const taken = await create({ passengers: [passenger({ seat: '1B' }), passenger({ seat: '1A' })] });
  assert.deepEqual([taken.reason, taken.metadata], ['SEAT_TAKEN', { seat: '1A' }]);
  assert.deepEqual(await service.seats.listTakenSeats({ flightId }), { seats: ['1A'] });
  const late = await refusal(
    service.bookings.cancelBooking({ bookingId: booking?.id ?? 0n, expectedVersion: 7 }, as(AGENT)),
  );
  assert.deepEqual(
    [late.code, late.reason, late.metadata],
    ['ABORTED', 'VERSION_MISMATCH', { version: '1' }],
  );

  const { number } = booking?.flight ?? {};
  await service.monolith.query("UPDATE flights SET status = 'DEPARTED' WHERE id = $1", [flightId]);
  const copied = () =>
    service.service.query("SELECT FROM flights WHERE id = $1 AND status = 'DEPARTED'", [flightId]);
  await until(async () => (await copied()).rowCount === 1, LONG);
  const closed = await create({});
  assert.deepEqual([closed.reason, closed.metadata], ['FLIGHT_CLOSED', { flight: number }]);
  const departed = await refusal(service.bookings.cancelBooking({ bookingId: booking?.id ?? 0n }, as(AGENT)));
  assert.deepEqual([departed.reason, departed.metadata], ['FLIGHT_DEPARTED', { flight: number }]);
});

test('where the monolith owns and shares, reads are served from its tables and writes are refused', async (t) => {
  const service = await startService(t, { owner: 'monolith', shared: true });
  assert.equal((await service.ownership.listOwnership({})).ownerships[0]?.data, 'SERVICE_DATA_SHARED');
  const { rows } = await service.monolith.query('SELECT max(id) AS id FROM bookings');
  const bookingId = BigInt(rows[0].id);
  const { booking } = await service.bookings.getBooking({ bookingId }, as(AGENT));
  assert.equal(booking?.id, bookingId);
  await service.monolith.query("UPDATE bookings SET note = 'fresh' WHERE id = $1", [rows[0].id]);
  assert.equal((await service.bookings.getBooking({ bookingId }, as(AGENT))).booking?.note, 'fresh');
  const flightId = await openFlight(service);
  const call = service.bookings.createBooking(wanted(flightId), as(AGENT));
  const { code, reason } = await refusal(call);
  assert.deepEqual([code, reason], ['FAILED_PRECONDITION', 'NOT_THE_OWNER']);
  const pay = await refusal(service.consent.beginPayment({ bookingId, paymentKey: 'p' }));
  assert.equal(pay.reason, 'NOT_THE_OWNER');
});

test('where the monolith owns and shares nothing, bookings are not here', async (t) => {
  const world = await startWorld(t, { owner: 'monolith' });
  const service = await world.startReplica();
  await untilServing(service, '');
  const { code, reason } = await refusal(service.bookings.getBooking({ bookingId: 1n }, as(AGENT)));
  assert.deepEqual([code, reason], ['FAILED_PRECONDITION', 'NOT_THE_OWNER']);
  const { status } = await service.health.check({ service: 'booking.v1.BookingService' });
  assert.equal(status, 'NOT_SERVING');
  assert.equal((await service.ownership.listOwnership({})).ownerships[0]?.data, 'SERVICE_DATA_NONE');
  // The owner changes under the running service.
  await world.move('service');
  await untilServing(service);
  assert.ok((await service.bookings.getBooking({ bookingId: 1n }, as(AGENT))).booking);
});
