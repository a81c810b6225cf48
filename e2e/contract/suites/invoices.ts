import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import type { Invoice } from '@banyan/openapi/generated/legacy';
import { trailerOf } from '../exchange.ts';
import {
  NO_SUCH_ID,
  NOT_JSON,
  newBooking,
  newFlight,
  newInvoice,
  PLAIN_TEXT,
  paidInvoice,
  TOO_LARGE,
} from '../fixtures.ts';
import type { World } from '../world.ts';
import { fieldsOf } from './billing-faults.ts';

const csvRow = (invoice: Invoice): string =>
  [
    ...[invoice.id, invoice.number, invoice.booking_id, invoice.account_id, invoice.status, invoice.currency],
    ...[invoice.net, invoice.tax, invoice.total, invoice.paid, invoice.refunded, invoice.ledger_ref],
    ...[invoice.issued_at, invoice.paid_at],
  ].join();

export function invoicesSuite(world: () => World): void {
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

  it('prints equal bytes, whole or in ranges', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const { invoice } = await paidInvoice(world());
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
    const { invoice } = await paidInvoice(world());
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
    await paidInvoice(world());
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
}
