import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sharedTestRedis } from '@banyan/stack/testing/redis';
import { CARDS, type Client, cardOf, clientOf } from './billing-world.ts';
import { type Pair, type Side, startPair } from './support/seam-pair.ts';

type World = Pair & { atBooking: Client; atBilling: Client };

/** One for all tests: each has a booking of its own. */
const world = await startWorld();

async function startWorld(): Promise<World> {
  const redis = await sharedTestRedis();
  after(() => redis[Symbol.asyncDispose]());
  const pair = await startPair({ after }, { queueRedisUrl: redis.url });
  const { cookie } = await pair.logIn('alice@example.com');
  return {
    ...pair,
    atBooking: clientOf(pair.booking.url, { Cookie: cookie }),
    atBilling: clientOf(pair.billing.url, { Cookie: cookie }),
  };
}

async function place({ booking, atBooking }: World, fareClass = 'CLASSIC'): Promise<number> {
  const { rows } = await booking.pool.query(
    `SELECT id FROM flights WHERE status = 'SCHEDULED' AND departs_at > '2026-11-24' ORDER BY id LIMIT 1`,
  );
  const answer = await atBooking('POST', '/bookings', {
    body: {
      flight_id: Number(rows[0].id),
      fare_class: fareClass,
      contact_email: 'ada@example.com',
      passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
    },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

/** A writer waits for effects elsewhere, a second at most: a busy machine may take longer. */
const invoiceOf = async ({ atBilling, untilTaken }: World, bookingId: number) => {
  await untilTaken();
  return (await atBilling('GET', `/bookings/${bookingId}/invoice`)).body;
};

const statusOf = async ({ atBooking, untilTaken }: World, bookingId: number): Promise<string> => {
  await untilTaken();
  return (await atBooking('GET', `/bookings/${bookingId}`)).body.status;
};

const mailsOf = async ({ pool }: Side, bookingId: number): Promise<string[]> => {
  const sql = 'SELECT kind FROM outgoing_mail WHERE booking_id = $1 ORDER BY id';
  return (await pool.query(sql, [bookingId])).rows.map(({ kind }) => kind);
};

const pay = (world: World, invoiceId: number, card: string = CARDS.approved) =>
  world.atBilling('POST', `/invoices/${invoiceId}/payments`, { body: cardOf(card) });

test('a booking placed here has its invoice there, word for word', async () => {
  const bookingId = await place(world);
  const invoice = await invoiceOf(world, bookingId);
  assert.equal(invoice.status, 'OPEN');
  assert.equal(invoice.booking_id, bookingId);
  const { rows } = await world.booking.pool.query('SELECT name FROM accounts WHERE id = 1');
  assert.equal(invoice.bill_to, rows[0].name);
  const shown = (await world.atBooking('GET', `/bookings/${bookingId}`)).body;
  assert.deepEqual(
    [invoice.net, invoice.tax, invoice.total, invoice.number],
    [shown.base_amount, shown.tax_amount, shown.total_amount, shown.invoice_number],
  );
  assert.equal(invoice.lines[0].description, 'CLASSIC fare, adult');
  const here = await world.booking.pool.query('SELECT 1 FROM invoices WHERE booking_id = $1', [bookingId]);
  assert.equal(here.rowCount, 0);
});

test('a payment there asks for consent here, and confirms the booking', async () => {
  const bookingId = await place(world);
  world.advance(20 * 60_000);
  const { id } = await invoiceOf(world, bookingId);
  const paid = await pay(world, id);
  assert.deepEqual([paid.status, paid.body.result, paid.body.invoice_status], [200, 'APPROVED', 'PAID']);
  assert.equal(await statusOf(world, bookingId), 'CONFIRMED');
  assert.deepEqual(await mailsOf(world.booking, bookingId), ['E_TICKET']);
  assert.deepEqual(await mailsOf(world.billing, bookingId), ['RECEIPT']);
  const consents = await world.booking.pool.query('SELECT * FROM seam_consents WHERE booking_id = $1', [
    bookingId,
  ]);
  assert.equal(consents.rowCount, 1, 'the hold was extended for this payment');
});

test('a hold that is over here is refused there before the card is touched', async () => {
  const bookingId = await place(world);
  const { id } = await invoiceOf(world, bookingId);
  const before = world.acquirer.ledger.movements().length;
  world.advance(31 * 60_000);
  const refused = await pay(world, id);
  assert.equal(refused.status, 409, refused.text);
  assert.deepEqual(refused.body, { errors: [{ field: 'invoice', msg: "The booking's hold has expired." }] });
  assert.equal(world.acquirer.ledger.movements().length, before);
  assert.equal((await invoiceOf(world, bookingId)).payments.length, 0);
});

test('an unpaid booking that is cancelled here has a void invoice there', async () => {
  const bookingId = await place(world);
  assert.equal((await world.atBooking('DELETE', `/bookings/${bookingId}`)).status, 200);
  assert.equal((await invoiceOf(world, bookingId)).status, 'VOID');
  assert.deepEqual(await mailsOf(world.billing, bookingId), ['CANCELLATION']);
  assert.deepEqual(await mailsOf(world.booking, bookingId), []);
});

test('a paid booking that is cancelled here gives back there what its fare says', async () => {
  const bookingId = await place(world, 'CLASSIC');
  const { id, total } = await invoiceOf(world, bookingId);
  await pay(world, id);
  assert.equal((await world.atBooking('DELETE', `/bookings/${bookingId}`)).status, 200);
  const invoice = await invoiceOf(world, bookingId);
  assert.equal(invoice.status, 'PARTIALLY_REFUNDED');
  assert.equal(Number(invoice.refunded).toFixed(2), (Number(total) - 50).toFixed(2));
});

test('a hold that expires here voids there; a clean-up there leaves alone what is not its own', async () => {
  const bookingId = await place(world);
  // News of a payment that was begun may be late, and is waited for; of this one there is none.
  const begun = await place(world);
  await pay(world, (await invoiceOf(world, begun)).id, CARDS.stolen);
  world.advance(31 * 60_000);
  assert.equal((await world.billing.monolith.runCleanup()).expired, 0);
  assert.ok((await world.booking.monolith.runCleanup()).expired >= 1);
  assert.equal(await statusOf(world, bookingId), 'EXPIRED');
  assert.equal((await invoiceOf(world, bookingId)).status, 'VOID');
  assert.equal(await statusOf(world, begun), 'HELD');
  await world.booking.pool.query("UPDATE seam_consents SET granted_at = granted_at - interval '1 day'");
  await world.booking.monolith.runCleanup();
  assert.equal(await statusOf(world, begun), 'EXPIRED');
});

test('while the other side is down the answer comes within moments, and the event when it is back', async () => {
  await world.billing.stop();
  const begunAt = performance.now();
  const bookingId = await place(world);
  assert.ok(performance.now() - begunAt < 20_000);
  assert.equal((await world.atBooking('DELETE', `/bookings/${bookingId}`)).status, 200);
  await world.billing.start();
  assert.equal((await invoiceOf(world, bookingId)).status, 'VOID');
});

test('a payment is not begun while nobody can consent: 503, nothing charged, nothing written', async () => {
  const bookingId = await place(world);
  const { id } = await invoiceOf(world, bookingId);
  const before = world.acquirer.ledger.movements().length;
  await world.booking.stop();
  const refused = await pay(world, id);
  await world.booking.start();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('Retry-After'), '5');
  assert.equal((await invoiceOf(world, bookingId)).payments.length, 0);
  assert.equal(world.acquirer.ledger.movements().length, before);
});

test('an operation whose context is away is a 503 of its family here, never old data', async () => {
  const here = await world.atBooking('GET', '/invoices');
  assert.equal(here.status, 503);
  assert.equal(here.headers.get('Retry-After'), '5');
  assert.ok(Array.isArray(here.body.errors));
  const there = await world.atBilling('GET', '/bookings');
  assert.deepEqual([there.status, there.body.code], [503, 'BKG-503']);
});

test('a write that comes too late for a change of owner is a 503, never a 500', async () => {
  const bookingId = await place(world);
  // Without a notification: this side still takes itself for the owner.
  await world.booking.pool.query(`ALTER TABLE banyan.own DISABLE TRIGGER ALL`);
  await world.booking.pool.query(
    `UPDATE banyan.own SET owner = 'nobody', copy_id = gen_random_uuid() WHERE aggregate = 'booking'`,
  );
  const answer = await world.atBooking('DELETE', `/bookings/${bookingId}`);
  assert.deepEqual([answer.status, answer.headers.get('Retry-After')], [503, '5'], answer.text);
});
