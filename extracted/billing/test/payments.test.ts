import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { moneyOf } from '@banyan/service-kit/money';
import { until } from '@banyan/stack/testing/until';
import { startAcquirerRelay } from './support/acquirer-relay.ts';
import { ACCOUNTANT, ALICE, as, BOB, card, LONG, startWorld } from './support/world.ts';

const AMOUNT = undefined;
const WAITED = /^effects_waited_total\{outcome="taken"[^}]*\} [1-9]/m;
/** How many payments may find a machine too busy for booking to hear of one within the second that is waited. */
const TRIES = 20;

/** Charges can be held up on their way. */
async function startHeldUp(t: TestContext, env: Record<string, string> = {}) {
  let acquirerUrl = '';
  const relay = await startAcquirerRelay(t, () => acquirerUrl);
  const world = await startWorld(t, { ACQUIRER_URL: relay.url, ACQUIRER_DEADLINE_MS: '15000', ...env });
  acquirerUrl = world.acquirer.url;
  return { relay, ...world };
}

test('a payment: consent, one charge, PAID, and booking knows before the answer', async (t) => {
  const { billing, placed, acquirer, bookings, metrics } = await startWorld(t);
  bookings.takesAfterMs = 50;
  let heard: (readonly [bigint, bigint])[] = [];
  const pay = async (invoiceId: bigint) => {
    const answer = await billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE));
    heard = bookings.events.flatMap(({ body }) =>
      body?.$case === 'invoicePaid' ? [[body.value.bookingId, body.value.paymentId]] : [],
    );
    return answer;
  };
  const invoiceId = await placed(1n);
  const answer = await pay(invoiceId);
  assert.deepEqual(
    [answer.payment?.result, answer.invoiceStatus, answer.replayed],
    ['PAYMENT_RESULT_APPROVED', 'INVOICE_STATUS_PAID', false],
  );
  const paymentId = answer.payment?.id ?? 0n;
  assert.equal(paymentId % 2n, 0n);
  assert.deepEqual(bookings.consents, [{ bookingId: 1n, paymentKey: paymentId.toString() }]);
  // A writer waits for a second at most, which a machine may be too busy for; it says whether it had to give up.
  let paid: readonly [bigint, bigint] = [1n, paymentId];
  for (let tries = 1; !WAITED.test((await metrics.render()).text); tries += 1) {
    assert.ok(tries < TRIES, 'no payment was answered once booking knew of it');
    const bookingId = BigInt(2 * tries + 1);
    const { payment } = await pay(await placed(bookingId));
    paid = [bookingId, payment?.id ?? 0n];
  }
  assert.deepEqual(
    heard.find(([, id]) => id === paid[1]),
    paid,
  );
  const [movement] = acquirer.ledger.movements();
  assert.deepEqual([movement?.key, movement?.amount], [`inv-${invoiceId}-${paymentId}`, '896.00']);
  await assert.rejects(billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE)), {
    code: 'FAILED_PRECONDITION',
    reason: 'INVOICE_PAID',
  });
  assert.equal((await billing.getPayment({ paymentId }, as(ALICE))).invoiceId, invoiceId);
});

test('a declined card is an answer; all faults of a request are told at once', async (t) => {
  const { billing, placed } = await startWorld(t);
  const invoiceId = await placed(1n);
  const declined = await billing.payInvoice(
    { invoiceId, card: card('4000000000000002'), amount: AMOUNT },
    as(ALICE),
  );
  assert.deepEqual(
    [declined.payment?.result, declined.payment?.declineReason, declined.invoiceStatus],
    ['PAYMENT_RESULT_DECLINED', 'insufficient_funds', 'INVOICE_STATUS_OPEN'],
  );
  const wrong = { number: '4242', expiryMonth: 1, expiryYear: 2020, verificationCode: '12', holder: ' ' };
  const amount = moneyOf(1n, 'EUR');
  await assert.rejects(billing.payInvoice({ invoiceId, card: wrong, amount }, as(ALICE)), {
    reason: 'INVALID_FIELDS',
    violations: [
      { field: 'card.number', description: 'invalid' },
      { field: 'card.expiry', description: 'expired' },
      { field: 'card.verification_code', description: 'invalid' },
      { field: 'card.holder', description: 'required' },
      { field: 'amount', description: 'not_the_total' },
    ],
  });
  await assert.rejects(billing.payInvoice({ invoiceId, card: undefined, amount: AMOUNT }, as(BOB)), {
    reason: 'FOREIGN_INVOICE',
  });
});

