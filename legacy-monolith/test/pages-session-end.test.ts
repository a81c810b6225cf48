import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openFlight } from './support/bookings.ts';
import { type Browser, createBrowser, logInBrowser } from './support/browser.ts';
import { startMonolith } from './support/monolith.ts';

const site = await startMonolith({ after });
const { pool } = site.monolith;
const flight = await openFlight(site);
const bookPath = `/flights/${flight.id}/book`;
const ALICE = { email: 'alice@example.com', password: 'meridian' };

/** As thirty minutes without a request would. */
const endSessions = () => pool.query('DELETE FROM session');

/** Posts a form as a browser does, which says from which page. */
const send = (browser: Browser, page: string, action: string, fields: Record<string, string>) => {
  const { host } = new URL(site.url);
  return browser.post(action, fields, { referer: `http://${host}${page}`, host });
};

test('what was typed into a form whose session has ended is there again after the log-in', async () => {
  const browser = await logInBrowser(site.port, ALICE.email);
  const asked = await browser.get(`${bookPath}?fare_class=FLEX&adults=2`);
  const address = `${bookPath}?fare_class=FLEX&adults=2&form=${/data-form-id="([^"]+)"/.exec(asked.html)?.[1]}`;
  const typed = {
    passenger_1_first_name: 'Ada "the" <b>',
    passenger_1_seat: flight.freeSeats[0] as string,
    passenger_2_last_name: 'Hopper & Co',
    passenger_2_special_assistance: 'Y',
    contact_email: 'ada@example.com',
    note: 'Two\nlines',
  };
  await endSessions();
  const refused = await send(browser, address, bookPath, { ...asked.form(bookPath), ...typed });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['www-authenticate'], 'Session realm="Meridian Air"');
  assert.match(refused.text, /Please log in to go on\. What you typed is kept\./);

  // A wrong password loses nothing.
  const wrong = await browser.post('/login', { ...refused.form('/login'), ...ALICE, password: 'wrong' });
  assert.equal(wrong.status, 403);
  const done = await browser.post('/login', { ...wrong.form('/login'), ...ALICE });
  assert.deepEqual([done.status, done.location], [303, address]);

  const again = await browser.get(address);
  assert.match(again.message(), /What you typed is still here\./);
  const { form_token: _, ...shown } = again.form(bookPath);
  for (const [name, value] of Object.entries(typed)) assert.equal(shown[name], value, name);
  assert.deepEqual([shown.fare_class, shown.adults], ['FLEX', '2']);
  // It is given back once: who comes later to the form finds it empty.
  assert.equal((await browser.get(address)).form(bookPath).note, '');
});

test('what was typed before somebody logged in anew in another tab is there again, too', async () => {
  const browser = await logInBrowser(site.port, ALICE.email);
  const form = (await browser.get('/profile')).form('/profile');
  await browser.post('/logout', (await browser.get('/')).form('/logout'));
  await browser.fillIn('/login', ALICE);
  const name = `Alice ${form.name}`;
  const sent = await send(browser, '/profile', '/profile', { ...form, name });
  assert.deepEqual([sent.status, sent.location], [303, '/profile']);
  const shown = await browser.get('/profile');
  assert.equal(shown.form('/profile').name, name);
  assert.match(shown.message(), /send it again/);
  const saved = await send(browser, '/profile', '/profile', shown.form('/profile'));
  assert.equal(saved.location, '/profile?saved=1');
});

