import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { ChargedTwiceError, settlePayment } from '../src/billing/settle-payment.ts';
import { localInvoiceEvents } from '../src/seams/events/local-invoice-events.ts';
import { book, CARDS, cardOf, ledgerOf, logIn, pay, SECRET, startWorld } from './billing-world.ts';
import { moveFlightAhead } from './support/flights.ts';

const MINUTE = 60_000;

test('an approved card pays the invoice, confirms the booking and queues ticket and receipt', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const paid = await pay(alice, booked, CARDS.approved);
  assert.equal(paid.status, 200, paid.text);
  assert.deepEqual(Object.keys(paid.body), ['result', 'reason', 'payment', 'invoice_status']);
  assert.equal(paid.body.result, 'APPROVED');
  assert.equal(paid.body.reason, null);
  assert.equal(paid.body.invoice_status, 'PAID');
  assert.equal(paid.body.payment.card_brand, 'VISA');
  assert.equal(paid.body.payment.card_last4, '4242');

  const invoice = (await alice('GET', `/invoices/${booked.invoiceId}`)).body;
  assert.equal(invoice.status, 'PAID');
  assert.equal(invoice.paid, booked.total);
  assert.deepEqual(invoice.payments, [paid.body.payment]);
  const booking = (await alice('GET', `/bookings/${booked.bookingId}`)).body;
  assert.equal(booking.status, 'CONFIRMED');
  assert.equal(booking.hold_expires_at, null);
  assert.equal(booking.version, 2);
  const mails = await world.pool.query('SELECT kind FROM outgoing_mail WHERE booking_id = $1 ORDER BY id', [
    booked.bookingId,
  ]);
  assert.deepEqual(
    mails.rows.map(({ kind }) => kind),
    ['E_TICKET', 'RECEIPT'],
  );
  const [charge, ...more] = await ledgerOf(world, booked);
  assert.equal(more.length, 0);
  assert.equal(charge?.amount, booked.total);
  assert.equal(charge?.id, paid.body.payment.acquirer_ref);

  const again = await pay(alice, booked, CARDS.approved);
  assert.equal(again.status, 409);
  assert.deepEqual(again.body, { errors: [{ field: 'invoice', msg: 'Invoice is already paid.' }] });
});

test('each decline is a 200 with its reason, and the invoice can be paid afterwards', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  for (const [card, reason] of [
    [CARDS.insufficientFunds, 'insufficient_funds'],
    [CARDS.expired, 'expired_card'],
    [CARDS.stolen, 'stolen_card'],
  ] as const) {
    const declined = await pay(alice, booked, card);
    assert.equal(declined.status, 200);
    assert.equal(declined.body.result, 'DECLINED');
    assert.equal(declined.body.reason, reason);
    assert.equal(declined.body.payment.decline_reason, reason);
    assert.equal(declined.body.invoice_status, 'OPEN');
  }
  assert.equal((await pay(alice, booked, CARDS.approved)).body.result, 'APPROVED');
});

const settledAtOnce = [
  ['slow', CARDS.slow],
  ['the connection dropped after the charge', CARDS.dropped],
  ['500 after the charge', CARDS.failsAfter],
  ['two answers', CARDS.answersTwice],
] as const;
for (const [what, card] of settledAtOnce) {
  test(`${what}: the payment is approved with one row in the acquirer's ledger`, async (t) => {
    const world = await startWorld(t);
    const alice = await world.logIn('alice@example.com');
    const booked = await book(world, alice);
    const paid = await pay(alice, booked, card);
    assert.equal(paid.status, 200, paid.text);
    assert.equal(paid.body.result, 'APPROVED');
    assert.equal((await ledgerOf(world, booked)).length, 1);
    // The connection that carried two answers must not lend one of them to the next payment.
    const other = await book(world, alice);
    const next = await pay(alice, other, CARDS.approved);
    assert.equal(next.body.payment.amount, other.total);
    assert.equal((await ledgerOf(world, other))[0]?.id, next.body.payment.acquirer_ref);
  });
}