test('no consent, no charge, and no trace in the invoice', async (t) => {
  const { billing, placed, bookings, acquirer } = await startWorld(t);
  const invoiceId = await placed(1n);
  const before = (await billing.getInvoice({ invoiceId }, as(ALICE))).invoice;
  const pay = () => billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE));
  bookings.consent = 'HOLD_OVER';
  await assert.rejects(pay(), { code: 'FAILED_PRECONDITION', reason: 'HOLD_OVER' });
  bookings.consent = 'away';
  await assert.rejects(pay(), { code: 'UNAVAILABLE', reason: 'CONSENT_UNAVAILABLE', retryAfterSeconds: 5 });
  assert.deepEqual((await billing.getInvoice({ invoiceId }, as(ALICE))).invoice, before);
  assert.equal(acquirer.ledger.movements().length, 0);
});

test('surely not charged is FAILED and may be tried again; charged without an answer is found by its key', async (t) => {
  const { billing, placed, acquirer } = await startWorld(t);
  const failing = await placed(1n);
  await assert.rejects(
    billing.payInvoice({ invoiceId: failing, card: card('4000000000001307'), amount: AMOUNT }, as(ALICE)),
    {
      reason: 'ACQUIRER_UNAVAILABLE',
      retryAfterSeconds: 5,
    },
  );
  const paid = await billing.payInvoice({ invoiceId: failing, card: card(), amount: AMOUNT }, as(ALICE));
  assert.equal(paid.invoiceStatus, 'INVOICE_STATUS_PAID');
  for (const [bookingId, number] of [
    [3n, '4000000000001208'],
    [5n, '4000000000001406'],
    [7n, '4000000000001505'],
  ] as const) {
    const invoiceId = await placed(bookingId);
    const answer = await billing.payInvoice({ invoiceId, card: card(number), amount: AMOUNT }, as(ALICE));
    assert.equal(answer.payment?.result, 'PAYMENT_RESULT_APPROVED', number);
  }
  assert.equal(acquirer.ledger.movements().length, 4);
});

test('an unknown outcome stays PENDING, refuses a second charge, and is settled by looking it up', async (t) => {
  const { relay, billing, placed, acquirer, database } = await startHeldUp(t, {
    ACQUIRER_DEADLINE_MS: '200',
  });
  const invoiceId = await placed(1n);
  const charge = relay.hold();
  const pay = () => billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE));
  await assert.rejects(pay(), { code: 'UNAVAILABLE', reason: 'OUTCOME_UNKNOWN', retryAfterSeconds: 10 });
  await assert.rejects(pay(), { reason: 'PAYMENT_IN_PROGRESS' });
  charge();
  // Old enough for the worker, which leaves young ones to their request.
  await database.query("UPDATE payments SET created_at = created_at - interval '20 seconds'");
  await until(
    async () =>
      (await billing.getInvoice({ invoiceId }, as(ALICE))).invoice?.status === 'INVOICE_STATUS_PAID',
    LONG,
  );
  assert.equal(acquirer.ledger.movements().length, 1);
});

test('refunds: of a part, of the rest, never of more; the acquirer may refuse', async (t) => {
  const { billing, placed, acquirer, bookings } = await startWorld(t);
  const invoiceId = await placed(1n);
  const { payment } = await billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE));
  const paymentId = payment?.id ?? 0n;
  const refund = (minor: bigint | null, reason = 'Goodwill') =>
    billing.refundPayment(
      { paymentId, amount: minor === null ? undefined : moneyOf(minor, 'EUR'), reason },
      as(ACCOUNTANT),
    );
  await assert.rejects(refund(0n, ''), {
    violations: [
      { field: 'amount', description: 'invalid' },
      { field: 'reason', description: 'required' },
    ],
  });
  const part = await refund(600n);
  assert.deepEqual([part.refund?.result, part.refund?.amount?.units], ['REFUND_RESULT_REFUNDED', 6n]);
  await assert.rejects(refund(89_001n), { reason: 'MORE_THAN_LEFT', metadata: { left: '890.00' } });
  assert.equal((await refund(null)).refund?.amount?.units, 890n);
  await assert.rejects(refund(null), { reason: 'NOTHING_LEFT' });
  const wholes = () =>
    bookings.events.flatMap(({ body }) => (body?.$case === 'invoiceRefunded' ? [body.value.whole] : []));
  await until(() => wholes().length === 2, LONG);
  assert.deepEqual(wholes().toSorted(), [false, true]);
  assert.equal(acquirer.ledger.totals()[0]?.balance, '0.00');
  await assert.rejects(
    billing.refundPayment({ paymentId: 998n, reason: 'x', amount: AMOUNT }, as(ACCOUNTANT)),
    {
      reason: 'PAYMENT_NOT_FOUND',
    },
  );
  await assert.rejects(billing.refundPayment({ paymentId, reason: 'x', amount: AMOUNT }, as(ALICE)), {
    reason: 'ROLE_FORBIDDEN',
  });

  const other = await placed(3n);
  const paid = await billing.payInvoice(
    { invoiceId: other, card: card('4000000000005126'), amount: AMOUNT },
    as(ALICE),
  );
  await assert.rejects(
    billing.refundPayment({ paymentId: paid.payment?.id ?? 0n, reason: 'x', amount: AMOUNT }, as(ACCOUNTANT)),
    { reason: 'REFUND_DECLINED' },
  );
});

