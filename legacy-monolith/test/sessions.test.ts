import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { type Client, cookieOf, createClient, expiryOf, logIn } from './support/client.ts';
import { KEYS, startMonolith, type TestMonolith } from './support/monolith.ts';

const UNAUTHORIZED = '{"error":"unauthorized","message":"Please log in or send a valid API key."}';

const monolith: TestMonolith = await startMonolith({ after });
const anybody: Client = createClient(monolith.port);

test('a log-in answers the account in the documented order of keys', async () => {
  const answer = await anybody.call('/session', {
    json: { email: 'ALICE@example.com', password: 'meridian' },
  });
  assert.equal(answer.status, 200);
  assert.match(
    answer.text,
    /^\{"account_id":1,"email":"alice@example.com","name":"Alice Martin","role":"customer","via":"session","expires_at":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"\}$/,
  );
  assert.match(
    answer.headers['set-cookie']?.[0] ?? '',
    /^MERIDIANSESSID=s%3A[\w-]+\.[\w%]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/,
  );
});

test('every answer to a live session renews it under the same id: 200, 304, 404, 409, 422, CSV, public', async () => {
  const agent = await logIn(monolith.port, 'agent@meridian.example');
  const calls: [number, Promise<Awaited<ReturnType<Client['get']>>>][] = [
    [200, agent.get('/session')],
    [200, agent.get('/bookings')],
    [404, agent.get('/bookings/999999999')],
    [404, agent.get('/nowhere')],
    [200, agent.get('/bookings/export.csv')],
    [422, agent.get('/flights')],
    [200, agent.get('/flights/1')],
    [200, agent.call('/bookings', { method: 'HEAD' })],
  ];
  for (const [status, call] of calls) {
    const answer = await call;
    assert.equal(answer.status, status);
    assert.equal(cookieOf(answer), agent.cookie, `status ${status}`);
    assert.ok(expiryOf(answer) > Date.now() + 29 * 60_000);
  }
  const flights = await agent.get('/flights/1');
  const unchanged = await agent.get('/flights/1', { 'if-none-match': flights.headers.etag as string });
  assert.equal(unchanged.status, 304);
  assert.equal(cookieOf(unchanged), agent.cookie);
});

test('a session that is used outlives one that is not, which ends after its time and gets no cookie', async (t) => {
  const brief = await startMonolith(t, { env: { MERIDIAN_SESSION_TTL_MS: '6000' } });
  const alice = await logIn(brief.port, 'alice@example.com');
  const bob = await logIn(brief.port, 'bob@example.com');
  // Sessions end by the monolith's machine, which need not agree with the database's.
  const overdue = `SELECT count(*) FROM session WHERE expire < to_timestamp($1) AND sess->>'account_id' = '2'`;
  await until(
    async () => {
      assert.equal((await alice.get('/session')).status, 200);
      return (await brief.monolith.pool.query(overdue, [Date.now() / 1000])).rows[0].count === '1';
    },
    { deadlineMs: 60_000, everyMs: 200 },
  );
  const dead = await bob.get('/session');
  assert.equal(dead.status, 401);
  assert.equal(dead.headers['set-cookie'], undefined);
  assert.equal((await alice.get('/session')).status, 200);
});

test('a log-in leads on only when its session is there to be found', async () => {
  const { pool } = monolith.monolith;
  await pool.query(HOLD_NEW_SESSIONS);
  const holder = await pool.connect();
  let answered = false;
  try {
    await holder.query('SELECT pg_advisory_lock(1)');
    const answer = fetch(`${monolith.url}/login`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'bob@example.com', password: 'meridian' }),
      redirect: 'manual',
    }).finally(() => {
      answered = true;
    });
    await until(async () => (await pool.query(IS_HELD)).rowCount === 1, { deadlineMs: 10_000 });
    // A browser follows a redirect at its head, so that must not go out before the session is written.
    await anybody.get('/session');
    assert.equal(answered, false);
    await holder.query('SELECT pg_advisory_unlock(1)');
    assert.equal((await answer).status, 303);
  } finally {
    holder.release(true);
    await pool.query('DROP TRIGGER hold ON session');
  }
});

/** What writes a new session waits for whoever holds advisory lock 1. */
const HOLD_NEW_SESSIONS = `
  CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
  CREATE TRIGGER hold BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION hold()`;

