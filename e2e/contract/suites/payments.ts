import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Payment } from '@banyan/openapi/generated/legacy';
import type { Answer } from '../api.ts';
import {
  CARDS,
  card,
  NO_OBJECT,
  NO_SUCH_ID,
  NOT_JSON,
  newFlight,
  newInvoice,
  PLAIN_TEXT,
  paidInvoice,
  pay,
  TOO_LARGE,
} from '../fixtures.ts';
import type { World } from '../world.ts';
import { fieldsOf } from './billing-faults.ts';

export type Unanswered = {
  /** The invoice whose payment, and the one whose refund, the acquirer does not answer. */
  readonly unpaidId: number;
  readonly unrefundedId: number;
  readonly payment: Promise<Answer>;
  readonly refund: Promise<Answer>;
};

/** What the acquirer never answers takes ten seconds to say so; meanwhile everything else goes on. */
export async function beginUnanswered(world: World): Promise<Unanswered> {
  const { api, callers } = world;
  const flight = await newFlight(world);
  const unpaid = await newInvoice(world, callers.bob, flight);
  const unrefunded = await newInvoice(world, callers.bob, flight);
  const paid = await pay(world, callers.bob, unrefunded, CARDS.refundUnknown);
  const payment = api.expect('payInvoice', 503, {
    as: callers.bob,
    path: { id: unpaid.id },
    json: card(CARDS.silent),
  });
  const refund = api.expect('refundPayment', 503, {
    as: callers.accountant,
    path: { id: paid.payment.id },
    json: { reason: 'x' },
  });
  // Looked at by the suite's last tests; until then a failure is nobody's.
  for (const each of [payment, refund]) each.catch(() => undefined);
  return { unpaidId: unpaid.id, unrefundedId: unrefunded.id, payment, refund };
}