test('card data, passwords and tokens are not kept, and not stored', async () => {
  const browser = await logInBrowser(site.port, ALICE.email);
  const names = { passenger_1_first_name: 'Ada', passenger_1_last_name: 'Lovelace' };
  const held = await browser.fillIn(bookPath, { ...names, contact_email: ALICE.email });
  const payPath = held.location as string;
  const card = { card_number: '4242424242424242', expiry: '12/30', cvc: '9753', card_holder: 'Ada L.' };
  const form = (await browser.get(payPath)).form(payPath);
  await endSessions();
  const refused = await send(browser, payPath, payPath, { ...form, ...card, password: 'planted-secret' });
  assert.equal(refused.status, 401);
  const secrets = ['4242', '9753', 'planted-secret', '12%2F30', '12/30', form.form_token as string];
  for (const secret of secrets) assert.ok(!refused.html.includes(secret), secret);
  // Nor does a log-in form that somebody has tampered with put any into the database.
  const fields = refused.form('/login');
  const typed = `${fields.typed}&card_number=4242424242424242&cvc=9753`;
  await browser.post('/login', { ...fields, ...ALICE, typed });
  const { rows } = await pool.query('SELECT sess::text AS text FROM session');
  assert.ok(rows.some(({ text }) => text.includes('Ada L.')));
  for (const { text } of rows) assert.doesNotMatch(text, /4242|9753/);
  const shown = (await browser.get(payPath)).form(payPath);
  assert.deepEqual([shown.card_holder, shown.card_number, shown.cvc], ['Ada L.', '', '']);
});

test('a change is shown as it was typed, and does not overwrite what was changed meanwhile', async () => {
  const browser = await logInBrowser(site.port, ALICE.email);
  const names = { passenger_1_first_name: 'Ada', passenger_1_last_name: 'Lovelace' };
  const held = await browser.fillIn(bookPath, { ...names, contact_email: ALICE.email });
  const path = (held.location as string).replace('/pay', '/change');
  const form = (await browser.get(path)).form(path);
  await browser.fillIn(path, { note: 'By somebody else' });
  await endSessions();
  const refused = await send(browser, path, path, { ...form, note: 'Mine' });
  await browser.post('/login', { ...refused.form('/login'), ...ALICE });
  const shown = await browser.get(path);
  assert.equal(shown.form(path).note, 'Mine');
  assert.equal((await browser.post(path, shown.form(path))).status, 412);
});

test('an accountant’s statement and refund are kept for their forms', async () => {
  const accounts = { email: 'accounts@meridian.example', password: 'meridian' };
  const { rows } = await pool.query(
    `SELECT i.id, p.id AS payment FROM invoices i JOIN payments p ON p.invoice_id = i.id
     WHERE p.result = 'APPROVED' AND i.status = 'PAID' LIMIT 1`,
  );
  const [{ id, payment }] = rows;
  for (const [page, action, typed] of [
    ['/invoices', '/statements', { month: '2026-10', account_id: '1' }],
    [`/invoices/${id}`, `/payments/${payment}/refund`, { amount: '1.00', reason: 'Delay' }],
  ] as const) {
    const browser = await logInBrowser(site.port, accounts.email);
    const form = (await browser.get(page)).form(action);
    await endSessions();
    const refused = await send(browser, page, action, { ...form, ...typed });
    const done = await browser.post('/login', { ...refused.form('/login'), ...accounts });
    const shown = (await browser.get(done.location as string)).form(action);
    for (const [name, value] of Object.entries(typed)) assert.equal(shown[name], value, name);
  }
});

test('nothing is kept of a form of another site, of a file, or of more than a form holds', async () => {
  const visitor = createBrowser(site.port);
  const fields = { note: 'planted', contact_email: 'mallory@example.com' };
  const foreign = await visitor.post(bookPath, fields, { referer: 'https://evil.example/' });
  assert.deepEqual([foreign.status, foreign.location], [303, '/login?next=%2F']);
  assert.equal((await visitor.post(bookPath, fields)).status, 303, 'nor where the browser does not say');
  const long = await send(visitor, bookPath, bookPath, { note: 'x'.repeat(20_000) });
  assert.equal(long.status, 303);
  const giant = await send(visitor, bookPath, bookPath, { note: 'x'.repeat(1_100_000) });
  assert.equal(giant.status, 303);
  assert.equal(
    (await visitor.upload('/profile/photo', {}, { name: 'a.png', content: Buffer.from('x') })).status,
    303,
  );
});
