import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { until } from '@banyan/stack/testing/until';
import { LONG, startQueues } from './support/queues.ts';
import {
  as,
  atEnd,
  CUSTOMER,
  event,
  invoicePaid,
  openFlight,
  passenger,
  type Replica,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

const metric = async ({ metrics }: Replica, line: RegExp): Promise<number> =>
  Number(line.exec((await metrics.render()).text)?.[1] ?? 0);

const WAITED = /^effects_waited_total\{outcome="taken"[^}]*\} (\d+)$/m;
const FAULTS = /^queue_event_faults_total\{[^}]*kind="away"[^}]*\} (\d+)$/m;

test('what is told of a booking is with billing when its writer has the answer; what booking is told is done once', async (t) => {
  const mails = await createMailCatcher({ port: 0, smtpPort: 0 });
  atEnd(t, () => mails.stop());
  const world = await startWorld(t);
  const queues = await startQueues(t, world);
  const service = await world.startReplica({
    ...queues.env,
    SMTP_URL: `smtp://127.0.0.1:${mails.smtpPort}`,
  });
  await untilServing(service);
  const flightId = await openFlight(world);
  const heard = (bookingId: bigint | undefined): readonly (string | undefined)[] =>
    queues.billing.heard
      .filter(({ body }) => (body?.value as { bookingId?: bigint })?.bookingId === bookingId)
      .map(({ body }) => body?.$case);
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger({ seat: '7C' })] }),
    as(CUSTOMER),
  );
  const bookingId = booking?.id ?? 0n;

  // A writer waits for a second at most, which a machine may be too busy for; it says whether it had to give up.
  let taken = 0;
  queues.billing.beforeTaken = () => pause(50);
  await until(
    async () => {
      const made = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
      const before = taken;
      taken = await metric(service, WAITED);
      if (taken === before) return false;
      assert.deepEqual(heard(made.booking?.id), ['bookingPlaced']);
      return true;
    },
    { ...LONG, what: 'an event that was waited for' },
  );

  // The second of them is what a change of owner may bring; the booking of the last is yet to be made.
  const next =
    BigInt((await world.service.query('SELECT last_value FROM bookings_id_seq')).rows[0].last_value) + 2n;
  const early = event(invoicePaid(next));
  await queues.tell(event(invoicePaid(bookingId)), event(invoicePaid(bookingId)), early);
  // What nobody can take stands in nobody's way.
  const poison = event({ $case: 'holdExpired', value: { bookingId } });
  await world.monolith.query(
    `INSERT INTO seam_outbox (id, body, occurred_at, next_attempt_at, type)
     SELECT $1, $2, now(), now(), 'invoicePaid'`,
    [poison.id, Buffer.from('not an event')],
  );
  const status = async (id: bigint) =>
    (await service.bookings.getBooking({ bookingId: id }, as(CUSTOMER))).booking?.status;
  await until(async () => (await status(bookingId)) === 'BOOKING_STATUS_CONFIRMED', LONG);
  const unexpected = /^queue_event_faults_total\{[^}]*kind="unexpected",next="retry"[^}]*\} (\d+)$/m;
  await until(async () => (await metric(service, unexpected)) > 0, LONG);
  const late = await service.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  assert.equal(late.booking?.id, next);
  await until(async () => (await status(next)) === 'BOOKING_STATUS_CONFIRMED', LONG);
  await until(async () => (await queues.letters.count()) > 0, LONG);
  const [letter, ...more] = await queues.letters.list();
  assert.deepEqual([letter?.id, letter?.source, more.length], [poison.id, 'monolith', 0]);
  assert.match(letter?.reason ?? '', /^poison: /);
  await until(async () => {
    const dead = await world.monolith.query(
      'SELECT FROM seam_outbox WHERE delivered_at IS NULL AND dead_at IS NULL',
    );
    return dead.rowCount === 0;
  }, LONG);

  // The same event again, as after an acknowledgement that was lost.
  await world.monolith.query(
    'UPDATE seam_outbox SET delivered_at = NULL, next_attempt_at = now() WHERE id = $1',
    [early.id],
  );
  const duplicates = /^queue_events_taken_total\{[^}]*outcome="duplicate"[^}]*\} (\d+)$/m;
  await until(async () => (await metric(service, duplicates)) > 0, LONG);
  await until(() => mails.mailbox.list().length === 2, LONG);
  const { rows } = await world.service.query('SELECT message_id, state FROM outgoing_mail ORDER BY id');
  assert.deepEqual(
    rows.map(({ message_id }) => message_id).sort(),
    [bookingId, next].map((id) => `<e-ticket-${id}@meridian.example>`).sort(),
  );
  const sent = mails.mailbox.list().find(({ subject }) => subject.includes(booking?.reference ?? '?'));
  assert.deepEqual(
    sent?.attachments.map(({ filename }) => filename),
    [`e-ticket-${booking?.reference}.pdf`, `meridian-${booking?.reference}.ics`],
  );
});