export function paymentsSuite(world: () => World, unanswered: () => Unanswered): void {
  it('takes a card, and confirms the booking', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const invoice = await newInvoice(world(), as, await newFlight(world()));
    const path = { id: invoice.id };
    const json = card(CARDS.approved, { amount: invoice.total, unknown: 1 });
    const { body } = await api.expect('payInvoice', 200, { as, path, json });
    assert.deepEqual([body.result, body.reason, body.invoice_status], ['APPROVED', null, 'PAID']);
    assert.deepEqual([body.payment.card_brand, body.payment.card_last4], ['VISA', '4242']);
    const after = (await api.expect('getInvoice', 200, { as, path })).body;
    assert.deepEqual([after.status, after.paid, after.payments], ['PAID', invoice.total, [body.payment]]);
    const booking = (await api.expect('getBooking', 200, { as, path: { id: invoice.booking_id } })).body;
    assert.deepEqual([booking.status, booking.hold_expires_at, booking.version], ['CONFIRMED', null, 2]);
    const again = await api.expect('payInvoice', 409, { as, path, json });
    assert.equal(again.text, '{"errors":[{"field":"invoice","msg":"Invoice is already paid."}]}');
  });

  it('answers 200 to a declined card, by form too', async () => {
    const { api, callers } = world();
    const as = callers.partner;
    const invoice = await newInvoice(world(), as, await newFlight(world()));
    const path = { id: invoice.id };
    const form = card(CARDS.declined, { amount: '' }) as Record<string, string>;
    const { body } = await api.expect('payInvoice', 200, { as, path, form });
    assert.deepEqual(
      [body.result, body.reason, body.payment.result, body.invoice_status],
      ['DECLINED', 'insufficient_funds', 'DECLINED', 'OPEN'],
    );
    assert.equal((await pay(world(), callers.agent, invoice)).result, 'APPROVED');
  });

  it('lists all faults of a card', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const path = { id: (await newInvoice(world(), as, await newFlight(world()))).id };
    const none = await api.expect('payInvoice', 422, { as, path, json: {} });
    assert.deepEqual(fieldsOf(none), ['card_number', 'expiry', 'cvc', 'card_holder']);
    const bad = {
      card_number: '4242 4242 4242 4241',
      expiry: '10/26',
      cvc: '12',
      card_holder: 'x'.repeat(81),
      amount: '1.00',
    };
    const all = await api.expect('payInvoice', 422, { as, path, form: bad });
    assert.deepEqual(fieldsOf(all), ['card_number', 'expiry', 'cvc', 'card_holder', 'amount']);
  });

  it('refuses payments that are none', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const path = { id: (await newInvoice(world(), as, await newFlight(world()))).id };
    await api.expect('payInvoice', 400, { as, path, body: NOT_JSON });
    await api.expect('payInvoice', 400, { as, path, body: NO_OBJECT });
    await api.expect('payInvoice', 401, { path, json: {} });
    await api.expect('payInvoice', 403, { as: callers.accountant, path, json: {} });
    await api.expect('payInvoice', 403, { as: callers.bob, path, json: {} });
    await api.expect('payInvoice', 404, { as, path: { id: NO_SUCH_ID }, json: {} });
    await api.expect('payInvoice', 413, { as, path, body: TOO_LARGE });
    await api.expect('payInvoice', 415, { as, path, body: PLAIN_TEXT });
  });

  it('refuses to pay what is void, or held no longer', async () => {
    const { api, callers, sql, now } = world();
    const as = callers.alice;
    const refusal = async (id: number) =>
      (await api.expect('payInvoice', 409, { as, path: { id }, json: card(CARDS.approved) })).body.errors[0];
    const voided = await newInvoice(world(), as, await newFlight(world()));
    await api.expect('cancelBooking', 200, { as, path: { id: voided.booking_id } });
    assert.deepEqual(await refusal(voided.id), { field: 'invoice', msg: 'Invoice is void.' });
    const late = await newInvoice(world(), as, await newFlight(world()));
    const past = new Date(now().getTime() - 60_000).toISOString();
    await sql(`UPDATE bookings SET hold_expires_at = $2::timestamptz AT TIME ZONE 'UTC' WHERE id = $1`, [
      late.booking_id,
      past,
    ]);
    assert.deepEqual(await refusal(late.id), { field: 'invoice', msg: "The booking's hold has expired." });
  });

  it('answers 503 when the acquirer fails, and charges nothing', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const invoice = await newInvoice(world(), as, await newFlight(world()));
    const path = { id: invoice.id };
    const failed = await api.expect('payInvoice', 503, { as, path, json: card(CARDS.failing) });
    assert.equal(failed.header('Retry-After'), '5');
    assert.ok(failed.header('Set-Cookie'), 'the session is renewed all the same');
    const [payment] = (await api.expect('getInvoice', 200, { as, path })).body.payments;
    assert.equal(payment?.result, 'FAILED');
    assert.equal((await pay(world(), as, invoice)).invoice_status, 'PAID');
  });

  it('refunds a part, then the rest, then nothing', async () => {
    const { api, callers } = world();
    const as = callers.accountant;
    const { invoice, payment } = await paidInvoice(world());
    const path = { id: payment.id };
    const part = await api.expect('refundPayment', 201, {
      as,
      path,
      json: { amount: '50.00', reason: 'Goodwill' },
    });
    assert.deepEqual(
      [part.body.payment_id, part.body.result, part.body.amount],
      [payment.id, 'REFUNDED', '50.00'],
    );
    const status = async () => (await api.expect('getInvoice', 200, { as, path: { id: invoice.id } })).body;
    assert.deepEqual([(await status()).status, (await status()).refunded], ['PARTIALLY_REFUNDED', '50.00']);
    const tooMuch = { amount: '412.01', reason: 'x' };
    const beyond = await api.expect('refundPayment', 422, { as, path, json: tooMuch });
    assert.deepEqual(fieldsOf(beyond), ['amount']);
    const none = await api.expect('refundPayment', 422, { as, path, json: { amount: '0.00' } });
    assert.deepEqual(fieldsOf(none), ['amount', 'reason']);
    const rest = await api.expect('refundPayment', 201, { as, path, form: { amount: '', reason: 'Rest' } });
    assert.equal(rest.body.amount, '412.00');
    const { status: final, refunded, payments } = await status();
    assert.deepEqual([final, refunded], ['REFUNDED', '462.00']);
    assert.equal((payments[0] as Payment).refunds.length, 2);
    await api.expect('refundPayment', 409, { as, path, json: tooMuch });
  });

  it('refuses refunds that are none', async () => {
    const { api, callers } = world();
    const as = callers.accountant;
    const { payment } = await paidInvoice(world());
    const path = { id: payment.id };
    await api.expect('refundPayment', 400, { as, path, body: NOT_JSON });
    await api.expect('refundPayment', 401, { path, json: {} });
    for (const other of [callers.alice, callers.agent, callers.partner]) {
      await api.expect('refundPayment', 403, { as: other, path, json: {} });
    }
    await api.expect('refundPayment', 404, { as, path: { id: NO_SUCH_ID }, json: {} });
    await api.expect('refundPayment', 413, { as, path, body: TOO_LARGE });
    await api.expect('refundPayment', 415, { as, path, body: PLAIN_TEXT });
    const declined = await newInvoice(world(), callers.alice, await newFlight(world()));
    const { payment: none } = await pay(world(), callers.alice, declined, CARDS.declined);
    await api.expect('refundPayment', 409, { as, path: { id: none.id }, json: { reason: 'x' } });
  });

  it('leaves a payment pending whose outcome nobody knows, and takes no other meanwhile', async () => {
    const { api, callers } = world();
    const as = callers.bob;
    const path = { id: unanswered().unpaidId };
    const busy = await api.expect('payInvoice', 409, { as, path, json: card(CARDS.approved) });
    assert.deepEqual(busy.body.errors, [{ field: 'invoice', msg: 'A payment is in progress.' }]);
    const answer = await unanswered().payment;
    assert.equal(answer.header('Retry-After'), '10');
    const [payment] = (await api.expect('getInvoice', 200, { as, path })).body.payments;
    assert.equal(payment?.result, 'PENDING');
  });

  it('leaves a refund pending whose outcome nobody knows', async () => {
    const { api, callers } = world();
    const answer = await unanswered().refund;
    assert.equal(answer.header('Retry-After'), '10');
    const path = { id: unanswered().unrefundedId };
    const invoice = (await api.expect('getInvoice', 200, { as: callers.bob, path })).body;
    assert.deepEqual([invoice.refunded, invoice.payments[0]?.refunds[0]?.result], ['0.00', 'PENDING']);
  });
}
