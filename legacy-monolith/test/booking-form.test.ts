import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newBooking, openFlight } from './support/bookings.ts';
import { logInBrowser } from './support/browser.ts';
import { type Client, createClient, logIn } from './support/client.ts';
import { KEYS, NOON, startMonolith } from './support/monolith.ts';

const site = await startMonolith({ after });
const { pool } = site.monolith;
const flight = await openFlight(site);
const alice = await logIn(site.port, 'alice@example.com');
const bob = await logIn(site.port, 'bob@example.com');

let forms = 0;
const newForm = (): string => {
  forms += 1;
  return `form-${forms}`;
};
const book = (who: Client, formId: string | null, seat: string | null = null, more: object = {}) =>
  who.call('/bookings', {
    json: newBooking(flight.id, seat, more),
    headers: formId === null ? {} : { 'x-form-id': formId },
  });
const countOf = async (table: 'bookings' | 'invoices' | 'booking_forms'): Promise<number> =>
  Number((await pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);

test('a form that is sent again is answered with its first booking, byte for byte', async () => {
  const form = newForm();
  const seat = flight.freeSeats[0] as string;
  const before = [await countOf('bookings'), await countOf('invoices')];
  const first = await book(alice, form, seat);
  assert.equal(first.status, 201);
  const again = await book(alice, form, seat);
  assert.deepEqual(
    [again.status, again.text, again.headers.location, again.headers.etag],
    [201, first.text, first.headers.location, first.headers.etag],
  );
  // Who sees the seat as taken by the lost answer's booking asks for another one.
  assert.equal((await book(alice, form, flight.freeSeats[1])).text, first.text);
  assert.deepEqual(
    [await countOf('bookings'), await countOf('invoices')],
    before.map((count) => count + 1),
  );
});

test('a form that is sent many times at once makes one booking', async () => {
  const form = newForm();
  const before = await countOf('bookings');
  const answers = await Promise.all(Array.from({ length: 6 }, () => book(alice, form)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  assert.equal(await countOf('bookings'), before + 1);
});

test('a form that was refused may be sent again, and books then', async () => {
  const form = newForm();
  const forms = await countOf('booking_forms');
  assert.equal((await book(alice, form, null, { contact_email: 'nobody' })).status, 422);
  const seat = flight.freeSeats[2] as string;
  await book(bob, null, seat);
  assert.equal((await book(alice, form, seat)).status, 409);
  assert.equal(await countOf('booking_forms'), forms, 'what made nothing is not remembered');
  assert.equal((await book(alice, form, flight.freeSeats[3])).status, 201);
});

test('a form is its sender’s, and of one flight', async () => {
  const form = newForm();
  const first = await book(alice, form);
  const others = await book(bob, form);
  assert.notEqual(others.json.id, first.json.id);
  const { rows } = await pool.query(
    `SELECT id FROM flights WHERE id <> $1 AND status = 'SCHEDULED' AND departs_at > '2026-11-24' LIMIT 1`,
    [flight.id],
  );
  const elsewhere = await alice.call('/bookings', {
    json: newBooking(Number(rows[0].id)),
    headers: { 'x-form-id': form },
  });
  assert.equal(elsewhere.status, 201);
  assert.notEqual(elsewhere.json.id, first.json.id);
});

test('the same form for other passengers is refused: they are not booked, and nobody is to think so', async () => {
  const form = newForm();
  const first = await book(alice, form);
  const other = await book(alice, form, null, { passengers: [{ first_name: 'Tom', last_name: 'Lee' }] });
  assert.equal(other.status, 409);
  assert.equal(
    other.json.message,
    `This form has already made booking ${first.json.reference}, for other passengers.`,
  );
  // The names are told apart as a person would.
  const same = { passengers: [{ first_name: ' ann', last_name: 'LEE ' }] };
  assert.equal((await book(alice, form, null, same)).json.id, first.json.id);
});

test('a client that names no form books as often as it asks', async () => {
  const partner = createClient(site.port, { 'x-api-key': KEYS.globetrotter });
  const forms = await countOf('booking_forms');
  const [one, two] = [await book(partner, null), await book(partner, null)];
  assert.notEqual(one.json.id, two.json.id);
  assert.equal(await countOf('booking_forms'), forms);
  for (const odd of ['', 'a b', 'x'.repeat(65), 'ü']) {
    const refused = await book(partner, odd);
    assert.equal(refused.status, 400, odd);
    assert.deepEqual(refused.json, {
      status: 'error',
      code: 'BKG-400',
      message: 'X-Form-Id is not valid.',
    });
  }
});

test('a page’s form is the same when it is loaded again, and the API and the page count it together', async () => {
  const browser = await logInBrowser(site.port, 'alice@example.com');
  const path = `/flights/${flight.id}/book`;
  const asked = await browser.get(`${path}?fare_class=FLEX&adults=2`);
  const address = formAddressOf(path, asked.html);
  const reloaded = await browser.get(address);
  assert.equal(formIdOf(reloaded.html), formIdOf(asked.html));

  const made = await book(alice, formIdOf(asked.html));
  assert.equal(made.status, 201);
  const names = {
    passenger_1_first_name: 'Ann',
    passenger_1_last_name: 'Lee',
    contact_email: 'a@example.com',
  };
  const posted = await browser.post(path, { form_token: reloaded.form(path).form_token as string, ...names });
  const payPath = `/bookings/${made.json.id}/pay`;
  assert.deepEqual([posted.status, posted.location], [303, payPath]);
  // Whoever loads it now is shown what it has made.
  const later = await browser.get(address);
  assert.deepEqual([later.status, later.location], [303, payPath]);
  // Another account is shown a form of its own under the same address.
  assert.equal((await (await logInBrowser(site.port, 'bob@example.com')).get(address)).status, 200);
});

test('a form’s address that is made up or too old leads to a new form', async () => {
  const browser = await logInBrowser(site.port, 'alice@example.com');
  const path = `/flights/${flight.id}/book`;
  const old = formIdOf((await browser.get(path)).html);
  site.setNow(new Date(NOON.getTime() + 13 * 3_600_000));
  for (const id of [old, '', 'x', '%00', 'zzzzzzzzz.aaaaaaaaaaaaaaaaaaaa', "'"]) {
    const page = await browser.get(`${path}?adults=2&form=${id}`);
    assert.equal(page.status, 200, id);
    assert.notEqual(formIdOf(page.html), id);
    assert.match(page.html, /Passenger 2/, 'the rest of the address counts');
  }
  site.setNow(NOON);
});

test('the nightly job forgets forms of a day ago', async () => {
  assert.ok((await countOf('booking_forms')) > 0);
  site.setNow(new Date(NOON.getTime() + 24 * 3_600_000));
  await site.monolith.runCleanup();
  assert.ok((await countOf('booking_forms')) > 0);
  site.setNow(new Date(NOON.getTime() + 24 * 3_600_000 + 1000));
  await site.monolith.runCleanup();
  assert.equal(await countOf('booking_forms'), 0);
  site.setNow(NOON);
});

function formIdOf(html: string): string {
  return /data-form-id="([^"]+)"/.exec(html)?.[1] ?? '';
}

function formAddressOf(path: string, html: string): string {
  return `${path}?fare_class=FLEX&adults=2&form=${formIdOf(html)}`;
}
