import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { InvoiceLookupServiceClient } from '@banyan/contracts/billing/v1/billing';
import {
  BookingLookupServiceClient,
  PaymentConsentServiceClient,
} from '@banyan/contracts/booking/v1/booking';
import { DirectoryServiceClient, type Flight } from '@banyan/contracts/directory/v1/directory';
import type { Event } from '@banyan/contracts/events/v1/events';
import { HealthClient } from '@banyan/contracts/grpc/health/v1/health';
import { OwnershipServiceClient } from '@banyan/contracts/ownership/v1/ownership';
import pg from 'pg';
import { inTransaction } from '../src/db/transaction.ts';
import { createLogger } from '../src/log/logger.ts';
import { createIntake } from '../src/seams/events/intake.ts';
import { createLocalBookingEvents } from '../src/seams/events/local-booking-events.ts';
import { createSeamClient } from '../src/seams/rpc/client.ts';
import { NOW, startPair, TOKEN } from './support/seam-pair.ts';

type Body = NonNullable<Event['body']>;
const eur = (cents: bigint) => ({
  currencyCode: 'EUR',
  units: cents / 100n,
  nanos: Number(cents % 100n) * 10_000_000,
});

async function startWorld(t: TestContext) {
  const pair = await startPair(t);
  const api = <D extends Parameters<typeof createSeamClient>[0]>(Ctor: D, target: string, token = TOKEN) => {
    const client = createSeamClient(Ctor, target, token);
    t.after(() => client.close());
    return client.api;
  };
  const intake = createIntake({
    pool: pair.billing.pool,
    clock: () => NOW,
    owns: async () => true,
    carryOutRefund: async () => {},
    logger: createLogger('silent'),
  });
  const deliver = (body: Body, id = randomUUID()) => intake.take({ id, occurredAt: NOW, body });
  const invoiceOf = async (bookingId: bigint) => {
    const { rows } = await pair.billing.pool.query('SELECT * FROM invoices WHERE booking_id = $1', [
      String(bookingId),
    ]);
    return rows[0];
  };
  return { ...pair, api, deliver, invoiceOf };
}

const placed = (bookingId: bigint): Body => ({
  $case: 'bookingPlaced',
  value: {
    bookingId,
    accountId: 1n,
    billTo: 'Zoë Ångström',
    lines: [{ description: 'FLEX fare, adult', quantity: 1, unitAmount: eur(10_050n), amount: eur(10_050n) }],
    net: eur(10_050n),
    tax: eur(1_206n),
    total: eur(11_256n),
    placedAt: NOW,
    dueAt: new Date(NOW.getTime() + 1_800_000),
  },
});

const cancelled = (bookingId: bigint, wasConfirmed: boolean): Body => ({
  $case: 'bookingCancelled',
  value: { bookingId, fareClass: 'FARE_CLASS_SAVER', passengerCount: 1, wasConfirmed },
});

const ODD_ONE = 500_001n;

test('an event that comes twice, also at once, has its effect once', async (t) => {
  const { deliver, billing } = await startWorld(t);
  const id = randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => deliver(placed(ODD_ONE), id)));
  assert.deepEqual(answers.map(({ duplicate }) => duplicate).sort(), [false, true, true]);
  const { rows } = await billing.pool.query('SELECT total, bill_to FROM invoices WHERE booking_id = $1', [
    String(ODD_ONE),
  ]);
  assert.deepEqual(rows, [{ total: '112.56', bill_to: 'Zoë Ångström' }]);
});

test('a cancellation that comes before its booking makes a void invoice of it, in any order', async (t) => {
  const { deliver, invoiceOf } = await startWorld(t);
  await deliver(cancelled(ODD_ONE, false));
  await deliver(placed(ODD_ONE));
  assert.equal((await invoiceOf(ODD_ONE)).status, 'VOID');
  await deliver(placed(ODD_ONE + 2n));
  await deliver({ $case: 'holdExpired', value: { bookingId: ODD_ONE + 2n } });
  assert.equal((await invoiceOf(ODD_ONE + 2n)).status, 'VOID');
});

test('of two ends that come before their booking the cancellation counts, in either order', async (t) => {
  const { deliver, invoiceOf, billing } = await startWorld(t);
  const expired = (bookingId: bigint): Body => ({ $case: 'holdExpired', value: { bookingId } });
  const orders = [
    [cancelled(ODD_ONE, false), expired(ODD_ONE)],
    [expired(ODD_ONE + 2n), cancelled(ODD_ONE + 2n, false)],
  ];
  for (const [index, ends] of orders.entries()) {
    const bookingId = ODD_ONE + 2n * BigInt(index);
    for (const end of ends) await deliver(end);
    await deliver(placed(bookingId));
    assert.equal((await invoiceOf(bookingId)).status, 'VOID');
    const { rows } = await billing.pool.query('SELECT kind FROM outgoing_mail WHERE booking_id = $1', [
      String(bookingId),
    ]);
    assert.deepEqual(rows, [{ kind: 'CANCELLATION' }]);
  }
});

