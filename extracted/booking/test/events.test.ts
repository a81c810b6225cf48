import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { BookingPlaced, Event } from '@banyan/contracts/events/v1/events';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { until } from '@banyan/stack/testing/until';
import {
  as,
  atEnd,
  CUSTOMER,
  event,
  invoicePaid,
  openFlight,
  passenger,
  startService,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

const casesOf = (events: readonly Event[]): (string | undefined)[] => events.map(({ body }) => body?.$case);

test('billing hears of a booking before its client does, with all that an invoice needs', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  await service.monolith.query("UPDATE accounts SET name = 'Ada Mended' WHERE id = 1");
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger(), passenger({ infant: true })] }),
    as(CUSTOMER),
  );
  assert.deepEqual(casesOf(service.seam.events), ['bookingPlaced']);
  const placed = service.seam.events[0]?.body?.value as BookingPlaced;
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
  assert.deepEqual(casesOf(service.seam.events), ['bookingPlaced', 'bookingChanged', 'bookingCancelled']);
});

test('a booking does not wait long for a billing that does not answer, which hears of it later', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  service.seam.beforeAck = async () => {
    throw new Error('not today');
  };
  const startedAt = performance.now();
  await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  assert.ok(performance.now() - startedAt < 4_000);
  service.seam.beforeAck = async () => {};
  const waiting = () => service.service.query('SELECT FROM outbox WHERE delivered_at IS NULL');
  await until(async () => (await waiting()).rowCount === 0, { deadlineMs: 20_000 });
});

test('a paid booking is confirmed once, and its ticket sent once', async (t) => {
  const mails = await createMailCatcher({ port: 0, smtpPort: 0 });
  atEnd(t, () => mails.stop());
  const world = await startWorld(t);
  const service = await world.startReplica({ SMTP_URL: `smtp://127.0.0.1:${mails.smtpPort}` });
  await untilServing(service);
  const flightId = await openFlight(world);
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger({ seat: '7C' })] }),
    as(CUSTOMER),
  );
  const bookingId = booking?.id ?? 0n;
  const paid = event(invoicePaid(bookingId));
  const results = await Promise.all([1, 2, 3].map(() => service.intake.deliver({ event: paid })));
  assert.equal(results.filter(({ duplicate }) => !duplicate).length, 1);
  // Another event that says the same, as after a change of owner.
  await service.intake.deliver({ event: event(invoicePaid(bookingId)) });
  const { booking: confirmed } = await service.bookings.getBooking({ bookingId }, as(CUSTOMER));
  assert.equal(confirmed?.status, 'BOOKING_STATUS_CONFIRMED');
  assert.equal(confirmed?.holdExpiresAt, undefined);
  assert.equal(confirmed?.version, 2);

  const sent = () => world.service.query("SELECT message_id FROM outgoing_mail WHERE state = 'SENT'");
  await until(async () => (await sent()).rowCount === 1, { deadlineMs: 20_000 });
  assert.deepEqual((await sent()).rows, [{ message_id: `<e-ticket-${bookingId}@meridian.example>` }]);
  const [mail] = mails.mailbox.list();
  assert.match(mail?.subject ?? '', new RegExp(`^Your e-ticket ${booking?.reference}: `));
  assert.deepEqual(
    mail?.attachments.map(({ filename }) => filename),
    [`e-ticket-${booking?.reference}.pdf`, `meridian-${booking?.reference}.ics`],
  );
  assert.equal(mails.mailbox.list().length, 1);
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
  assert.deepEqual(await service.intake.deliver({ event: refunded }), { duplicate: false });
  assert.deepEqual(await service.intake.deliver({ event: refunded }), { duplicate: true });
  await service.bookings.cancelBooking({ bookingId }, as(CUSTOMER));
  assert.deepEqual(await service.intake.deliver({ event: event(invoicePaid(bookingId)) }), {
    duplicate: false,
  });
  const after = await service.bookings.getBooking({ bookingId }, as(CUSTOMER));
  assert.deepEqual([after.booking?.status, after.booking?.version], ['BOOKING_STATUS_CANCELLED', 2]);
  assert.equal((await service.service.query('SELECT FROM outgoing_mail')).rowCount, 0);
});

test('a flight that changed is in the copy when that was acknowledged', async (t) => {
  const world = await startWorld(t);
  const service = await world.startReplica({ BOOKING_COPY_INTERVAL_MS: '60000' });
  await untilServing(service);
  await world.monolith.query("UPDATE flights SET gate = 'Z9' WHERE id = 1");
  const changed = event({ $case: 'flightChanged', value: { flightId: 1n, revision: 2 } });
  assert.deepEqual(await service.intake.deliver({ event: changed }), { duplicate: false });
  const { rows } = await world.service.query('SELECT gate, revision FROM flights WHERE id = 1');
  assert.deepEqual(rows, [{ gate: 'Z9', revision: 2 }]);
  // News that is older than the copy needs no directory.
  await world.seam.stop();
  const older = event({ $case: 'flightChanged', value: { flightId: 1n, revision: 1 } });
  assert.deepEqual(await service.intake.deliver({ event: older }), { duplicate: false });
});

test('an event is refused, and not counted as done, by who may not do it or cannot read it', async (t) => {
  const service = await startService(t);
  const paid = event(invoicePaid(1n));
  const refusedFor = (event: Event | undefined, reason: string) =>
    assert.rejects(service.intake.deliver({ event }), { reason });
  await refusedFor(undefined, 'EVENT_MALFORMED');
  await refusedFor({ ...paid, id: 'x' }, 'EVENT_MALFORMED');
  await refusedFor({ ...paid, body: undefined }, 'EVENT_MALFORMED');
  await refusedFor(event({ $case: 'holdExpired', value: { bookingId: 1n } }), 'EVENT_MALFORMED');
  await refusedFor(event(invoicePaid(2n ** 40n)), 'BOOKING_NOT_FOUND');
  await service.move('monolith');
  await refusedFor(paid, 'NOT_THE_OWNER');
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
