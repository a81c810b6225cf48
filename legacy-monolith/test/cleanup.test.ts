import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { cleanUp } from '../src/jobs/cleanup.ts';
import { createLocalBookingEvents } from '../src/seams/events/local-booking-events.ts';
import { beginPayment, newBooking, openFlight } from './support/bookings.ts';
import { createClient } from './support/client.ts';
import { KEYS, NOON, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const { pool, runCleanup } = monolith.monolith;
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
const flight = await openFlight(monolith);
const later = new Date(NOON.getTime() + 31 * 60_000);
const never = new AbortController().signal;

test('a hold that is over expires: seats free, invoice void, version raised; one that is not stays', async () => {
  monolith.setNow(NOON);
  const seat = flight.freeSeats[0] as string;
  const over = (await partner.call('/bookings', { json: newBooking(flight.id, seat) })).json;
  await runCleanup();
  assert.equal((await partner.get(`/bookings/${over.id}`)).json.status, 'HELD');
  monolith.setNow(later);
  await runCleanup();
  const expired = (await partner.get(`/bookings/${over.id}`)).json;
  assert.deepEqual(
    [expired.status, expired.version, expired.hold_expires_at, expired.passengers[0].seat],
    ['EXPIRED', 2, null, null],
  );
  const { rows } = await pool.query('SELECT status FROM invoices WHERE booking_id = $1', [over.id]);
  assert.equal(rows[0].status, 'VOID');
  assert.equal((await partner.call('/bookings', { json: newBooking(flight.id, seat) })).status, 201);
});

test('a booking whose charge is under way is left alone', async () => {
  monolith.setNow(NOON);
  const held = (await partner.call('/bookings', { json: newBooking(flight.id) })).json;
  await beginPayment(monolith, held.id);
  monolith.setNow(later);
  await runCleanup();
  assert.equal((await partner.get(`/bookings/${held.id}`)).json.status, 'HELD');
  await pool.query(`UPDATE payments SET result = 'FAILED' WHERE result = 'PENDING'`);
  await runCleanup();
  assert.equal((await partner.get(`/bookings/${held.id}`)).json.status, 'EXPIRED');
});

/** A booking that is held, and paid for: billing took the money elsewhere, and the news of it has not come. */
async function paidElsewhere(): Promise<number> {
  monolith.setNow(NOON);
  const { id } = (await partner.call('/bookings', { json: newBooking(flight.id) })).json;
  await beginPayment(monolith, id);
  await pool.query(`UPDATE payments SET result = 'APPROVED' WHERE result = 'PENDING'`);
  await pool.query(
    `UPDATE invoices SET status = 'PAID', paid = total, paid_at = issued_at WHERE booking_id = $1`,
    [id],
  );
  return id;
}

const statusOf = async (bookingId: number): Promise<string> =>
  (await partner.get(`/bookings/${bookingId}`)).json.status;

/** What is given back of a booking's money, because the booking has ended. */
const givenBackOf = async (bookingId: number): Promise<{ result: string; whole: boolean }[]> => {
  const { rows } = await pool.query(
    `SELECT r.result, r.amount = i.total AS whole
     FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN invoices i ON i.id = p.invoice_id
     WHERE i.booking_id = $1 AND r.idempotency_key LIKE 'end-%'`,
    [bookingId],
  );
  return rows;
};

test('a booking that is paid for waits a day for the news of that; then it expires, and all money goes back', async () => {
  const held = await paidElsewhere();
  for (const waitsMs of [31 * 60_000, 86_400_000 - 1]) {
    monolith.setNow(new Date(NOON.getTime() + waitsMs));
    await runCleanup();
    assert.equal(await statusOf(held), 'HELD');
  }
  monolith.setNow(new Date(NOON.getTime() + 86_400_000 + 1000));
  await runCleanup();
  await runCleanup();
  assert.equal(await statusOf(held), 'EXPIRED');
  assert.deepEqual(await givenBackOf(held), [{ result: 'PENDING', whole: true }]);
});

test('a booking that is paid for and cancelled before the news of that gives all money back, whatever its fare', async () => {
  const held = await paidElsewhere();
  await pool.query(`UPDATE bookings SET fare_class = 'SAVER' WHERE id = $1`, [held]);
  const cancelled = await partner.call(`/bookings/${held}`, { method: 'DELETE' });
  assert.equal(cancelled.status, 200);
  assert.deepEqual(
    (await givenBackOf(held)).map(({ whole }) => whole),
    [true],
  );
});

test('a booking whose money has gone back waits for no news of it', async () => {
  const held = await paidElsewhere();
  await pool.query(
    `INSERT INTO refunds (payment_id, idempotency_key, result, amount, currency, reason, created_at, updated_at)
     SELECT p.id, 'ref-' || p.id, 'REFUNDED', p.amount, p.currency, 'By hand', p.created_at, p.created_at
     FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE i.booking_id = $1`,
    [held],
  );
  await pool.query(`UPDATE invoices SET status = 'REFUNDED', refunded = paid WHERE booking_id = $1`, [held]);
  monolith.setNow(later);
  await runCleanup();
  assert.equal(await statusOf(held), 'EXPIRED');
  assert.deepEqual(await givenBackOf(held), []);
});

test('several processes at once expire each hold once, in batches', async () => {
  monolith.setNow(NOON);
  const made = await Promise.all(
    Array.from({ length: 25 }, () => partner.call('/bookings', { json: newBooking(flight.id) })),
  );
  const ids = made.map(({ json }) => json.id);
  const events = createLocalBookingEvents({ carryOutRefund: async () => {} });
  const parts = { pool, clock: () => later, ownsBookings: async () => true, events: async () => events };
  const reports = await Promise.all(Array.from({ length: 4 }, () => cleanUp(parts, never, 3)));
  // One that all others skipped may be left when each has seen a batch that is not full.
  reports.push(await cleanUp(parts, never, 3));
  assert.equal(
    reports.reduce((sum, { expired }) => sum + expired, 0),
    25,
  );
  const { rows } = await pool.query(
    'SELECT count(*)::integer AS n FROM bookings WHERE id = ANY($1) AND status = $2 AND version = 2',
    [ids, 'EXPIRED'],
  );
  assert.equal(rows[0].n, 25);
});

test('mail that was sent more than 30 days ago is purged', async () => {
  await pool.query(
    `
    INSERT INTO outgoing_mail (message_id, kind, recipient, booking_id, state, next_attempt_at, created_at, sent_at)
    SELECT '<' || state || days || '@x>', 'RECEIPT', 'a@b', 1, state, now(), now(),
           CASE state WHEN 'SENT' THEN $1::timestamptz - make_interval(days => days) END
    FROM unnest(ARRAY['SENT', 'QUEUED']) AS state, unnest(ARRAY[29, 31]) AS days`,
    [NOON],
  );
  monolith.setNow(NOON);
  assert.equal((await runCleanup()).purgedMail, 1);
});

test('it runs by itself on the configured interval, and its stop waits for the round under way', async (t) => {
  const busy = await startMonolith(t, { env: { MERIDIAN_CLEANUP_INTERVAL_MS: '100' } });
  const client = createClient(busy.port, { 'x-api-key': KEYS.globetrotter });
  const { id } = await openFlight(busy);
  const booking = (await client.call('/bookings', { json: newBooking(id) })).json;
  busy.setNow(later);
  await until(async () => (await client.get(`/bookings/${booking.id}`)).json.status === 'EXPIRED', {
    deadlineMs: 20_000,
  });
});
