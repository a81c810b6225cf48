import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { BookingPlaced, Event } from '@banyan/contracts/events/v1/events';
import {
  as,
  CUSTOMER,
  event,
  invoicePaid,
  openFlight,
  openIntake,
  passenger,
  startService,
  startWorld,
  toldBy,
  untilServing,
  wanted,
} from './support/world.ts';

test('what is told of a booking has all that an invoice needs, and is told once for each change', async (t) => {
  const world = await startWorld(t);
  await world.monolith.query("UPDATE accounts SET name = 'Ada Mended' WHERE id = 1");
  const service = { ...world, ...(await world.startReplica()) };
  await untilServing(service);
  const flightId = await openFlight(service);
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger(), passenger({ infant: true })] }),
    as(CUSTOMER),
  );
  const [told, ...more] = await toldBy(service);
  assert.deepEqual([told?.body?.$case, more], ['bookingPlaced', []]);
  const placed = told?.body?.value as BookingPlaced;
  const eur = (units: bigint, nanos = 0) => ({ currencyCode: 'EUR', units, nanos });
  const { placedAt, dueAt, ...rest } = placed;
  assert.deepEqual(rest, {
    bookingId: booking?.id,
    accountId: 1n,
    billTo: 'Ada Mended',
    lines: [
      { description: 'CLASSIC fare, adult', quantity: 1, unitAmount: eur(100n), amount: eur(100n) },
      { description: 'CLASSIC fare, infant', quantity: 1, unitAmount: eur(10n), amount: eur(10n) },
    ],
    net: eur(110n),
    tax: eur(13n, 200_000_000),
    total: eur(123n, 200_000_000),
  });
  assert.equal(Number(dueAt) - Number(placedAt), 30 * 60_000);

  await service.bookings.updateBooking(
    {
      bookingId: booking?.id ?? 0n,
      contact: undefined,
      note: 'x',
      updateMask: ['note'],
      passengers: [],
    },
    as(CUSTOMER),
  );
  await service.bookings.cancelBooking({ bookingId: booking?.id ?? 0n }, as(CUSTOMER));
  const cases = (await toldBy(service)).map(({ body }) => body?.$case);
  assert.deepEqual(cases, ['bookingPlaced', 'bookingChanged', 'bookingCancelled']);
  // This service has no queues: that is kept, nobody has waited for it, and it was said once.
  const open = 'SELECT FROM outbox WHERE attempts = 0 AND delivered_at IS NULL';
  assert.equal((await service.service.query(open)).rowCount, 3);
  assert.doesNotMatch((await service.metrics.render()).text, /^effects_/m);
  assert.deepEqual(
    service.warnings.filter((said) => said.includes('QUEUE_REDIS_URL')),
    ['QUEUE_REDIS_URL is not set: events stay in the outbox'],
  );
});

test('events change nothing that is final, in whatever order they come', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const { booking } = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  const bookingId = booking?.id ?? 0n;
  const refunded = event({
    $case: 'invoiceRefunded',
    value: { invoiceId: 2n, bookingId, refundId: 2n, amount: undefined, whole: true },
  });
  const take = openIntake(t, service);
  assert.deepEqual(await take(refunded), { duplicate: false });
  assert.deepEqual(await take(refunded), { duplicate: true });
  await service.bookings.cancelBooking({ bookingId }, as(CUSTOMER));
  assert.deepEqual(await take(event(invoicePaid(bookingId))), { duplicate: false });
  const after = await service.bookings.getBooking({ bookingId }, as(CUSTOMER));
  assert.deepEqual([after.booking?.status, after.booking?.version], ['BOOKING_STATUS_CANCELLED', 2]);
  assert.equal((await service.service.query('SELECT FROM outgoing_mail')).rowCount, 0);
});

test('an event is refused, and not counted as done, by who may not do it or cannot read it', async (t) => {
  const service = await startService(t);
  const paid = event(invoicePaid(1n));
  const take = openIntake(t, service);
  const refusedFor = (event: Event | undefined, reason: string) => assert.rejects(take(event), { reason });
  await refusedFor(undefined, 'EVENT_MALFORMED');
  await refusedFor({ ...paid, id: 'x' }, 'EVENT_MALFORMED');
  await refusedFor({ ...paid, body: undefined }, 'EVENT_MALFORMED');
  await refusedFor(event({ $case: 'holdExpired', value: { bookingId: 1n } }), 'EVENT_MALFORMED');
  await refusedFor(event(invoicePaid(2n ** 40n)), 'BOOKING_NOT_FOUND');
  await service.move('monolith');
  await assert.rejects(take(paid), { code: 'BNY01' });
  assert.equal((await service.service.query('SELECT FROM inbox')).rowCount, 0);
});

test('consent extends a hold once per payment, and never revives one', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const { booking } = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  const bookingId = booking?.id ?? 0n;
  const enough = await service.consent.beginPayment({ bookingId, paymentKey: 'a' });
  assert.deepEqual(enough.holdExpiresAt, booking?.holdExpiresAt);
  const holdFor = (interval: string) =>
    service.service.query('UPDATE bookings SET hold_expires_at = now() + $2::interval WHERE id = $1', [
      bookingId,
      interval,
    ]);
  await holdFor('2 minutes');
  const { holdExpiresAt } = await service.consent.beginPayment({ bookingId, paymentKey: 'b' });
  const leftMs = Number(holdExpiresAt) - Date.now();
  assert.ok(leftMs > 14 * 60_000 && leftMs <= 15 * 60_000, String(leftMs));
  const read = async () => (await service.bookings.getBooking({ bookingId }, as(CUSTOMER))).booking;
  assert.deepEqual([(await read())?.version, (await read())?.holdExpiresAt], [2, holdExpiresAt]);
  await holdFor('14 minutes');
  assert.deepEqual(await service.consent.beginPayment({ bookingId, paymentKey: 'b' }), { holdExpiresAt });
  assert.equal((await read())?.version, 2);
  await holdFor('-1 second');
  for (const paymentKey of ['b', 'c']) {
    await assert.rejects(service.consent.beginPayment({ bookingId, paymentKey }), { reason: 'HOLD_OVER' });
  }
  const nobody = service.consent.beginPayment({ bookingId: 2n ** 40n, paymentKey: randomUUID() });
  await assert.rejects(nobody, { reason: 'BOOKING_NOT_FOUND' });
});
