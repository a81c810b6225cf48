import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import type { Invoice, Payment } from '@banyan/openapi/generated/legacy';
import type { Answer } from '../api.ts';
import { trailerOf } from '../exchange.ts';
import {
  CARDS,
  card,
  NO_OBJECT,
  NO_SUCH_ID,
  NOT_JSON,
  newBooking,
  newFlight,
  newInvoice,
  PLAIN_TEXT,
  pay,
  TOO_LARGE,
} from '../fixtures.ts';
import type { World } from '../world.ts';

const fieldsOf = (answer: Answer): (string | null)[] =>
  (answer.body as { errors: { field: string | null }[] }).errors.map(({ field }) => field);

const csvRow = (invoice: Invoice): string =>
  [
    ...[invoice.id, invoice.number, invoice.booking_id, invoice.account_id, invoice.status, invoice.currency],
    ...[invoice.net, invoice.tax, invoice.total, invoice.paid, invoice.refunded, invoice.ledger_ref],
    ...[invoice.issued_at, invoice.paid_at],
  ].join();

export type Unanswered = { readonly invoiceId: number; readonly answer: Promise<Answer> };

/** A payment that the acquirer never answers. It takes ten seconds to say so, while everything else goes on. */
export async function beginUnansweredPayment(world: World): Promise<Unanswered> {
  const { api, callers } = world;
  const { id } = await newInvoice(world, callers.bob, await newFlight(world));
  const answer = api.expect('payInvoice', 503, { as: callers.bob, path: { id }, json: card(CARDS.silent) });
  answer.catch(() => undefined); // Looked at by the billing suite's last test; until then it is nobody's.
  return { invoiceId: id, answer };
}