test('a booking that ends here before its invoice has come makes a void one of it, too', async (t) => {
  const { deliver, invoiceOf, billing } = await startWorld(t);
  const events = createLocalBookingEvents({ carryOutRefund: async () => {} });
  const [cancelledId, expiredId] = [String(ODD_ONE), String(ODD_ONE + 2n)];
  await inTransaction(billing.pool, async (client) => {
    const booking = {
      bookingId: cancelledId,
      fareClass: 'SAVER',
      passengers: 1,
      wasConfirmed: false,
    } as const;
    await events.bookingCancelled(client, { ...booking, contactEmail: 'ada@example.com', at: NOW });
    await events.holdExpired(client, { bookingIds: [expiredId], at: NOW });
  });
  for (const id of [cancelledId, expiredId]) {
    await deliver(placed(BigInt(id)));
    assert.equal((await invoiceOf(BigInt(id))).status, 'VOID');
  }
  const { rows } = await billing.pool.query(
    'SELECT kind, booking_id FROM outgoing_mail WHERE booking_id = ANY ($1)',
    [[cancelledId, expiredId]],
  );
  assert.deepEqual(rows, [{ kind: 'CANCELLATION', booking_id: cancelledId }]);
  assert.equal((await billing.pool.query('SELECT FROM seam_tombstones')).rowCount, 0);
});

test('money that was paid for a booking never confirmed goes back whole, once, whatever the fare', async (t) => {
  const { deliver, invoiceOf, billing } = await startWorld(t);
  await deliver(placed(ODD_ONE));
  const { id } = await invoiceOf(ODD_ONE);
  await billing.pool.query(
    `UPDATE invoices SET status = 'PAID', paid = total, paid_at = issued_at WHERE id = $1`,
    [id],
  );
  await billing.pool.query(
    `INSERT INTO payments (invoice_id, idempotency_key, result, amount, currency, card_brand, card_last4,
                           acquirer_ref, created_at, updated_at)
     VALUES ($1, 'test-1', 'APPROVED', 112.56, 'EUR', 'VISA', '4242', 'ch_1', now(), now())`,
    [id],
  );
  await deliver(cancelled(ODD_ONE, false));
  await deliver({ $case: 'holdExpired', value: { bookingId: ODD_ONE } });
  const { rows } = await billing.pool.query(
    'SELECT amount, reason FROM refunds WHERE payment_id IN (SELECT id FROM payments WHERE invoice_id = $1)',
    [id],
  );
  assert.deepEqual(rows, [{ amount: '112.56', reason: 'Booking was no longer held' }]);
});

test('each side refuses what it does not own, with the reason, and whoever has no token', async (t) => {
  const { booking, billing, api } = await startWorld(t);
  const notOurs = { code: 'FAILED_PRECONDITION', reason: 'NOT_THE_OWNER' };
  const consentOf = (target: string, token?: string) =>
    api(PaymentConsentServiceClient as never, target, token) as never as {
      beginPayment(request: object): Promise<unknown>;
    };
  const payment = { bookingId: 1n, paymentKey: 'inv-1-1' };
  await assert.rejects(consentOf(billing.target).beginPayment(payment), notOurs);
  const bookings = api(BookingLookupServiceClient as never, billing.target) as never as {
    lookUpBooking(request: object): Promise<unknown>;
  };
  await assert.rejects(bookings.lookUpBooking({ bookingId: 1n }), notOurs);
  const invoices = api(InvoiceLookupServiceClient as never, booking.target) as never as {
    lookUpInvoice(request: object): Promise<unknown>;
  };
  await assert.rejects(invoices.lookUpInvoice({ bookingId: 1n }), notOurs);
  await assert.rejects(consentOf(booking.target, 'not the token at all').beginPayment(payment), {
    code: 'UNAUTHENTICATED',
  });
});

test('consent is given once for a payment, and never for a hold that is over', async (t) => {
  const { booking, api } = await startWorld(t);
  const { rows } = await booking.pool.query(
    `UPDATE bookings SET hold_expires_at = $1 WHERE id = (SELECT id FROM bookings WHERE status = 'HELD' LIMIT 1)
     RETURNING id`,
    ['2026-11-22 12:05:00'],
  );
  const bookingId = BigInt(rows[0].id);
  const consent = api(PaymentConsentServiceClient as never, booking.target) as never as {
    beginPayment(request: object): Promise<{ holdExpiresAt: Date }>;
  };
  const first = await consent.beginPayment({ bookingId, paymentKey: 'inv-1-2' });
  assert.ok(first.holdExpiresAt.getTime() >= NOW.getTime() + 15 * 60_000 - 1000);
  assert.deepEqual(await consent.beginPayment({ bookingId, paymentKey: 'inv-1-2' }), first);
  await booking.pool.query(`UPDATE bookings SET hold_expires_at = '2026-11-22 11:00:00' WHERE id = $1`, [
    rows[0].id,
  ]);
  await assert.rejects(consent.beginPayment({ bookingId, paymentKey: 'inv-1-2' }), { reason: 'HOLD_OVER' });
});

