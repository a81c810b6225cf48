import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { installOwnership } from '@banyan/mover/install-ownership';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { startMonolith as startProcess } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { clientOf } from './billing-world.ts';

/** Says which libraries of queues are loaded. */
const TELL_LOADED = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (/node_modules\\/(bullmq|ioredis)\\//.test(resolved.url)) console.log('loaded ' + resolved.url);
      return resolved;
    },
  });
`)}`;
const TABLES = { booking: ['bookings'], billing: ['invoices'] };

const WAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no queues': {},
  'a Redis of the queues that is dead': { QUEUE_REDIS_URL: 'redis://127.0.0.1:1' },
};

for (const [how, env] of Object.entries(WAYS)) {
  test(`with both contexts here and ${how}, a booking has its invoice at once, and a stop ends`, async (t) => {
    const { database, pool } = await openDatabase(t);
    await installOwnership(database.url, {
      side: 'monolith',
      aggregates: TABLES,
      initialOwner: 'monolith',
    });
    const monolith = await startProcess(database.url, {
      NODE_OPTIONS: `--import=${TELL_LOADED}`,
      ...env,
    });
    t.after(() => monolith.stop());
    const client = await loggedIn(monolith.url);
    // Of whatever day it is.
    const { rows } = await pool.query(
      `UPDATE flights SET departs_at = now() + interval '90 days', arrives_at = now() + interval '91 days'
       WHERE id = (SELECT id FROM flights WHERE status = 'SCHEDULED' LIMIT 1) RETURNING id`,
    );
    const passengers = [{ first_name: 'Ada', last_name: 'Lovelace' }];
    const body = { flight_id: Number(rows[0].id), contact_email: 'ada@example.com', passengers };
    const booked = await client('POST', '/bookings', { body });
    assert.equal(booked.status, 201, booked.text);
    assert.equal((await client('GET', `/bookings/${booked.body.id}/invoice`)).body.status, 'OPEN');
    assert.equal((await pool.query('SELECT FROM seam_outbox')).rowCount, 0, 'nothing crosses');
    const loaded = () => monolith.lines.some((line) => line.startsWith('loaded '));
    if (how === 'no queues') assert.ok(!loaded());
    else await until(loaded, { deadlineMs: 20_000, what: 'the libraries of queues' });
    monolith.signal('SIGTERM');
    assert.equal(await monolith.ended, 0);
    assert.ok(!monolith.lines.some((line) => line.includes('worker of a queue')), 'said once, not each time');
  });
}

test('a change of flights, of any size, is told in the bytes of the contract while bookings are away', async (t) => {
  const { database, pool } = await openDatabase(t);
  const change = async () => {
    await pool.query(`UPDATE flights SET gate = 'Z' || (revision % 90)`);
    const { rows } = await pool.query<{ id: string; body: Buffer }>(
      `SELECT id, body FROM seam_outbox WHERE type = 'flightChanged'`,
    );
    return rows;
  };
  assert.equal((await change()).length, 0, 'no owners are recorded');
  await installOwnership(database.url, { side: 'monolith', aggregates: TABLES, initialOwner: 'monolith' });
  assert.equal((await change()).length, 0, 'bookings are here');
  await pool.query(`UPDATE banyan.own SET owner = 'service' WHERE aggregate = 'booking'`);
  await pool.query(`
    ALTER TABLE flights DISABLE TRIGGER flights_count_change;
    UPDATE flights SET revision = 20000 + id;
    ALTER TABLE flights ENABLE TRIGGER flights_count_change;
    DELETE FROM seam_outbox`);
  const told = (await change()).map(({ id, body }) => {
    const event = Event.decode(body);
    assert.equal(event.id, id);
    assert.ok(Math.abs(Date.now() - Number(event.occurredAt)) < 3_600_000);
    return event.body?.$case === 'flightChanged' ? event.body.value : undefined;
  });
  const { rows } = await pool.query<{ id: string; revision: number }>('SELECT id, revision FROM flights');
  assert.equal(told.length, rows.length);
  for (const { id, revision } of rows) {
    assert.deepEqual(
      told.find((flight) => flight?.flightId === BigInt(id)),
      { flightId: BigInt(id), revision },
    );
  }
  await pool.query('UPDATE flights SET gate = gate');
  assert.equal((await change()).length, 2 * rows.length, 'what changes nothing is not told');
});

async function openDatabase(t: TestContext) {
  const database = await createTestDatabase('small');
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  t.after(async () => {
    await pool.end();
    await database.drop();
  });
  return { database, pool };
}

async function loggedIn(url: string) {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'alice@example.com', password: 'meridian' }),
  });
  assert.equal(answer.status, 200);
  const [cookie = ''] = answer.headers.getSetCookie();
  return clientOf(url, { Cookie: cookie.split(';')[0] as string });
}
