import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, book, CONTACT, startSite } from './support/booking-site.ts';
import { beginPayment } from './support/bookings.ts';
import { logInBrowser, type Page } from './support/browser.ts';
import type { TestMonolith } from './support/monolith.ts';

const CARD = { card_number: '4242 4242 4242 4242', expiry: '12/30', cvc: '123', card_holder: 'Ada Lovelace' };
const DECLINED_CARD = { ...CARD, card_number: '4000 0000 0000 0002' };

async function countOf(site: TestMonolith, table: 'bookings' | 'payments'): Promise<number> {
  return Number((await site.monolith.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
}

test('without JavaScript, a visitor searches, books, pays, changes and cancels', async (t) => {
  const { site, alice, flight } = await startSite(t);
  const { rows } = await site.monolith.pool.query(
    'SELECT origin, destination, departs_at::date::text AS day FROM flights WHERE id = $1',
    [flight.id],
  );
  const { origin, destination, day } = rows[0];

  const home = await alice.get('/');
  assert.equal(home.status, 200);
  const asked = {
    ...home.form('/flights'),
    from: origin,
    to: destination.toLowerCase(),
    date: day,
    adults: '2',
  };
  const results = await alice.get(`/flights?${new URLSearchParams(asked)}`);
  assert.ok(results.text.includes(flight.number));
  const link = `/flights/${flight.id}/book?fare_class=FLEX&adults=2`;
  assert.ok(results.html.includes(link.replaceAll('&', '&amp;')), 'the fare leads to its form');

  const [first, second, third] = flight.freeSeats as [string, string, string];
  const held = await alice.fillIn(link, {
    ...ADA,
    ...CONTACT,
    passenger_1_seat: first.toLowerCase(),
    passenger_2_title: 'DR',
    passenger_2_first_name: 'Grace',
    passenger_2_last_name: 'Hopper',
    passenger_2_seat: second,
    passenger_2_special_assistance: 'Y',
  });
  assert.equal(held.status, 303, held.text);
  const payPath = held.location as string;
  assert.match(payPath, /^\/bookings\/\d+\/pay$/);

  const paid = await alice.fillIn(payPath, CARD);
  assert.equal(paid.status, 303, paid.text);
  const path = paid.location as string;
  const confirmed = await alice.get(path);
  assert.match(confirmed.text, /Confirmed/);
  assert.match(confirmed.text, /Dr Grace Hopper assistance at the airport/);
  assert.ok(confirmed.text.includes(`Seat ${first}`), 'a seat typed in small letters is the seat');

  const changeForm = (await alice.get(`${path}/change`)).form(`${path}/change`);
  const [seatField] = Object.entries(changeForm).find(([, value]) => value === first) as [string, string];
  const changed = await alice.post(`${path}/change`, {
    ...changeForm,
    [seatField]: third,
    note: 'By the <wing>',
  });
  assert.equal(changed.status, 303, changed.text);
  const after = await alice.get(path);
  assert.ok(after.text.includes(`Seat ${third}`));
  assert.ok(after.text.includes('By the <wing>'));
  assert.match(after.text, /assistance at the airport/, 'what was not touched stays');

  assert.match((await alice.get(`${path}/cancel`)).text, /Flex fare gives back/);
  assert.equal((await alice.fillIn(`${path}/cancel`, {})).location, path);
  assert.match((await alice.get(path)).text, /This booking is cancelled\. €[\d,.]+ goes back to your card/);
});

test('a booking form sent twice at once, and again later, makes one booking', async (t) => {
  const { site, alice, bookPath, flight } = await startSite(t);
  const before = await countOf(site, 'bookings');
  const form = (await alice.get(bookPath)).form(bookPath);
  const filled = { ...form, ...ADA, ...CONTACT, passenger_1_seat: flight.freeSeats[0] as string };
  const [one, two] = await Promise.all([alice.post(bookPath, filled), alice.post(bookPath, filled)]);
  const again = await alice.post(bookPath, filled);
  assert.deepEqual([one.status, two.status, again.status], [303, 303, 303]);
  assert.equal(one.location, two.location);
  assert.equal(one.location, again.location);
  assert.equal(await countOf(site, 'bookings'), before + 1);
});

test('a payment form sent twice at once, and again later, charges once', async (t) => {
  const { acquirer, alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const form = (await alice.get(`${path}/pay`)).form(`${path}/pay`);
  const pages = await Promise.all([1, 2, 3].map(() => alice.post(`${path}/pay`, { ...form, ...CARD })));
  pages.push(await alice.post(`${path}/pay`, { ...form, ...CARD }));
  for (const page of pages) assert.deepEqual([page.status, page.location], [303, path]);
  const { movements } = await ledgerOf(acquirer.url);
  assert.equal(movements.length, 1);
});

test('a form to pay is not shown while a payment is under way; the booking tells what becomes of it', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const { pool } = site.monolith;
  await beginPayment(site, path.split('/').at(-1) as string);
  const asked = await alice.get(`${path}/pay`);
  assert.deepEqual([asked.status, asked.location], [303, path]);
  const waiting = await alice.get(path);
  assert.match(waiting.text, /A payment is under way/);
  assert.equal(waiting.headers.refresh, '3');
  assert.ok(!waiting.html.includes(`href="${path}/pay"`));
  await pool.query(`UPDATE payments SET result = 'FAILED' WHERE result = 'PENDING'`);
  assert.equal((await alice.get(path)).headers.refresh, undefined);
  assert.equal((await alice.get(`${path}/pay`)).status, 200);
});

test('a declined card says so and keeps the name; reloading asks the acquirer no second time', async (t) => {
  const { site, acquirer, alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const form = (await alice.get(`${path}/pay`)).form(`${path}/pay`);
  const declined = await alice.post(`${path}/pay`, { ...form, ...DECLINED_CARD });
  assert.equal(declined.status, 200);
  assert.match(declined.message(), /declined \(insufficient funds\)/);
  assert.equal(declined.form(`${path}/pay`).card_holder, 'Ada Lovelace');
  holdsNoCard(declined);

  const reloaded = await alice.post(`${path}/pay`, { ...form, ...DECLINED_CARD });
  assert.deepEqual([reloaded.status, reloaded.location], [303, `${path}/pay`]);
  assert.match((await alice.get(`${path}/pay`)).message(), /declined/);
  assert.equal((await ledgerOf(acquirer.url)).movements.length, 1);

  // The page that said so carries a form of its own: with another card it pays.
  const paid = await alice.post(`${path}/pay`, { ...declined.form(`${path}/pay`), ...CARD });
  assert.deepEqual([paid.status, paid.location], [303, path]);
  assert.ok(!site.log().includes('4000000000000002'));
});

test('every fault of a card stands beside its field, and no card data come back or are logged', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const page = await alice.fillIn(`${path}/pay`, {
    card_number: '4242424242424241',
    expiry: '01/20',
    cvc: '98765',
    card_holder: 'Ada "the Countess" <L>',
  });
  assert.equal(page.status, 422);
  assert.match(page.fault('card_number'), /not valid/);
  assert.match(page.fault('expiry'), /expired/);
  assert.match(page.fault('cvc'), /3 or 4 digits/);
  assert.equal(page.fault('card_holder'), '');
  assert.equal(page.form(`${path}/pay`).card_holder, 'Ada "the Countess" <L>');
  holdsNoCard(page);
  for (const planted of ['4242424242424241', '98765', '01/20', 'Countess']) {
    assert.ok(!site.log().includes(planted), `${planted} is in the log`);
  }
});

test('when the acquirer is away the page says that nothing was charged, and may be sent again', async (t) => {
  const { alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const form = (await alice.get(`${path}/pay`)).form(`${path}/pay`);
  const away = await alice.post(`${path}/pay`, { ...form, ...CARD, card_number: '4000 0000 0000 1307' });
  assert.equal(away.status, 503);
  assert.match(away.message(), /Nothing was charged/);
  assert.ok(away.headers['retry-after']);
  holdsNoCard(away);
  assert.equal((await alice.post(`${path}/pay`, { ...form, ...CARD })).location, path);
});

test('a change made from an outdated form is refused, and nothing is overwritten', async (t) => {
  const { alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const outdated = (await alice.get(`${path}/change`)).form(`${path}/change`);
  await alice.fillIn(`${path}/change`, { note: 'first' });
  const late = await alice.post(`${path}/change`, { ...outdated, note: 'second' });
  assert.equal(late.status, 412);
  assert.match(late.message(), /changed this booking meanwhile/);
  assert.match((await alice.get(path)).text, /first/);
  assert.equal(
    (await alice.post(`${path}/cancel`, { ...outdated, note: '' })).status,
    403,
    "a change's token cancels nothing",
  );
});

test('a post without this session’s token is refused with a page, and does nothing', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  const before = await countOf(site, 'bookings');
  const bob = await logInBrowser(site.port, 'bob@example.com');
  const bobs = (await bob.get(bookPath)).form(bookPath).form_token as string;
  const { form_token: _, ...withoutToken }: Record<string, string> = {
    ...(await alice.get(bookPath)).form(bookPath),
    ...ADA,
    ...CONTACT,
  };
  for (const fields of [
    withoutToken,
    { ...withoutToken, form_token: bobs },
    { ...withoutToken, form_token: 'x' },
  ]) {
    const refused = await alice.post(bookPath, fields);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /This gate is closed to you This form does not belong to your session/);
  }
  assert.equal(await countOf(site, 'bookings'), before);
  for (const path of ['/logout', '/profile', '/statements']) {
    assert.equal((await alice.post(path, { month: '2026-10', name: 'Mallory' })).status, 403, path);
  }
  assert.equal((await alice.get('/bookings')).status, 200, 'still logged in');
});

test('a form that was left open for half a day is refused and says why', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  const form = (await alice.get(bookPath)).form(bookPath);
  site.setNow(new Date('2026-11-23T00:00:01Z'));
  const late = await alice.post(bookPath, { ...form, ...ADA, ...CONTACT });
  assert.equal(late.status, 403);
  assert.match(late.text, /open for too long/);
});

test('hostile names are shown as text on every page they appear on', async (t) => {
  const { alice, bookPath } = await startSite(t);
  const name = `</b><script>alert(1)</script>"'&`;
  const path = await book(alice, bookPath, {
    passenger_1_first_name: name,
    passenger_1_last_name: '<img src=x onerror=1>',
    note: '</textarea><script>2</script>',
    contact_phone: `"><script>3</script>`,
  });
  for (const each of [path, `${path}/change`, `${path}/cancel`, `${path}/pay`, '/bookings']) {
    const page = await alice.get(each);
    assert.equal(page.status, 200, each);
    assert.doesNotMatch(page.html, /<script>|<img src=x/, each);
  }
  assert.ok((await alice.get(path)).text.includes(name));
  assert.equal(
    (await alice.get(`${path}/change`)).form(`${path}/change`).note,
    '</textarea><script>2</script>',
  );
});

test('cancelling twice cancels once and leads to the same page', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  const path = await book(alice, bookPath);
  const form = (await alice.get(`${path}/cancel`)).form(`${path}/cancel`);
  const pages = [await alice.post(`${path}/cancel`, form), await alice.post(`${path}/cancel`, form)];
  for (const page of pages) assert.deepEqual([page.status, page.location], [303, path]);
  const mails = await site.monolith.pool.query(
    `SELECT 1 FROM outgoing_mail WHERE kind = 'CANCELLATION' AND booking_id = $1`,
    [path.split('/').at(-1)],
  );
  assert.equal(mails.rowCount, 1);
  // What cannot be changed any more leads back to the booking.
  assert.equal((await alice.get(`${path}/change`)).location, path);
  assert.equal((await alice.get(`${path}/pay`)).location, path);
});

test('the nightly job forgets forms that can no longer come again', async (t) => {
  const { site, alice, bookPath } = await startSite(t);
  await alice.fillIn(`${await book(alice, bookPath)}/pay`, CARD);
  const left = async () =>
    Number((await site.monolith.pool.query('SELECT count(*) FROM form_tokens')).rows[0].count);
  site.setNow(new Date('2026-11-23T11:00:00Z'));
  await site.monolith.runCleanup();
  assert.equal(await left(), 1);
  site.setNow(new Date('2026-11-23T12:00:01Z'));
  await site.monolith.runCleanup();
  assert.equal(await left(), 0);
});

function holdsNoCard(page: Page): void {
  const { html } = page;
  for (const secret of ['4242424242424241', '4242 4242', '4000 0000', '98765', '01/20', '12/30']) {
    assert.ok(!html.includes(secret), `the page shows ${secret}`);
  }
}

async function ledgerOf(url: string): Promise<{ movements: unknown[] }> {
  return (await fetch(`${url}/ledger`)).json() as Promise<{ movements: unknown[] }>;
}