test('500 before the charge: nothing was charged, the payment has failed and may be tried again', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const failed = await pay(alice, booked, CARDS.failsBefore);
  assert.equal(failed.status, 503);
  assert.equal(failed.headers.get('Retry-After'), '5');
  assert.equal(failed.body.errors[0].field, null);
  assert.equal((await ledgerOf(world, booked)).length, 0);
  assert.equal((await pay(alice, booked, CARDS.approved)).body.result, 'APPROVED');
});

test('an acquirer that cannot be reached: 503, the payment has failed and may be tried again', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  await world.acquirer.stop();
  const failed = await pay(alice, booked, CARDS.approved);
  assert.equal(failed.status, 503);
  assert.equal(failed.headers.get('Retry-After'), '5');
  const { body } = await alice('GET', `/invoices/${booked.invoiceId}`);
  assert.equal(body.status, 'OPEN');
  assert.equal(body.payments[0].result, 'FAILED');
});

test('never an answer: 503 and pending; paying again is refused; the worker gives it up in the end', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const pending = await pay(alice, booked, CARDS.neverAnswers);
  assert.equal(pending.status, 503);
  assert.equal(pending.headers.get('Retry-After'), '10');
  const again = await pay(alice, booked, CARDS.approved);
  assert.equal(again.status, 409);
  assert.equal(again.body.errors[0].msg, 'A payment is in progress.');

  const resultNow = async () =>
    (await alice('GET', `/invoices/${booked.invoiceId}`)).body.payments[0].result as string;
  world.advance(20_000);
  await world.monolith.runWorker();
  assert.equal(await resultNow(), 'PENDING', 'a look-up that finds nothing proves nothing yet');
  world.advance(2 * MINUTE);
  await world.monolith.runWorker();
  assert.equal(await resultNow(), 'FAILED');
  assert.equal((await pay(alice, booked, CARDS.approved)).body.result, 'APPROVED');
  assert.equal((await ledgerOf(world, booked)).length, 1);
});

test('slower than our patience: pending at first, and the worker finds the charge', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  assert.equal((await pay(alice, booked, CARDS.tooSlow)).status, 503);
  await until(async () => (await ledgerOf(world, booked)).length === 1, { deadlineMs: 30_000 });
  world.advance(20_000);
  await world.monolith.runWorker();
  const { body } = await alice('GET', `/invoices/${booked.invoiceId}`);
  assert.equal(body.status, 'PAID');
  assert.equal((await alice('GET', `/bookings/${booked.bookingId}`)).body.status, 'CONFIRMED');
});

