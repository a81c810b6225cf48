import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { LONG, startQueues } from './support/queues.ts';
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

test('a booking whose process dies before billing has heard of it is told of all the same', async (t) => {
  const world = await startWorld(t);
  const queues = await startQueues(t, world);
  const start = async () => {
    const process = await startServer({
      args: ['extracted/booking/src/main.ts'],
      env: { ...world.env, ...queues.env },
    });
    atEnd(t, () => process.stop());
    const service = clientsOf(t, `127.0.0.1:${String(process.listening.port)}`);
    await untilServing(service);
    return { process, ...service };
  };
  const first = await start();
  const flightId = await openFlight(world);
  await queues.redis.kill();
  const call = first.bookings.createBooking(wanted(flightId), as(CUSTOMER)).catch(() => null);
  const waiting = () => world.service.query('SELECT id FROM outbox WHERE delivered_at IS NULL');
  await until(async () => (await waiting()).rowCount === 1, LONG);
  first.process.signal('SIGKILL');
  await call;
  assert.equal(await first.process.ended, 'SIGKILL');
  const [row] = (await waiting()).rows;
  await queues.redis.start();
  await until(async () => (await waiting()).rowCount === 0, LONG);
  assert.ok(queues.billing.heard.some(({ id }) => id === row.id));
  const second = await start();
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