const IS_HELD = `
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

test('401 is the same bytes on every operation, and sets no cookie', async () => {
  const calls = [
    anybody.get('/session'),
    anybody.call('/session', { method: 'DELETE' }),
    anybody.get('/bookings'),
    anybody.get('/bookings/abc'),
    anybody.call('/bookings', { json: {} }),
    anybody.get('/flights/1/seats'),
    anybody.get('/bookings', { 'x-api-key': 'mk_wrong' }),
    anybody.get('/bookings', { 'x-api-key': '' }),
    anybody.get('/bookings', { cookie: 'MERIDIANSESSID=s%3Aforged.signature' }),
  ];
  for (const answer of await Promise.all(calls)) {
    assert.equal(answer.status, 401);
    assert.equal(answer.text, UNAUTHORIZED);
    assert.equal(answer.headers['www-authenticate'], 'Session realm="Meridian Air"');
    assert.equal(answer.headers['set-cookie'], undefined);
  }
});

test('an API key counts alone: the session beside it is neither asked nor renewed', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  const answer = await alice.get('/session', { 'x-api-key': KEYS.globetrotter });
  assert.equal(answer.json.account_id, 5);
  assert.deepEqual([answer.json.via, answer.json.expires_at], ['api_key', null]);
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.equal((await alice.get('/session', { 'x-api-key': 'nonsense' })).status, 401);
  const logOut = await alice.call('/session', { method: 'DELETE', headers: { 'x-api-key': KEYS.skyways } });
  assert.equal(logOut.status, 403);
  assert.equal(logOut.text, '{"error":"forbidden","message":"API keys cannot log out."}');
});

test('a revoked key is a 401', async () => {
  const { pool } = monolith.monolith;
  await pool.query(`UPDATE api_keys SET revoked_at = '2026-11-22' WHERE account_id = 6`);
  assert.equal((await anybody.get('/session', { 'x-api-key': KEYS.skyways })).status, 401);
  await pool.query('UPDATE api_keys SET revoked_at = NULL WHERE account_id = 6');
});

test('a log-in takes a new id, and the old one is dead', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  const again = await alice.call('/session', { json: { email: 'bob@example.com', password: 'meridian' } });
  assert.notEqual(cookieOf(again), alice.cookie);
  assert.equal((await alice.get('/session')).status, 401);
});

test('a log-out clears the cookie and ends the session', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  const out = await alice.call('/session', { method: 'DELETE' });
  assert.equal(out.status, 204);
  assert.deepEqual(out.headers['set-cookie'], [
    'MERIDIANSESSID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
  ]);
  assert.equal((await alice.get('/session')).status, 401);
});

test('wrong credentials, unknown accounts and partners get one and the same 403', async () => {
  for (const credentials of [
    { email: 'alice@example.com', password: 'wrong' },
    { email: 'nobody@example.com', password: 'meridian' },
    { email: 'partner@globetrotter.example', password: 'meridian' },
  ]) {
    const answer = await anybody.call('/session', { json: credentials });
    assert.equal(answer.status, 403);
    assert.equal(answer.text, '{"error":"invalid_credentials","message":"E-mail or password is wrong."}');
  }
});

test('missing fields are named, the first first', async () => {
  const none = await anybody.call('/session', { json: { password: '' } });
  assert.equal(none.text, '{"error":"invalid","message":"email is required","field":"email"}');
  const one = await anybody.call('/session', { json: { email: 'a@b' } });
  assert.equal(one.json.field, 'password');
  const nul = await anybody.call('/session', { json: { email: 'a\0@b', password: 'x' } });
  assert.equal(nul.status, 422);
});

test('a form goes on to a local path only', async () => {
  const destinations = {
    '/bookings/41?tab=1': '/bookings/41?tab=1',
    '//evil.example': '/bookings',
    '/\\evil.example': '/bookings',
    'https://evil.example/': '/bookings',
    '/\t/evil.example': '/bookings',
    '': '/bookings',
  };
  for (const [next, location] of Object.entries(destinations)) {
    const form = { email: 'alice@example.com', password: 'meridian', next };
    const answer = await anybody.call('/session', { form });
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.location, location);
    assert.ok(cookieOf(answer).startsWith('MERIDIANSESSID=s%3A'));
  }
});