test('two clicks at once: one charge, and the other is told so', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const answers = await Promise.all(Array.from({ length: 4 }, () => pay(alice, booked, CARDS.slow)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const charges = (await ledgerOf(world, booked)).filter(({ result }) => result === 'APPROVED');
  assert.equal(charges.length, 1);
});

test('a process killed between charge and settlement: the next one settles, with one charge', async (t) => {
  // Slow enough to be stopped before the charge is settled.
  const world = await startWorld(t, { acquirer: { shortWaitMs: 4_000 } });
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      ...processEnvironment(),
      MONOLITH_PORT: '0',
      MONOLITH_DATABASE_URL: world.databaseUrl,
      MERIDIAN_SESSION_SECRET: SECRET,
      ACQUIRER_URL: world.acquirer.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const port = await listeningPort(child.stdout);
  const alice = await logIn(`http://127.0.0.1:${port}`, 'alice@example.com');
  const flightId = await moveFlightAhead(world.pool, new Date());
  const booked = await book(world, alice, 'CLASSIC', 1, flightId);
  const request = pay(alice, booked, CARDS.slow).then(
    () => 'answered',
    () => 'cut',
  );
  await until(
    async () => (await world.pool.query(`SELECT 1 FROM payments WHERE result = 'PENDING'`)).rowCount === 1,
    { deadlineMs: 30_000 },
  );
  // Whoever wants to settle has to wait for us: the charge happens, and its settlement cannot.
  const blocker = await world.pool.connect();
  await blocker.query('BEGIN');
  await blocker.query('SELECT 1 FROM bookings WHERE id = $1 FOR UPDATE', [booked.bookingId]);
  await until(async () => (await ledgerOf(world, booked)).length === 1, { deadlineMs: 30_000 });
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await request, 'cut');
  await blocker.query('ROLLBACK');
  blocker.release();
  const left = await world.pool.query(`SELECT 1 FROM payments WHERE result = 'PENDING'`);
  assert.equal(left.rowCount, 1);

  // The process's clock was the machine's; ours must be past it.
  const { rows } = await world.pool.query('SELECT created_at FROM payments ORDER BY id DESC LIMIT 1');
  world.advance(rows[0].created_at.getTime() - Date.parse('2026-11-22T12:00:00Z') + 20_000);
  await world.monolith.runWorker();
  const { rows: after } = await world.pool.query('SELECT status FROM invoices WHERE id = $1', [
    booked.invoiceId,
  ]);
  assert.equal(after[0].status, 'PAID');
  assert.equal((await ledgerOf(world, booked)).length, 1);
});

test('money that comes for a cancelled booking goes back by itself', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  assert.equal((await pay(alice, booked, CARDS.tooSlow)).status, 503);
  assert.equal((await alice('DELETE', `/bookings/${booked.bookingId}`)).status, 200);
  assert.equal((await alice('GET', `/invoices/${booked.invoiceId}`)).body.status, 'VOID');
  await until(async () => (await ledgerOf(world, booked)).length === 1, { deadlineMs: 30_000 });
  world.advance(20_000);
  await world.monolith.runWorker();
  const { body } = await alice('GET', `/invoices/${booked.invoiceId}`);
  assert.equal(body.status, 'REFUNDED');
  assert.equal(body.paid, booked.total);
  assert.equal(body.refunded, booked.total);
  assert.equal(body.payments[0].refunds[0].result, 'REFUNDED');
  const [totals] = world.acquirer.ledger.totals();
  assert.equal(totals?.balance, '0.00');
});

test('the clean-up leaves a booking whose charge is under way, and its hold is extended', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  world.advance(29 * MINUTE);
  assert.equal((await pay(alice, booked, CARDS.neverAnswers)).status, 503);
  const { body } = await alice('GET', `/bookings/${booked.bookingId}`);
  assert.ok(body.hold_expires_at >= '2026-11-22 12:44:00', body.hold_expires_at);
  assert.equal(body.version, 2);
  world.advance(40 * MINUTE);
  await world.monolith.runCleanup();
  assert.equal((await alice('GET', `/bookings/${booked.bookingId}`)).body.status, 'HELD');
});

test('a hold that is over, a void invoice, a foreign one, a missing one: each its own refusal', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const bob = await world.logIn('bob@example.com');
  const booked = await book(world, alice);
  assert.equal((await pay(bob, booked, CARDS.approved)).status, 403);
  const missing = await alice('POST', '/invoices/999999999999/payments', { body: {} });
  assert.equal(missing.status, 404);
  assert.equal((await alice('POST', '/invoices/1x/payments', { body: {} })).status, 404);
  const accountant = await world.logIn('accounts@meridian.example');
  assert.equal((await pay(accountant, booked, CARDS.approved)).status, 403);
  world.advance(31 * MINUTE);
  const expired = await pay(alice, booked, CARDS.approved);
  assert.equal(expired.status, 409);
  assert.equal(expired.body.errors[0].msg, "The booking's hold has expired.");
  await world.monolith.runCleanup();
  const voided = await pay(alice, booked, CARDS.approved);
  assert.equal(voided.body.errors[0].msg, 'Invoice is void.');
});