/** A consent of a month ago and one of today, though the database is not the owner of bookings. */
async function insertConsents(databaseUrl: string): Promise<void> {
  const writer = new pg.Client({ connectionString: databaseUrl });
  await writer.connect();
  await writer.query('BEGIN');
  await writer.query('ALTER TABLE seam_consents DISABLE TRIGGER ALL');
  await writer.query(
    `INSERT INTO seam_consents (payment_key, booking_id, hold_expires_at, granted_at)
     VALUES ('inv-1-1', 1, '2026-10-22', '2026-10-22Z'), ('inv-1-2', 1, '2026-11-22', '2026-11-22Z')`,
  );
  await writer.query('ALTER TABLE seam_consents ENABLE ALWAYS TRIGGER banyan_fence');
  await writer.query('COMMIT');
  await writer.end();
}

test('a consent is forgotten after 30 days, by the owner of bookings alone', async (t) => {
  const { booking, billing } = await startWorld(t);
  const news = { booking: 'invoiceRefunded', billing: 'bookingChanged' } as const;
  const consents = async ({ pool }: typeof booking): Promise<number> =>
    (await pool.query('SELECT FROM seam_consents')).rowCount ?? 0;
  for (const [owned, side] of Object.entries({ booking, billing })) {
    await insertConsents(side.databaseUrl);
    let now = NOW;
    const intake = createIntake({
      pool: side.pool,
      clock: () => now,
      owns: async (aggregate) => aggregate === owned,
      carryOutRefund: async () => {},
      logger: createLogger('silent'),
    });
    now = new Date(NOW.getTime() + 3_600_001);
    const $case = news[owned as keyof typeof news];
    await intake.take({ id: randomUUID(), occurredAt: NOW, body: { $case, value: {} } as never });
  }
  assert.equal(await consents(booking), 1);
  assert.equal(await consents(billing), 2);
});

test('an event is taken though what is old cannot be purged, as where the owner has just changed', async (t) => {
  const { billing } = await startWorld(t);
  await insertConsents(billing.databaseUrl);
  const logged: string[] = [];
  let now = NOW;
  const intake = createIntake({
    pool: billing.pool,
    clock: () => now,
    // Of bookings it is not any more.
    owns: async () => true,
    carryOutRefund: async () => {},
    logger: createLogger('debug', { write: (line) => void logged.push(line) }),
  });
  now = new Date(NOW.getTime() + 3_600_001);
  const event = { id: randomUUID(), occurredAt: NOW, body: placed(ODD_ONE) };
  assert.deepEqual(await intake.take(event), { duplicate: false });
  assert.match(logged.join(''), /what is old cannot be purged/);
  assert.deepEqual(await intake.take(event), { duplicate: true });
});

test('the directory misses no change, though transactions end in another order than they began', async (t) => {
  const { booking, api } = await startWorld(t);
  const directory = api(DirectoryServiceClient as never, booking.target) as never as {
    listFlights(request: { cursor: string }): AsyncIterable<{ flights: Flight[]; cursor: string }>;
  };
  const read = async (cursor: string) => {
    const flights: Flight[] = [];
    let last = cursor;
    for await (const batch of directory.listFlights({ cursor })) {
      flights.push(...batch.flights);
      last = batch.cursor;
    }
    return { flights, cursor: last };
  };
  const whole = await read('');
  assert.equal(whole.flights.length, 60);
  const early = new pg.Client({ connectionString: booking.databaseUrl });
  await early.connect();
  await early.query('BEGIN');
  await early.query(`UPDATE flights SET gate = 'Z1' WHERE id = 1`);
  await booking.pool.query(`UPDATE flights SET gate = 'Z2' WHERE id = 2`);
  const between = await read(whole.cursor);
  assert.deepEqual(
    between.flights.filter(({ gate }) => gate?.startsWith('Z')).map(({ gate }) => gate),
    ['Z2'],
  );
  await early.query('COMMIT');
  await early.end();
  const after = await read(between.cursor);
  assert.ok(after.flights.some(({ id, gate }) => id === 1n && gate === 'Z1'));
  assert.equal((await read('99999999999999')).flights.length, 60, 'a cursor of another database is none');
});

test('ownership is told at once and with every change, and health is told', async (t) => {
  const { booking, api } = await startWorld(t);
  const ownership = api(OwnershipServiceClient as never, booking.target) as never as {
    watchOwnership(request: object): AsyncIterable<{ ownerships: { aggregate: string; owner: string }[] }>;
  };
  const seen: string[] = [];
  for await (const { ownerships } of ownership.watchOwnership({})) {
    seen.push(ownerships.find(({ aggregate }) => aggregate === 'billing')?.owner ?? '');
    if (seen.length === 2) break;
    await booking.pool.query(
      `UPDATE banyan.own SET owner = 'monolith', epoch = epoch + 1 WHERE aggregate = 'billing'`,
    );
  }
  assert.deepEqual(seen, ['OWNER_SERVICE', 'OWNER_MONOLITH']);
  const health = api(HealthClient as never, booking.target) as never as {
    check(request: object): Promise<{ status: string }>;
  };
  assert.equal((await health.check({ service: '' })).status, 'SERVING');
});
