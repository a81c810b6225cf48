import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { endInvoice } from '../src/billing/end-invoice.ts';
import { inTransaction } from '../src/db/transaction.ts';
import { type Booked, book, CARDS, type Client, pay, startWorld, type World } from './billing-world.ts';

type Paid = Booked & { paymentId: number };

async function bookAndPay(
  world: World,
  client: Client,
  card: string,
  fareClass = 'CLASSIC',
  passengers = 1,
): Promise<Paid> {
  const booked = await book(world, client, fareClass, passengers);
  const paid = await pay(client, booked, card);
  assert.equal(paid.body.result, 'APPROVED', paid.text);
  return { ...booked, paymentId: paid.body.payment.id };
}

const refund = (client: Client, { paymentId }: Paid, body: object) =>
  client('POST', `/payments/${paymentId}/refunds`, { body });

const minus = (one: string, other: string): string =>
  (Number(one.replace('.', '')) - Number(other.replace('.', ''))).toString().replace(/(\d\d)$/, '.$1');

const refundsInLedger = (world: World) =>
  world.acquirer.ledger.movements().filter(({ kind, result }) => kind === 'refund' && result === 'APPROVED');

test('an accountant refunds a part, then what is left, and no more than that', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const paid = await bookAndPay(world, alice, CARDS.approved);

  const part = await refund(accountant, paid, { amount: '10.00', reason: 'Goodwill' });
  assert.equal(part.status, 201, part.text);
  assert.deepEqual(Object.keys(part.body), [
    'id',
    'payment_id',
    'result',
    'amount',
    'currency',
    'reason',
    'acquirer_ref',
    'created_at',
  ]);
  assert.equal(part.body.payment_id, paid.paymentId);
  assert.equal(part.body.result, 'REFUNDED');
  const invoice = async () => (await alice('GET', `/invoices/${paid.invoiceId}`)).body;
  assert.equal((await invoice()).status, 'PARTIALLY_REFUNDED');

  const tooMuch = await refund(accountant, paid, { amount: paid.total, reason: 'All' });
  assert.equal(tooMuch.status, 422);
  assert.equal(tooMuch.body.errors[0].field, 'amount');
  const rest = await refund(accountant, paid, { reason: 'The rest' });
  assert.equal(rest.body.amount, minus(paid.total, '10.00'));
  assert.equal((await invoice()).status, 'REFUNDED');
  assert.equal((await invoice()).refunded, paid.total);
  assert.equal((await refund(accountant, paid, { reason: 'More' })).status, 409);
  assert.equal(world.acquirer.ledger.totals()[0]?.balance, '0.00');
});

test('who may refund what: roles, missing payments, faults of the body', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const agent = await world.logIn('agent@meridian.example');
  const accountant = await world.logIn('accounts@meridian.example');
  const paid = await bookAndPay(world, alice, CARDS.approved);
  assert.equal((await refund(alice, paid, { reason: 'x' })).status, 403);
  assert.equal((await refund(agent, paid, { reason: 'x' })).status, 403);
  assert.equal((await refund(accountant, { ...paid, paymentId: 99_999_999 }, { reason: 'x' })).status, 404);
  const faulty = await refund(accountant, paid, { amount: '-1', reason: 'x'.repeat(201) });
  assert.equal(faulty.status, 422);
  assert.deepEqual(
    faulty.body.errors.map(({ field }: { field: string }) => field),
    ['amount', 'reason'],
  );
  const declined = await pay(alice, await book(world, alice), CARDS.stolen);
  const answer = await refund(accountant, { ...paid, paymentId: declined.body.payment.id }, { reason: 'x' });
  assert.equal(answer.status, 409);
});

test('refunds that meet at once never take more than was paid', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const paid = await bookAndPay(world, alice, CARDS.approved);
  // All four are stopped before the invoice, so that they really meet.
  const blocker = await world.pool.connect();
  await blocker.query('BEGIN');
  await blocker.query('SELECT 1 FROM invoices WHERE id = $1 FOR UPDATE', [paid.invoiceId]);
  const refunds = Array.from({ length: 4 }, () => refund(accountant, paid, { reason: 'All of it' }));
  const stopped = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await world.pool.query(stopped)).rowCount === 4, { deadlineMs: 30_000 });
  await blocker.query('ROLLBACK');
  blocker.release();
  const answers = await Promise.all(refunds);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409]);
  assert.equal(refundsInLedger(world).length, 1);
});

