import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, logInBrowser } from './support/browser.ts';
import { startMonolith } from './support/monolith.ts';

test('a search says what is wrong beside each field, and keeps what was typed', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const page = await visitor.get('/flights?from=London"&to=&date=2026-02-30&adults=3');
  assert.equal(page.status, 422);
  assert.match(page.fault('from'), /airport code of three letters/);
  assert.equal(page.fault('to'), 'Please fill this in.');
  assert.match(page.fault('date'), /Must be a day/);
  const kept = page.form('/flights');
  assert.deepEqual([kept.from, kept.date, kept.adults], ['London"', '2026-02-30', '3']);
  assert.equal((await visitor.get('/flights')).status, 200, 'nothing asked for is no fault');
});

test('a search for what cannot be is told beside the field, and nothing typed is changed', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const nowhere = await visitor.get('/flights?from=LHR&to=QQQ&date=2026-12-01&adults=99&infants=2');
  assert.equal(nowhere.status, 422);
  assert.equal(nowhere.fault('from'), '');
  assert.equal(nowhere.fault('to'), 'We do not fly to QQQ.');
  assert.equal(nowhere.fault('adults'), 'Must be 1 to 9.');
  const { to, adults, infants } = nowhere.form('/flights');
  assert.deepEqual([to, adults, infants], ['QQQ', '99', '2']);
  assert.doesNotMatch(nowhere.text, /prices for/);

  const circle = await visitor.get('/flights?from=lhr&to=LHR&date=2026-12-01&adults=1&infants=2');
  assert.equal(circle.status, 422);
  assert.equal(circle.fault('to'), 'Must be another airport than the first.');
  assert.match(circle.fault('infants'), /not be more than the adults/);
  assert.equal(circle.form('/flights').from, 'lhr');
});

test('a filter of bookings that makes no sense is told beside its field, and lists nothing', async (t) => {
  const { port } = await startMonolith(t);
  const agent = await logInBrowser(port, 'agent@meridian.example');
  const typed = {
    status: 'LOST',
    account_id: 'alice',
    flight_id: '12x',
    created_from: '2026-02-30',
    created_to: 'tomorrow',
  };
  const page = await agent.get(`/bookings?${new URLSearchParams(typed)}`);
  assert.equal(page.status, 422);
  assert.equal(page.fault('status'), 'Must be one of HELD, CONFIRMED, CANCELLED, EXPIRED.');
  for (const name of ['account_id', 'flight_id']) assert.equal(page.fault(name), 'Must be an id, in digits.');
  for (const name of ['created_from', 'created_to']) {
    assert.equal(page.fault(name), 'Must be a day, YYYY-MM-DD.');
  }
  assert.deepEqual(page.form('/bookings'), typed, 'what was typed is kept');
  assert.doesNotMatch(page.html, /class="trip"/);

  const turned = await agent.get('/bookings?created_from=2026-11-02&created_to=2026-11-01');
  assert.equal(turned.fault('created_to'), 'Must not be before the first day.');
  const right = await agent.get('/bookings?status=HELD&created_from=2026-11-01&created_to=');
  assert.equal(right.status, 200);
  assert.match(right.html, /class="trip"/);
  // Not a field of a customer's filter.
  const alice = await logInBrowser(port, 'alice@example.com');
  assert.equal((await alice.get('/bookings?account_id=x')).status, 200);
});