test('all faults of a card are listed, in order; a form is as good as JSON', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const path = `/invoices/${booked.invoiceId}/payments`;
  const faulty = await alice('POST', path, {
    body: {
      card_number: '4242 4242 4242 4241',
      expiry: '10/26',
      cvc: '12',
      card_holder: ' ',
      amount: '1.00',
    },
  });
  assert.equal(faulty.status, 422);
  assert.deepEqual(
    faulty.body.errors.map(({ field }: { field: string }) => field),
    ['card_number', 'expiry', 'cvc', 'card_holder', 'amount'],
  );
  assert.equal(
    (await alice('POST', path, { body: 'x', headers: { 'Content-Type': 'text/plain' } })).status,
    415,
  );
  const form = new URLSearchParams({ ...cardOf(CARDS.approved), amount: booked.total }).toString();
  const paid = await alice('POST', path, {
    body: form,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(paid.body.result, 'APPROVED');
});

test('a card number is in no log line and in no column of the database', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const planted = [CARDS.approved, CARDS.neverAnswers, CARDS.failsAfter, CARDS.insufficientFunds];
  for (const card of planted) await pay(alice, await book(world, alice), card);
  await alice('POST', `/invoices/${CARDS.stolen}/payments?card_number=${CARDS.stolen}`, {
    body: `{"card_number": "${CARDS.stolen}"`,
    headers: { 'Content-Type': 'application/json' },
  });
  await alice('GET', `/invoices?ledger_ref=${CARDS.stolen}&status=${CARDS.stolen}`);
  const digits = [...planted, CARDS.stolen].map((card) => card.replaceAll(' ', ''));
  const { rows } = await world.pool.query<{ table_name: string }>(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  let searched = 0;
  for (const { table_name } of rows) {
    const found = await world.pool.query(`SELECT 1 FROM "${table_name}" AS r WHERE r::text ~ $1 LIMIT 1`, [
      digits.join('|'),
    ]);
    assert.equal(found.rowCount, 0, table_name);
    searched += 1;
  }
  assert.ok(searched > 10);
  const logged = world.logged();
  assert.match(logged, /a payment is settled/);
  for (const number of digits) assert.ok(!logged.includes(number), number);
});

test('a charge that turns up for a payment given up is recorded; beside another one it is an alarm', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  assert.equal((await pay(alice, booked, CARDS.failsBefore)).status, 503);
  const { rows } = await world.pool.query('SELECT id FROM payments WHERE invoice_id = $1', [
    booked.invoiceId,
  ]);
  const failed = rows[0].id as string;
  const clock = () => new Date('2026-11-22T12:05:00Z');
  const late = { kind: 'approved', ref: 'ch_late' } as const;
  const other = await book(world, alice);
  assert.equal((await pay(alice, other, CARDS.failsBefore)).status, 503);
  assert.equal((await pay(alice, other, CARDS.approved)).status, 200);
  const { rows: two } = await world.pool.query(
    `SELECT id FROM payments WHERE invoice_id = $1 AND result = 'FAILED'`,
    [other.invoiceId],
  );

  const events = async () => localInvoiceEvents;
  const first = await settlePayment(world.pool, failed, late, clock, events);
  assert.deepEqual([first.settled, first.refundId], [true, null]);
  assert.equal((await alice('GET', `/invoices/${booked.invoiceId}`)).body.status, 'PAID');
  const again = await settlePayment(world.pool, failed, late, clock, events);
  assert.deepEqual([again.settled, again.refundId], [false, null]);
  await assert.rejects(settlePayment(world.pool, two[0].id, late, clock, events), ChargedTwiceError);
});

async function listeningPort(stdout: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: stdout })) {
    const entry = JSON.parse(line) as { msg?: string; port?: number };
    if (entry.msg === 'listening') return entry.port as number;
  }
  throw new Error('the process ended before it listened');
}