test('of a booking elsewhere, a refund that somebody ordered takes nothing from what the fare gives back', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const paid = await bookAndPay(world, alice, CARDS.approved);
  const part = await refund(accountant, paid, { amount: '1.00', reason: 'Booking cancelled' });
  assert.equal(part.status, 201, part.text);
  const end = { kind: 'cancelled', fare: { fareClass: 'CLASSIC', passengers: 1 } } as const;
  const tell = () =>
    inTransaction(world.pool, (client) => endInvoice(client, String(paid.bookingId), end, new Date()));
  const refundId = await tell();
  const { rows } = await world.pool.query('SELECT amount FROM refunds WHERE id = $1', [refundId]);
  assert.equal(rows[0]?.amount, minus(paid.total, '50.00'));
  assert.equal(await tell(), null, 'told again, nothing more goes back');
});

const fares = [
  ['FLEX', 2, (total: string) => total],
  ['CLASSIC', 2, (total: string) => minus(total, '100.00')],
  ['SAVER', 1, () => '0.00'],
] as const;
for (const [fareClass, passengers, due] of fares) {
  test(`cancelling a paid ${fareClass} booking refunds what the fare gives back`, async (t) => {
    const world = await startWorld(t);
    const alice = await world.logIn('alice@example.com');
    const paid = await bookAndPay(world, alice, CARDS.approved, fareClass, passengers);
    const cancelled = await alice('DELETE', `/bookings/${paid.bookingId}`);
    assert.deepEqual(cancelled.body, { status: 'CANCELLED' });
    const { body } = await alice('GET', `/invoices/${paid.invoiceId}`);
    assert.equal(body.refunded, due(paid.total));
    const status = { FLEX: 'REFUNDED', CLASSIC: 'PARTIALLY_REFUNDED', SAVER: 'PAID' }[fareClass];
    assert.equal(body.status, status);
  });
}

test('a refund whose answer is lost is asked for again under its key, and moves money once', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  for (const card of [CARDS.refundDropped, CARDS.refundFailsFirst]) {
    const paid = await bookAndPay(world, alice, card, 'FLEX');
    const before = refundsInLedger(world).length;
    assert.equal((await alice('DELETE', `/bookings/${paid.bookingId}`)).status, 200);
    const invoice = async () => (await alice('GET', `/invoices/${paid.invoiceId}`)).body;
    assert.equal((await invoice()).payments[0].refunds[0].result, 'PENDING');
    world.advance(20_000);
    await world.monolith.runWorker();
    assert.equal((await invoice()).status, 'REFUNDED');
    assert.equal(refundsInLedger(world).length, before + 1);
  }
});

test('an accountant hears when the outcome of a refund is unknown, and the worker settles it', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const paid = await bookAndPay(world, alice, CARDS.refundTooSlow);
  const pending = await refund(accountant, paid, { reason: 'Late' });
  assert.equal(pending.status, 503);
  assert.equal(pending.headers.get('Retry-After'), '10');
  assert.equal((await refund(accountant, paid, { reason: 'Again' })).status, 409, 'it is taken already');
  await until(() => refundsInLedger(world).length === 1, { deadlineMs: 30_000 });
  world.advance(20_000);
  await world.monolith.runWorker();
  assert.equal((await alice('GET', `/invoices/${paid.invoiceId}`)).body.status, 'REFUNDED');
  assert.equal(refundsInLedger(world).length, 1);
});

test('a refund that the acquirer refuses, or never hears of, has failed and may be asked for again', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const refused = await bookAndPay(world, alice, CARDS.refundRefused);
  const answer = await refund(accountant, refused, { reason: 'x' });
  assert.equal(answer.status, 409);
  const { body } = await alice('GET', `/invoices/${refused.invoiceId}`);
  assert.equal(body.status, 'PAID');
  assert.equal(body.payments[0].refunds[0].result, 'FAILED');

  const paid = await bookAndPay(world, alice, CARDS.approved);
  await world.acquirer.stop();
  const away = await refund(accountant, paid, { reason: 'x' });
  assert.equal(away.status, 503);
  assert.equal(away.headers.get('Retry-After'), '5');
  assert.equal(
    (await alice('GET', `/invoices/${paid.invoiceId}`)).body.payments[0].refunds[0].result,
    'FAILED',
  );
});

test("payments of the seed, which the acquirer's ledger does not know, can be refunded", async (t) => {
  const world = await startWorld(t);
  const accountant = await world.logIn('accounts@meridian.example');
  const { rows } = await world.pool.query(`
    SELECT p.id FROM payments p JOIN invoices i ON i.id = p.invoice_id
    WHERE p.result = 'APPROVED' AND i.status = 'PAID' ORDER BY p.id LIMIT 1`);
  const answer = await accountant('POST', `/payments/${rows[0].id}/refunds`, {
    body: { reason: 'Goodwill' },
  });
  assert.equal(answer.status, 201, answer.text);
});
