import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { sharedTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { WebSocket } from 'ws';
import { CARDS, cardOf } from './billing-world.ts';
import { type Browser, createBrowser, logInBrowser } from './support/browser.ts';
import { type Pair, type Side, startPair } from './support/seam-pair.ts';

const portOf = ({ url }: Side): number => Number(new URL(url).port);

/** A browser that is logged in on the side `at`; the other knows its session, too. */
async function browserAt(pair: Pair, at: Side, email: string): Promise<Browser> {
  const browser = await logInBrowser(portOf(at), email);
  const other = at === pair.booking ? pair.billing : pair.booking;
  const { rows } = await at.pool.query('SELECT sid, sess, expire FROM session');
  for (const { sid, sess, expire } of rows) {
    await other.pool.query(
      'INSERT INTO session (sid, sess, expire) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [sid, sess, expire],
    );
  }
  return browser;
}

async function openFlight({ pool }: Side): Promise<string> {
  const { rows } = await pool.query(
    `SELECT id FROM flights WHERE status = 'SCHEDULED' AND departs_at > '2026-11-24' ORDER BY id LIMIT 1`,
  );
  return String(rows[0].id);
}

const PARTY = {
  passenger_1_first_name: 'Ada',
  passenger_1_last_name: 'Lovelace',
  contact_email: 'ada@example.com',
  fare_class: 'CLASSIC',
};

/** Books, pays, changes and cancels by pages alone. */
async function journey(t: TestContext, which: 'booking' | 'billing'): Promise<void> {
  const redis = await sharedTestRedis();
  t.after(() => redis[Symbol.asyncDispose]());
  const pair = await startPair(t, { withSeats: true, queueRedisUrl: redis.url });
  const at = pair[which];
  const browser = await browserAt(pair, at, 'alice@example.com');
  const flight = await openFlight(at);

  const faulty = await browser.fillIn(
    `/flights/${flight}/book?adults=1`,
    { ...PARTY, contact_email: 'x' },
    `/flights/${flight}/book`,
  );
  assert.equal(faulty.status, 422);
  assert.notEqual(faulty.fault('contact_email'), '');
  const form = await browser.get(`/flights/${flight}/book?adults=1`);
  const fields = { ...form.form(`/flights/${flight}/book`), ...PARTY };
  const [first, again] = [
    await browser.post(`/flights/${flight}/book`, fields),
    await browser.post(`/flights/${flight}/book`, fields),
  ];
  assert.equal(first.status, 303, first.text);
  assert.equal(again.location, first.location, 'one form, one booking');
  const path = (first.location as string).replace(/\/pay$/, '');
  await pair.untilTaken();

  const card = cardOf(CARDS.approved) as Record<string, string>;
  const refused = await browser.fillIn(`${path}/pay`, { ...card, card_number: '4' });
  assert.deepEqual([refused.status, refused.fault('card_number')], [422, 'Card number is not valid.']);
  const declined = await browser.fillIn(`${path}/pay`, { ...card, card_number: CARDS.insufficientFunds });
  assert.equal(declined.status, 200);
  assert.match(declined.text, /Your card was declined \(insufficient funds\)/);
  const paid = await browser.fillIn(`${path}/pay`, card);
  assert.deepEqual([paid.status, paid.location], [303, path], paid.text);
  await pair.untilTaken();
  assert.match((await browser.get(path)).text, /Confirmed/);

  const changing = await browser.get(`${path}/change`);
  const changed = await browser.post(`${path}/change`, {
    ...changing.form(`${path}/change`),
    note: 'By the window',
  });
  assert.equal(changed.status, 303, changed.text);
  const outdated = await browser.post(`${path}/change`, {
    ...changing.form(`${path}/change`),
    note: 'No, the aisle',
  });
  assert.equal(outdated.status, 412);
  assert.match(outdated.text, /Somebody changed this booking meanwhile/);

  assert.match((await browser.get('/bookings')).text, /Lisbon|→/);
  assert.match((await browser.get('/invoices')).text, /INV-/);
  const profile = await browser.get('/profile');
  assert.match(profile.text, /trips? ahead/);
  const cancelled = await browser.fillIn(`${path}/cancel`, {});
  assert.equal(cancelled.status, 303, cancelled.text);
  assert.match((await browser.get(path)).text, /Cancelled/);
}

test('pages book, pay, change and cancel with billing away', (t) => journey(t, 'booking'));

test('pages book, pay, change and cancel with bookings away', (t) => journey(t, 'billing'));

test('the seat map here follows the seats that are taken there', async (t) => {
  const pair = await startPair(t, { withSeats: true });
  const { cookie } = await pair.logIn('alice@example.com');
  const flight = await openFlight(pair.booking);
  const mapOf = async ({ url }: Side) =>
    (await fetch(`${url}/api/v1/flights/${flight}/seats`, { headers: { Cookie: cookie } })).text();
  assert.equal(await mapOf(pair.billing), await mapOf(pair.booking));
  const socket = new WebSocket(`${pair.billing.url.replace('http', 'ws')}/ws/seats?flight_id=${flight}`, {
    headers: { Cookie: cookie },
  });
  t.after(() => socket.terminate());
  const heard: { type: string; seat?: string; taken?: string[] }[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(data.toString())));
  const snapshot = await until(() => heard.find(({ type }) => type === 'snapshot'), { deadlineMs: 30_000 });
  const seat = ['1A', '1B', '2A', '2B', '3A'].find((each) => !snapshot.taken?.includes(each)) as string;
  // A watch that is still beginning would show the seat by its snapshot.
  await until(() => pair.billing.log().includes('"msg":"request"'), { deadlineMs: 30_000 });
  const { rows } = await pair.booking.pool.query(
    `INSERT INTO seat_claims SELECT $1, $2, b.id, p.id FROM bookings b JOIN passengers p ON p.booking_id = b.id
     WHERE NOT EXISTS (SELECT FROM seat_claims s WHERE s.passenger_id = p.id) LIMIT 1 RETURNING seat`,
    [flight, seat],
  );
  assert.equal(rows.length, 1);
  await until(
    () =>
      heard.some(
        (each) => (each.type === 'taken' && each.seat === seat) || each.taken?.includes(seat) === true,
      ),
    { deadlineMs: 30_000, what: 'the taken seat' },
  );
});