test('an idempotency key: the first answer again, another request refused, one under way told apart', async (t) => {
  const { relay, billing, placed, acquirer, database } = await startHeldUp(t);
  const invoiceId = await placed(1n);
  const idempotencyKey = 'key-1';
  const request = { invoiceId, card: card(), amount: AMOUNT, idempotencyKey };
  const first = await billing.payInvoice(request, as(ALICE));
  // What happens afterwards changes nothing of the first answer.
  const paymentId = first.payment?.id ?? 0n;
  const refund = { paymentId, reason: 'Goodwill', amount: AMOUNT, idempotencyKey };
  const refunded = await billing.refundPayment(refund, as(ACCOUNTANT));
  assert.deepEqual(await billing.payInvoice(request, as(ALICE)), { ...first, replayed: true });
  assert.deepEqual(await billing.refundPayment(refund, as(ACCOUNTANT)), { ...refunded, replayed: true });
  assert.equal(acquirer.ledger.movements().length, 2);
  const other = { ...request, card: card('5555555555554444') };
  await assert.rejects(billing.payInvoice(other, as(ALICE)), {
    code: 'INVALID_ARGUMENT',
    reason: 'IDEMPOTENCY_KEY_REUSED',
  });
  await assert.rejects(billing.payInvoice({ ...request, idempotencyKey: 'with blank' }, as(ALICE)), {
    violations: [{ field: 'idempotency_key', description: 'invalid' }],
  });

  const slow = { ...request, invoiceId: await placed(3n), idempotencyKey: 'key-2' };
  const charge = relay.hold();
  const running = billing.payInvoice(slow, as(ALICE));
  await until(
    async () => (await database.query('SELECT 1 FROM request_keys WHERE key = $1', ['key-2'])).rowCount,
    LONG,
  );
  await assert.rejects(billing.payInvoice(slow, as(ALICE)), {
    code: 'ABORTED',
    reason: 'IDEMPOTENCY_KEY_IN_USE',
  });
  charge();
  assert.equal((await running).invoiceStatus, 'INVOICE_STATUS_PAID');

  // One that moved nothing leaves its key free.
  const failing = {
    ...request,
    invoiceId: await placed(5n),
    card: card('4000000000001307'),
    idempotencyKey: 'key-3',
  };
  await assert.rejects(billing.payInvoice(failing, as(ALICE)), { reason: 'ACQUIRER_UNAVAILABLE' });
  const { replayed } = await billing.payInvoice({ ...failing, card: card() }, as(ALICE));
  assert.equal(replayed, false);
  const { rows } = await database.query<{ text: string }>(
    'SELECT request_keys::text AS text FROM request_keys',
  );
  assert.ok(rows.every(({ text }) => !text.includes('4242')));
});

test('ten at once pay an invoice once', async (t) => {
  const { billing, placed, acquirer } = await startWorld(t);
  const invoiceId = await placed(1n);
  const tries = Array.from({ length: 10 }, () =>
    billing.payInvoice({ invoiceId, card: card(), amount: AMOUNT }, as(ALICE)).then(
      () => 'paid',
      (error) => error.reason as string,
    ),
  );
  const outcomes = await Promise.all(tries);
  assert.equal(outcomes.filter((outcome) => outcome === 'paid').length, 1);
  assert.ok(outcomes.every((outcome) => ['paid', 'PAYMENT_IN_PROGRESS', 'INVOICE_PAID'].includes(outcome)));
  assert.equal(acquirer.ledger.movements().length, 1);
});
