import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import {
  as,
  atEnd,
  CUSTOMER,
  clientsOf,
  openFlight,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

test('a booking whose process dies before billing has heard of it is told of by the next', async (t) => {
  const world = await startWorld(t);
  const start = async () => {
    const process = await startServer({ args: ['extracted/booking/src/main.ts'], env: world.env });
    atEnd(t, () => process.stop());
    const service = clientsOf(t, `127.0.0.1:${String(process.listening.port)}`);
    await untilServing(service);
    return { process, ...service };
  };
  const first = await start();
  const flightId = await openFlight(world);
  // Billing takes the event and never says so.
  let heard = 0;
  world.seam.beforeAck = async () => {
    heard += 1;
    await new Promise((resolve) => setTimeout(resolve, 30_000).unref());
  };
  const call = first.bookings.createBooking(wanted(flightId), as(CUSTOMER)).catch(() => null);
  await until(() => heard > 0, { deadlineMs: 20_000 });
  first.process.signal('SIGKILL');
  await call;
  assert.equal(await first.process.ended, 'SIGKILL');
  const waiting = () => world.service.query('SELECT id FROM outbox WHERE delivered_at IS NULL');
  const [row] = (await waiting()).rows;
  assert.ok(row);

  world.seam.beforeAck = async () => {};
  const second = await start();
  // The dead process had the event in hand, which runs out by itself.
  await world.service.query('UPDATE outbox SET next_attempt_at = now()');
  await until(async () => (await waiting()).rowCount === 0, { deadlineMs: 20_000 });
  assert.ok(world.seam.events.filter(({ id }) => id === row.id).length >= 2);
  second.process.signal('SIGTERM');
  assert.equal(await second.process.ended, 0);
});

test('a service that starts without its database waits, says so, and recovers by itself', async (t) => {
  const world = await startWorld(t);
  const { pathname } = new URL(world.serviceUrl);
  const name = pathname.slice(1);
  await world.monolith.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
  await world.monolith.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    name,
  ]);
  const service = await world.startReplica();
  await untilServing(service, '', 'NOT_SERVING');
  await assert.rejects(service.bookings.getBooking({ bookingId: 1n }, as(CUSTOMER)), {
    code: 'UNAVAILABLE',
    reason: 'DATABASE_UNAVAILABLE',
  });
  await world.monolith.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
  await untilServing(service);
});
