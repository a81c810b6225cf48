import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createClient, logIn } from './support/client.ts';
import { startMonolith } from './support/monolith.ts';

const CARD = '4111111111111111';
const SPACED = '4111 1111 1111 1111';
const CVC = '987654';
const PASSWORD = 'hunter2-planted';
const KEY = 'mk_planted_secret_key';
const PLANTED = [CARD, SPACED, CVC, PASSWORD, KEY];

const monolith = await startMonolith({ after });
const { pool } = monolith.monolith;

test('no card number, password, cookie or key is in any line of the log, whatever failed', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  const secrets = { card_number: SPACED, cvc: CVC, password: PASSWORD, email: CARD, note: CARD, cookie: KEY };
  const bodies = [
    { json: secrets },
    { form: secrets },
    {
      body: `{"card_number":"${CARD}","password":"${PASSWORD}"`,
      headers: { 'content-type': 'application/json' },
    },
    { body: JSON.stringify(secrets), headers: { 'content-type': `text/${KEY}` } },
  ];
  const paths = [
    '/session',
    '/bookings',
    `/bookings/${CARD}`,
    '/invoices/1/payments',
    `/invoices/${CARD}/payments`,
  ];
  const drive = async (): Promise<Set<number>> => {
    const statuses = new Set<number>();
    for (const body of bodies) {
      for (const path of paths) {
        for (const method of ['POST', 'PATCH', 'PUT']) {
          const query = `?card_number=${CARD}&password=${PASSWORD}&from=${KEY}`;
          const headers = { 'x-api-key': KEY, authorization: `Bearer ${KEY}`, ...body.headers };
          statuses.add((await alice.call(path + query, { ...body, method })).status);
          statuses.add(
            (await createClient(monolith.port, headers).call(path + query, { ...body, method })).status,
          );
        }
      }
    }
    return statuses;
  };
  const healthy = await drive();
  for (const status of [400, 401, 403, 404, 415, 422])
    assert.ok(healthy.has(status), `no ${status} was driven`);
  // And with the inside broken, so that errors with the client's values in them are logged.
  await pool.query('ALTER TABLE accounts RENAME COLUMN password_hash TO hash');
  const broken = await drive();
  await pool.query('ALTER TABLE accounts RENAME COLUMN hash TO password_hash');
  assert.ok(broken.has(500), 'no 500 was driven');

  const log = monolith.log();
  const session = alice.cookie.split('=')[1] as string;
  for (const secret of [...PLANTED, session, decodeURIComponent(session).slice(2, 20)]) {
    assert.ok(!log.includes(secret), `${secret} is in the log`);
  }
  assert.match(log, /"status":500/);
});

test('a database error that quotes its input is logged without it', async () => {
  monolith.monolith.app.get('/planted', async () => {
    await pool.query('SELECT $1::bigint', [`${CARD}x ${PASSWORD}`]);
  });
  // The route stands behind the catch-all, so the query is made by hand.
  const error = await pool.query('SELECT $1::bigint', [`${CARD}x ${PASSWORD}`]).catch((caught) => caught);
  assert.ok(String(error.message).includes(PASSWORD));
  const { safeError } = await import('../src/log/safe-error.ts');
  const logged = JSON.stringify(safeError(error));
  for (const secret of [CARD, PASSWORD]) assert.ok(!logged.includes(secret), logged);
  assert.match(logged, /invalid input syntax for type bigint/);
});