test('a change of a flight in the monolith is soon in the copy, and older news takes nothing back', async (t) => {
  const world = await startWorld(t);
  const queues = await startQueues(t, world);
  // Nothing but the news can be what refreshes the copy.
  const service = await world.startReplica({ ...queues.env, BOOKING_COPY_INTERVAL_MS: '60000' });
  await untilServing(service);
  const copied = async () =>
    (await world.service.query('SELECT gate, revision FROM flights WHERE id = 1')).rows[0];
  await world.monolith.query("UPDATE flights SET gate = 'Z8' WHERE id = 1");
  await world.monolith.query("UPDATE flights SET gate = 'Z9' WHERE id = 1");
  await queues.untilTaken();
  assert.deepEqual(await copied(), { gate: 'Z9', revision: 3 });
  // It is there already, so nobody is asked.
  await world.seam.stop();
  await queues.tell(event({ $case: 'flightChanged', value: { flightId: 1n, revision: 2 } }));
  await queues.untilTaken();
  // What is newer waits for the directory, however long that is away.
  await world.monolith.query("UPDATE flights SET gate = 'Y1' WHERE id = 1");
  await until(async () => (await metric(service, FAULTS)) > 0, LONG);
  assert.deepEqual(await copied(), { gate: 'Z9', revision: 3 });
  await world.seam.start();
  await queues.untilTaken();
  assert.deepEqual(await copied(), { gate: 'Y1', revision: 4 });
});

test('events are left to the owner of bookings, also while a service runs that is not', async (t) => {
  const world = await startWorld(t, { owner: 'monolith' });
  const queues = await startQueues(t, world);
  const service = await world.startReplica(queues.env);
  await untilServing(service, '');
  await queues.tell(event(invoicePaid(1n)));
  const handed = () => world.monolith.query('SELECT FROM seam_outbox WHERE handed_at IS NOT NULL');
  await until(async () => (await handed()).rowCount === 1, LONG);
  await world.move('service');
  await queues.untilTaken();
  // It was not tried where it would have been refused.
  assert.equal(await metric(service, FAULTS), 0);
  await world.move('monolith');
  await untilServing(service, 'booking.v1.BookingService', 'NOT_SERVING');
  await queues.tell(event(invoicePaid(1n)));
  await until(async () => (await handed()).rowCount === 2, LONG);
  await world.move('service');
  await queues.untilTaken();
  // A look at the queue that was under way may have brought this one.
  assert.ok((await metric(service, FAULTS)) <= 1);
});

test('without Redis bookings are made, changed and stopped for; what was to be told is told when it is back', async (t) => {
  const world = await startWorld(t);
  const queues = await startQueues(t, world);
  const first = await world.startReplica(queues.env);
  await untilServing(first);
  const flightId = await openFlight(world);
  await queues.redis.kill();
  const { booking } = await first.bookings.createBooking(wanted(flightId), as(CUSTOMER));
  const bookingId = booking?.id ?? 0n;
  await first.bookings.cancelBooking({ bookingId }, as(CUSTOMER));
  const stopping = performance.now();
  await first.stop();
  assert.ok(performance.now() - stopping < 30_000);

  const second = await world.startReplica(queues.env);
  await untilServing(second);
  await queues.tell(event({ $case: 'flightChanged', value: { flightId: 1n, revision: 1 } }));
  await queues.redis.start();
  const told = () => new Set(queues.billing.heard.map(({ body }) => body?.$case));
  await until(() => told().has('bookingPlaced') && told().has('bookingCancelled'), LONG);
  await queues.untilTaken();
});