test('pages pay, refund and draw up a statement with billing away', async (t) => {
  const pair = await startPair(t);
  const browser = await browserAt(pair, pair.booking, 'accounts@meridian.example');
  const { rows } = await pair.billing.pool.query(
    `SELECT i.id, p.id AS payment FROM invoices i JOIN payments p ON p.invoice_id = i.id
     WHERE i.status = 'PAID' ORDER BY i.id LIMIT 1`,
  );
  const path = `/invoices/${rows[0].id}`;
  const action = `/payments/${rows[0].payment}/refund`;
  const page = await browser.get(path);
  const fields = page.form(action);
  assert.equal(fields.invoice, rows[0].id);
  const faulty = await browser.post(action, { ...fields, amount: 'x' });
  assert.equal(faulty.status, 422);
  assert.equal(faulty.fault('amount', action), 'Amount is not valid.');
  const other = await browser.post(action, { ...faulty.form(action), invoice: '999999', reason: 'r' });
  assert.equal(other.status, 404);
  const statement = await browser.get('/invoices');
  const drawn = await browser.post('/statements', {
    ...statement.form('/statements'),
    month: '2026-10',
    account_id: '1',
  });
  assert.equal(drawn.status, 303, drawn.text);
  assert.match((await browser.get(drawn.location as string)).text, /October 2026/);
});

test('a page renews the session once, by its own answer, though it asks elsewhere', async (t) => {
  const pair = await startPair(t);
  const browser = await browserAt(pair, pair.booking, 'alice@example.com');
  const page = await browser.get('/invoices');
  assert.equal(page.status, 200);
  assert.equal((page.headers['set-cookie'] as string[]).length, 1);
});

