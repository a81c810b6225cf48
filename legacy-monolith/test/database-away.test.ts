import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import { isDatabaseUnavailable } from '../src/db/database-fault.ts';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const database = await createTestDatabase('small');
after(() => database.drop());
const line = await startLine(new URL(database.url));
const throughLine = new URL(database.url);
throughLine.hostname = '127.0.0.1';
throughLine.port = String(line.port);
const monolith = await startMonolith({ after }, { template: 'empty', databaseUrl: throughLine.href });

const anybody = createClient(monolith.port);
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });

test('while the database is away every family answers its 503, and all is well when it is back', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  assert.equal((await alice.get('/bookings')).status, 200);
  line.cut();
  const general = await anybody.get('/flights/1');
  assert.equal(general.status, 503);
  assert.equal(general.headers['retry-after'], '5');
  assert.equal(general.json.error, 'unavailable');
  assert.equal(general.headers['content-type'], 'application/json; charset=utf-8');
  const booking = await partner.get('/bookings');
  assert.deepEqual(
    [booking.status, booking.json.code, booking.headers['retry-after']],
    [503, 'BKG-503', '5'],
  );
  const billing = await partner.get('/invoices');
  assert.deepEqual([billing.status, billing.json.errors[0].field], [503, null]);
  const ofBooking = await partner.get('/bookings/1/invoice');
  assert.deepEqual([ofBooking.status, ofBooking.json.errors.length], [503, 1]);
  // Not even the session can be read: the family is that of the path.
  const session = await alice.get('/bookings');
  assert.deepEqual([session.status, session.json.code], [503, 'BKG-503']);
  assert.equal((await partner.get('/bookings/export.csv')).json.code, 'BKG-503');
  assert.equal((await anybody.get('/nowhere')).status, 404);
  line.mend();
  await until(async () => (await alice.get('/bookings')).status === 200, { deadlineMs: 20_000 });
  assert.equal((await partner.get('/bookings/export.csv')).status, 200);
});

test('a connection that is lost between two statements of a transaction does not end the process', async () => {
  const { pool } = monolith.monolith;
  const client = await pool.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  // Not by once(), which would listen to 'error' as well.
  const ended = new Promise<void>((resolve) => client.on('end', () => resolve()));
  await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await ended;
  await assert.rejects(client.query('SELECT 1'), (error) => isDatabaseUnavailable(error));
  client.release(true);
});

test('a fault that is logged tells the client nothing of the inside', async () => {
  const { pool } = monolith.monolith;
  await pool.query('ALTER TABLE flights RENAME COLUMN gate TO portal');
  const answer = await anybody.get('/flights/1');
  await pool.query('ALTER TABLE flights RENAME COLUMN portal TO gate');
  assert.equal(answer.text, '{"error":"internal","message":"Something went wrong. Please try again later."}');
  assert.equal(answer.status, 500);
  assert.match(monolith.log(), /"errorId":"[0-9a-f]{16}"/);
});

/** A line to Postgres that can be cut and mended. */
async function startLine(target: URL) {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    cut() {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      whole = true;
    },
  };
}
