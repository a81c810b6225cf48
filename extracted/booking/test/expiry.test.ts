import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createDatabase } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import { until } from '@banyan/stack/testing/until';
import { expireHolds } from '../src/bookings/expire-holds.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { atEnd, startDatabases } from './support/databases.ts';
import { LONG } from './support/queues.ts';
import {
  as,
  CUSTOMER,
  openFlight,
  passenger,
  type Replica,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

test('four that look at once, in small batches, end every hold once', async (t) => {
  const { serviceUrl, service } = await startDatabases(t, 'service');
  await service.query(
    `UPDATE bookings SET status = 'HELD', version = 1, hold_expires_at = now() - interval '1 minute' * (1 + id % 9)`,
  );
  const expireAll = async (): Promise<number> => {
    const database = createDatabase(serviceUrl, { schema: 'booking', name: 'expiry', logger: silentLogger });
    atEnd(t, () => database.end());
    const parts = {
      storage: createOwnStorage(database),
      now: () => new Date(),
      newId: randomUUID,
      batch: 7,
    };
    return expireHolds(parts, AbortSignal.timeout(LONG.deadlineMs));
  };
  const counts = await Promise.all([expireAll(), expireAll(), expireAll(), expireAll()]);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    200,
  );
  const { rows } = await service.query('SELECT status, version, count(*)::int FROM bookings GROUP BY 1, 2');
  assert.deepEqual(rows, [{ status: 'EXPIRED', version: 2, count: 200 }]);
  assert.equal((await service.query('SELECT FROM outbox')).rowCount, 200);
  assert.equal((await service.query('SELECT FROM seat_claims')).rowCount, 0);
});

test('a hold whose payment was begun waits for a day to hear of the money', async (t) => {
  const { serviceUrl, service } = await startDatabases(t, 'service');
  const database = createDatabase(serviceUrl, { schema: 'booking', name: 'expiry', logger: silentLogger });
  atEnd(t, () => database.end());
  const storage = createOwnStorage(database);
  await service.query(
    "UPDATE bookings SET status = 'HELD', hold_expires_at = now() - interval '1 hour' WHERE id <= 9",
  );
  await service.query(
    "INSERT INTO begun_payments (booking_id, payment_key, hold_expires_at, begun_at) VALUES (3, 'a', now(), now())",
  );
  const expireAt = (ms: number): Promise<number> =>
    expireHolds(
      { storage, now: () => new Date(Date.now() + ms), newId: randomUUID },
      AbortSignal.timeout(LONG.deadlineMs),
    );
  const statusOf = async (): Promise<unknown> =>
    (await service.query('SELECT status FROM bookings WHERE id = 3')).rows[0]?.status;
  await expireAt(0);
  assert.equal(await statusOf(), 'HELD');
  assert.ok((await service.query("SELECT FROM bookings WHERE id <= 9 AND status = 'EXPIRED'")).rowCount);
  await expireAt(23 * 3_600_000);
  assert.equal(await statusOf(), 'HELD');
  await expireAt(25 * 3_600_000);
  assert.equal(await statusOf(), 'EXPIRED');
});

const RUNS = /^scheduled_runs_total\{task="hold-expiry",outcome="done"[^}]*\} (\d+)$/m;

const runsOf = async (replicas: readonly Replica[]): Promise<number> => {
  const texts = await Promise.all(replicas.map(({ metrics }) => metrics.render()));
  return texts.reduce((sum, { text }) => sum + Number(RUNS.exec(text)?.[1] ?? 0), 0);
};

test('of several processes one ends what is over in each period: every hold once, its seat free, billing told', async (t) => {
  const world = await startWorld(t);
  // What the seed has left over is not this test's.
  await world.service.query(
    "UPDATE bookings SET status = 'EXPIRED', hold_expires_at = NULL WHERE status = 'HELD'",
  );
  const start = () => world.startReplica({ BOOKING_EXPIRY_INTERVAL_MS: '3600000' });
  const first = await start();
  await untilServing(first);
  const replicas = [first, await start(), await start()];
  const flightId = await openFlight(world);
  const hold = async (seat: string): Promise<bigint> => {
    const request = wanted(flightId, { passengers: [passenger({ seat })] });
    return (await first.bookings.createBooking(request, as(CUSTOMER))).booking?.id ?? 0n;
  };
  const end = (ids: readonly bigint[]) =>
    world.service.query(
      "UPDATE bookings SET hold_expires_at = now() - interval '1 second' WHERE id = ANY ($1)",
      [ids],
    );
  const over = () =>
    world.service.query("SELECT FROM bookings WHERE status = 'HELD' AND hold_expires_at < now()");
  const untilNoneIsOver = () => until(async () => (await over()).rowCount === 0, LONG);

  const kept = await hold('1A');
  const ids = await Promise.all(['1B', '1C', '2A', '2B', '2C'].map(hold));
  await first.consent.beginPayment({ bookingId: kept, paymentKey: 'p' });
  await end(ids);
  // More than a batch of what nobody comes back for.
  await world.service.query(`
    INSERT INTO outgoing_mail (message_id, kind, recipient, data, state, next_attempt_at, created_at, sent_at)
    SELECT '<' || n || '>', 'E_TICKET', 'x', '{}', 'SENT', now(), now(), now() - interval '1 day' * (29 + n % 3)
    FROM generate_series(1, 3300) AS n;
    INSERT INTO idempotency_keys (account_id, key, request_hash, booking_id, answer, created_at)
    SELECT n, 'k', '', 2, '', now() - interval '1 day' * n FROM generate_series(1, 3) AS n`);
  for (const runs of [1, 2]) {
    await world.service.query('UPDATE scheduled_work SET next_at = now()');
    await until(async () => (await runsOf(replicas)) === runs, LONG);
    await untilNoneIsOver();
  }
  const { rows: due } = await world.service.query(
    "SELECT next_at > now() + interval '50 minutes' AS later FROM scheduled_work WHERE name = 'hold-expiry'",
  );
  assert.deepEqual(due, [{ later: true }]);
  assert.equal(await runsOf(replicas), 2);
  const { rows } = await world.service.query(
    'SELECT status, version, hold_expires_at FROM bookings WHERE id = ANY($1) GROUP BY 1, 2, 3',
    [ids],
  );
  assert.deepEqual(rows, [{ status: 'EXPIRED', version: 2, hold_expires_at: null }]);
  const told = () => world.service.query("SELECT FROM outbox WHERE type = 'holdExpired'");
  assert.equal((await told()).rowCount, ids.length);
  assert.deepEqual(await first.seats.listTakenSeats({ flightId }), { seats: ['1A'] });
  const late = first.consent.beginPayment({ bookingId: ids[1] ?? 0n, paymentKey: 'late' });
  await assert.rejects(late, { reason: 'HOLD_OVER' });

  const left = async () => {
    const mails = await world.service.query('SELECT FROM outgoing_mail');
    const keys = await world.service.query('SELECT FROM idempotency_keys');
    return [mails.rowCount, keys.rowCount];
  };
  await until(async () => String(await left()) === '1100,1', LONG);

  // The next period is an hour away; where it is made shorter, it comes by itself.
  await end([await hold('3A')]);
  await world.startReplica({ BOOKING_EXPIRY_INTERVAL_MS: '100' });
  await untilNoneIsOver();
  assert.equal((await told()).rowCount, ids.length + 1);
});