test('who has booked before billing has heard of it waits on its pages, which come back by themselves for some minutes', async (t) => {
  const redis = await sharedTestRedis();
  t.after(() => redis[Symbol.asyncDispose]());
  const pair = await startPair(t, { queueRedisUrl: redis.url });
  const browser = await browserAt(pair, pair.booking, 'alice@example.com');
  pair.booking.relay?.signal('SIGSTOP');
  const held = await browser.fillIn(`/flights/${await openFlight(pair.booking)}/book`, PARTY);
  const pages = [held.location ?? '/', (held.location ?? '/').replace(/pay$/, 'cancel')];
  const waiting = [];
  for (const page of pages) waiting.push(await browser.get(page));
  pair.advance(5 * 60_000);
  for (const page of pages) waiting.push(await browser.get(page));
  pair.booking.relay?.signal('SIGCONT');
  assert.equal(held.status, 303, held.text);
  assert.deepEqual(
    waiting.map(({ status, headers }) => [status, headers.refresh]),
    [
      [503, '1'],
      [503, '1'],
      [503, undefined],
      [503, undefined],
    ],
  );
  for (const { text } of waiting) assert.match(text, /Please stand by/);
  await pair.untilTaken();
  for (const page of pages) {
    const asked = await browser.get(page);
    assert.deepEqual([asked.status, asked.headers.refresh], [200, undefined]);
  }
});

test('with the other side down its pages stand by with a 503, and the others go on', async (t) => {
  const pair = await startPair(t);
  const browser = await browserAt(pair, pair.booking, 'alice@example.com');
  await pair.billing.stop();
  const page = await browser.get('/invoices');
  assert.deepEqual([page.status, page.headers['retry-after']], [503, '5']);
  assert.equal((await browser.get('/bookings')).status, 200);
  const other = await createBrowser(portOf(pair.booking)).get('/');
  assert.equal(other.status, 200);
});

test('profile counts are those of whoever owns, for every role', async (t) => {
  const pair = await startPair(t);
  const emails = ['alice@example.com', 'agent@meridian.example', 'accounts@meridian.example'];
  for (const email of emails) {
    const counts: string[] = [];
    for (const at of [pair.booking, pair.billing]) {
      const browser = await browserAt(pair, at, email);
      const page = await browser.get('/api/v1/profile');
      assert.equal(page.status, 200, page.html);
      const { bookings_upcoming, invoices_open } = JSON.parse(page.html);
      counts.push(`${bookings_upcoming} ${invoices_open}`);
    }
    assert.equal(counts[0], counts[1], email);
  }
});

/** Less than any other question to a context that is elsewhere may take; the figures have 2 s. */
const PROFILE_MS_MAX = 9_000;

test('a context that hangs leaves its figure out of the profile page, and is 503 in the contract', async (t) => {
  const pair = await startPair(t);
  const browser = await browserAt(pair, pair.booking, 'alice@example.com');
  const port = portOf(pair.billing);
  await pair.billing.stop();
  const sockets = new Set<Socket>();
  const hanging = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await once(hanging.listen(port, '127.0.0.1'), 'listening');
  t.after(() => {
    hanging.close();
    for (const socket of sockets) socket.destroy();
  });

  const startMs = performance.now();
  const shown = browser.get('/profile');
  const asked = browser.get('/api/v1/profile');
  const put = fetch(`${pair.booking.url}/api/v1/profile`, {
    method: 'PUT',
    headers: { Cookie: browser.cookie(), 'Content-Type': 'application/json' },
    body: '{"phone":"+1 555"}',
  });
  const page = await shown;
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, /trips? ahead/);
  assert.doesNotMatch(page.text, /open invoice/);
  assert.deepEqual([(await asked).status, (await put).status], [503, 503]);
  assert.ok(performance.now() - startMs < PROFILE_MS_MAX);
  const { rows } = await pair.booking.pool.query(
    `SELECT phone FROM accounts WHERE email = 'alice@example.com'`,
  );
  assert.notEqual(rows[0].phone, '+1 555', 'what is answered with 503 was not done');
});