export function billingSuite(world: () => World, unanswered: () => Unanswered): void {
  const paid = async (as = world().callers.alice) => {
    const invoice = await newInvoice(world(), as, await newFlight(world()));
    const { payment } = await pay(world(), as, invoice);
    return { invoice, payment };
  };

  it('shows an invoice to its owner and the staff, and 304 to who has it', async () => {
    const { api, callers } = world();
    const invoice = await newInvoice(world(), callers.alice, await newFlight(world()));
    for (const [operation, path] of [
      ['getInvoice', { id: invoice.id }],
      ['getBookingInvoice', { id: invoice.booking_id }],
    ] as const) {
      for (const as of [callers.alice, callers.agent, callers.accountant]) {
        assert.deepEqual((await api.expect(operation, 200, { as, path })).body, invoice);
      }
      const read = await api.expect(operation, 200, { as: callers.alice, path });
      const etag = { 'If-None-Match': read.header('ETag') ?? '' };
      const since = { 'If-Modified-Since': read.header('Last-Modified') ?? '' };
      await api.expect(operation, 304, { as: callers.alice, path, headers: etag });
      await api.expect(operation, 304, { as: callers.alice, path, headers: since });
      const older = { 'If-Modified-Since': 'Thu, 01 Jan 2015 00:00:00 GMT' };
      await api.expect(operation, 200, { as: callers.alice, path, headers: older });
      await api.expect(operation, 200, {
        as: callers.alice,
        path,
        headers: { ...since, 'If-None-Match': '"x"' },
      });
      await api.expect(operation, 401, { path });
      for (const as of [callers.bob, callers.partner]) {
        const { text } = await api.expect(operation, 403, { as, path });
        assert.equal(text, '{"errors":[{"field":null,"msg":"This invoice belongs to another account."}]}');
      }
      for (const id of [NO_SUCH_ID, 'abc', '1'.repeat(19)]) {
        await api.expect(operation, 404, { as: callers.alice, path: { id } });
      }
    }
    assert.ok(typeof invoice.ledger_ref === 'bigint', `${invoice.ledger_ref} is below 2^53`);
  });

  it('lists invoices, and finds a reference beyond 2^53 exactly', async () => {
    const { api, callers } = world();
    const invoice = await newInvoice(world(), callers.alice, await newFlight(world()));
    const find = async (query: object) =>
      (await api.expect('listInvoices', 200, { as: callers.accountant, query })).body.map(({ id }) => id);
    assert.deepEqual(await find({ ledger_ref: invoice.ledger_ref }), [invoice.id]);
    for (const near of [invoice.ledger_ref - 1n, invoice.ledger_ref + 1n]) {
      assert.ok(!(await find({ ledger_ref: near })).includes(invoice.id));
    }
    const query = {
      status: 'OPEN',
      account_id: 1,
      booking_id: invoice.booking_id,
      ledger_ref: invoice.ledger_ref,
      issued_from: '2026-11-22',
      issued_to: '2030-01-01',
    };
    const answer = await api.expect('listInvoices', 200, { as: callers.accountant, query });
    assert.deepEqual(answer.body, [invoice]);
    const known = `status=OPEN&account_id=1&booking_id=${invoice.booking_id}&ledger_ref=${invoice.ledger_ref}&issued_from=2026-11-22&issued_to=2030-01-01`;
    const link = (rel: string) => `</api/v1/invoices?${known}&page=1&per_page=20>; rel="${rel}"`;
    assert.equal(answer.header('Link'), `${link('first')}, ${link('last')}`);
    const foreign = await api.expect('listInvoices', 200, { as: callers.bob, query });
    assert.deepEqual([foreign.text, foreign.header('Link')], ['[]', undefined]);
    const ids = await find({ per_page: 100 });
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => b - a),
    );
    await api.expect('listInvoices', 304, { as: callers.alice, headers: { 'If-None-Match': '*' } });
    await api.expect('listInvoices', 401);
    await api.expect('listInvoices', 403, { as: callers.agent });
    const bad = {
      issued_to: '2026-02-30',
      status: 'LOST',
      booking_id: 'x',
      ledger_ref: '1.5',
      issued_from: 'x',
    };
    const faults = await api.expect('listInvoices', 422, { as: callers.alice, query: bad });
    assert.deepEqual(fieldsOf(faults), ['status', 'booking_id', 'ledger_ref', 'issued_from', 'issued_to']);
  });

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
    const { invoice, payment } = await paid();
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
    const { payment } = await paid();
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

  it('prints equal bytes, whole or in ranges', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const { invoice } = await paid();
    const path = { id: invoice.id };
    const whole = await api.expect('getInvoicePdf', 200, { as, path });
    const bytes = whole.exchange.body;
    assert.equal(whole.header('Content-Disposition'), `inline; filename="${invoice.number}.pdf"`);
    assert.deepEqual(
      (await api.expect('getInvoicePdf', 200, { as: callers.accountant, path })).exchange.body,
      bytes,
    );
    const etag = whole.header('ETag') ?? '';
    const part = async (range: string, headers: Record<string, string> = {}) =>
      api.expect('getInvoicePdf', 206, { as, path, headers: { Range: range, ...headers } });
    const head = await part('bytes=0-9');
    assert.equal(head.header('Content-Range'), `bytes 0-9/${bytes.length}`);
    assert.deepEqual(head.exchange.body, bytes.subarray(0, 10));
    assert.deepEqual((await part('bytes=-7')).exchange.body, bytes.subarray(-7));
    assert.deepEqual((await part('bytes=5-', { 'If-Range': etag })).exchange.body, bytes.subarray(5));
    await part('bytes=0-0', { 'If-Range': whole.header('Last-Modified') ?? '' });
    const ignored: Record<string, string>[] = [
      { Range: 'bytes=0-1,4-5' },
      { Range: 'bytes=0-9', 'If-Range': '"other"' },
      { Range: 'lines=1-2' },
    ];
    for (const headers of ignored) {
      assert.deepEqual((await api.expect('getInvoicePdf', 200, { as, path, headers })).exchange.body, bytes);
    }
    const beyond = await api.expect('getInvoicePdf', 416, {
      as,
      path,
      headers: { Range: `bytes=${bytes.length}-` },
    });
    assert.equal(beyond.header('Content-Range'), `bytes */${bytes.length}`);
    await api.expect('getInvoicePdf', 304, {
      as,
      path,
      headers: { 'If-None-Match': etag, Range: 'bytes=0-9' },
    });
    await api.expect('getInvoicePdf', 304, {
      as,
      path,
      headers: { 'If-Modified-Since': whole.header('Last-Modified') ?? '' },
    });
    await api.expect('getInvoicePdf', 401, { path });
    await api.expect('getInvoicePdf', 403, { as: callers.bob, path });
    await api.expect('getInvoicePdf', 404, { as, path: { id: NO_SUCH_ID } });
  });

  it('exports with the number of rows and the hash of the bytes behind them', async () => {
    const { api, callers } = world();
    const as = callers.accountant;
    const { invoice } = await paid();
    const all = await api.expect('exportInvoices', 200, {
      as,
      query: { from: '2026-11-22', to: '2030-01-01' },
    });
    const open = await newInvoice(world(), callers.alice, await newFlight(world()));
    const settled = (await api.expect('getInvoice', 200, { as, path: { id: invoice.id } })).body;
    const rows = await api.expect('exportInvoices', 200, { as, query: { from: '2026-11-22' } });
    for (const each of [open, settled])
      assert.ok(rows.text.includes(`\r\n${csvRow(each)}\r\n`), csvRow(each));
    assert.equal(trailerOf(all.exchange, 'X-Row-Count'), String(all.text.split('\r\n').length - 2));
    const sha256 = createHash('sha256').update(all.exchange.body).digest('hex');
    assert.equal(trailerOf(all.exchange, 'X-Content-SHA256'), sha256);
    await api.expect('exportInvoices', 401);
    for (const other of [callers.alice, callers.agent, callers.partner]) {
      await api.expect('exportInvoices', 403, { as: other });
    }
    const bad = await api.expect('exportInvoices', 422, { as, query: { from: 'x', to: '2026-02-30' } });
    assert.deepEqual(fieldsOf(bad), ['from', 'to']);
  });

  it('draws up statements that add up', async () => {
    const { api, callers } = world();
    await paid();
    const cents = (money: string) => BigInt(money.replace('.', ''));
    const month = '2026-11';
    const own = (
      await api.expect('createStatement', 201, { as: callers.alice, json: { month, account_id: 2 } })
    ).body;
    assert.equal(own.account_id, 1);
    const sum = cents(own.opening_balance) + cents(own.invoiced) - cents(own.paid) + cents(own.refunded);
    assert.equal(cents(own.closing_balance), sum);
    const invoiced = own.lines
      .filter(({ kind }) => kind === 'INVOICE')
      .reduce((all, { amount }) => all + cents(amount), 0n);
    assert.equal(cents(own.invoiced), invoiced);
    const form = { month, account_id: '2' };
    assert.equal(
      (await api.expect('createStatement', 201, { as: callers.accountant, form })).body.account_id,
      2,
    );
  });

  it('refuses statements that are none', async () => {
    const { api, callers } = world();
    const as = callers.accountant;
    await api.expect('createStatement', 400, { as, body: NOT_JSON });
    await api.expect('createStatement', 401, { json: {} });
    await api.expect('createStatement', 403, { as: callers.agent, json: {} });
    await api.expect('createStatement', 413, { as, body: TOO_LARGE });
    await api.expect('createStatement', 415, { as, body: PLAIN_TEXT });
    assert.deepEqual(fieldsOf(await api.expect('createStatement', 422, { as, json: {} })), [
      'month',
      'account_id',
    ]);
    for (const month of ['2026-13', '2099-01', 'x']) {
      const answer = await api.expect('createStatement', 422, { as: callers.alice, json: { month } });
      assert.deepEqual(fieldsOf(answer), ['month']);
    }
    const unknown = { month: '2026-10', account_id: NO_SUCH_ID };
    const { body } = await api.expect('createStatement', 422, { as, json: unknown });
    assert.deepEqual(body.errors, [{ field: 'account_id', msg: 'No such account.' }]);
  });

  it('finds no invoice where a booking has none', async () => {
    const { api, callers, sql } = world();
    const as = callers.alice;
    const { id } = await newBooking(world(), as, await newFlight(world()));
    const [invoice] = await sql('SELECT id FROM invoices WHERE booking_id = $1', [id]);
    await sql('DELETE FROM invoice_lines WHERE invoice_id = $1', [invoice?.id]);
    await sql('DELETE FROM invoices WHERE id = $1', [invoice?.id]);
    const { body } = await api.expect('getBookingInvoice', 404, { as, path: { id } });
    assert.deepEqual(body.errors, [{ field: null, msg: 'No invoice for this booking.' }]);
  });

  it('leaves a payment pending whose outcome nobody knows, and takes no other meanwhile', async () => {
    const { api, callers } = world();
    const as = callers.bob;
    const path = { id: unanswered().invoiceId };
    const busy = await api.expect('payInvoice', 409, { as, path, json: card(CARDS.approved) });
    assert.deepEqual(busy.body.errors, [{ field: 'invoice', msg: 'A payment is in progress.' }]);
    const answer = await unanswered().answer;
    assert.equal(answer.header('Retry-After'), '10');
    const [payment] = (await api.expect('getInvoice', 200, { as, path })).body.payments;
    assert.equal(payment?.result, 'PENDING');
  });
}
