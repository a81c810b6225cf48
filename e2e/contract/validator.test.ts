import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadContract } from './contract.ts';
import { parseExactJson, writeExactJson } from './exact-json.ts';
import type { Exchange } from './exchange.ts';
import { keyOrderFaults } from './key-order.ts';
import { createSchemaCheck } from './schemas.ts';
import { createValidator } from './validator.ts';

const contract = loadContract();
const validate = createValidator(contract);

const COOKIE = 's%3Aabc_-123.Zm9v%2B';
const DATE = 'Sun, 22 Nov 2026 19:30:00 GMT';
const RENEWED = `MERIDIANSESSID=${COOKIE}; Path=/; Expires=Sun, 22 Nov 2026 20:00:00 GMT; HttpOnly; SameSite=Lax`;
const ETAG = 'W/"3c-2Gg1WYFrBrNSZX0O8Wl8RHVrVvM"';

type Headers = Record<string, string>;
type Change = {
  status?: number;
  headers?: Headers;
  without?: string[];
  text?: string;
  trailers?: Headers;
  method?: string;
};

/** A faultless answer as the monolith gives it to a logged-in customer, with something changed. */
function answer(text: string, base: Headers, change: Change): Exchange {
  const headers = {
    'X-Powered-By': 'Express',
    'Set-Cookie': RENEWED,
    ...base,
    Date: DATE,
    Connection: 'keep-alive',
    'Keep-Alive': 'timeout=5',
    ...change.headers,
  };
  const without = change.without ?? [];
  return {
    request: { method: change.method ?? 'GET', target: '/', sessionCookie: COOKIE },
    status: change.status ?? 200,
    headers: Object.entries(headers).filter(([name]) => !without.includes(name)),
    trailers: Object.entries(change.trailers ?? {}),
    body: Buffer.from(change.text ?? text),
  };
}

const json = (base: Headers = {}) => ({
  ETag: ETAG,
  'Content-Type': 'application/json; charset=utf-8',
  ...base,
});
const exampleText = (name: string) =>
  writeExactJson((contract.resolve(`#/components/examples/${name}`) as { value: unknown }).value);

const INVOICE = exampleText('PaidInvoice');
const LAST_MODIFIED = { 'Last-Modified': DATE };
const invoiceFaults = (change: Change = {}, facts = { session: true }) =>
  validate('getInvoice', answer(INVOICE, json(LAST_MODIFIED), change), facts);

const CSV = `id,reference,status,account_id,flight_number,from,to,departs_at,fare_class,passengers,total_amount,currency,created_at\r\n`;
const TRAILERS = { 'X-Row-Count': '0', 'X-Content-SHA256': 'a'.repeat(64) };
const exportFaults = (change: Change) =>
  validate(
    'exportBookings',
    answer(
      CSV,
      {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': 'attachment; filename="bookings.csv"',
        Trailer: 'X-Row-Count, X-Content-SHA256',
      },
      change,
    ),
    { session: true },
  );

const SEAT_EVENT =
  'retry: 3000\n\nid: 7\nevent: status\ndata: {"flight_id":17,"number":"MA101","status":"DELAYED","gate":null,' +
  '"departs_at":"2026-11-23 09:40:00","arrives_at":"2026-11-23 17:25:00","updated_at":"2026-11-22 19:30:00"}\n\n';
const streamFaults = (text: string) =>
  validate(
    'streamFlightStatus',
    answer(text, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }, {}),
    { session: true },
  );

function assertNames(faults: string[], expected: RegExp): void {
  assert.ok(
    faults.some((fault) => expected.test(fault)),
    `expected a fault like ${expected}, got ${JSON.stringify(faults)}`,
  );
}

describe('the validator lets pass what the contract says', () => {
  it('JSON, with a renewed session', () => assert.deepEqual(invoiceFaults(), []));
  it('JSON for a key, without Set-Cookie', () =>
    assert.deepEqual(invoiceFaults({ without: ['Set-Cookie'] }, { session: false }), []));
  it('HEAD', () => assert.deepEqual(invoiceFaults({ method: 'HEAD', text: '' }), []));
  it('304', () => assert.deepEqual(invoiceFaults({ status: 304, text: '', without: ['Content-Type'] }), []));
  it('CSV with trailers', () => assert.deepEqual(exportFaults({ trailers: TRAILERS }), []));
  it('an event stream', () => assert.deepEqual(streamFaults(`${SEAT_EVENT}: keep-alive\n\n`), []));
});

describe('the validator names what the contract does not say', () => {
  const planted: [title: string, expected: RegExp, faults: () => string[]][] = [
    ['a status', /status 418 is not documented/, () => invoiceFaults({ status: 418 })],
    ['a header', /header X-Banyan is not documented/, () => invoiceFaults({ headers: { 'X-Banyan': '1' } })],
    [
      'a header documented elsewhere only',
      /header Link is not documented/,
      () => invoiceFaults({ headers: { Link: '<a>; rel="first"' } }),
    ],
    [
      'a missing header',
      /header Last-Modified is missing/,
      () => invoiceFaults({ without: ['Last-Modified'] }),
    ],
    ['a malformed header', /header ETag: "1"/, () => invoiceFaults({ headers: { ETag: '"1"' } })],
    [
      "a header's other case",
      /header ETag comes as etag/,
      () => invoiceFaults({ headers: { etag: ETAG }, without: ['ETag'] }),
    ],
    ['no X-Powered-By', /X-Powered-By/, () => invoiceFaults({ without: ['X-Powered-By'] })],
    [
      'a session not renewed',
      /header Set-Cookie is missing/,
      () => invoiceFaults({ without: ['Set-Cookie'] }),
    ],
    [
      'a session renewed for nobody',
      /header Set-Cookie must not be here/,
      () => invoiceFaults({}, { session: false }),
    ],
    [
      'another session id',
      /changes the session id/,
      () => invoiceFaults({ headers: { 'Set-Cookie': RENEWED.replace('abc', 'xyz') } }),
    ],
    [
      'an expiry that does not roll',
      /not 30 minutes after/,
      () => invoiceFaults({ headers: { 'Set-Cookie': RENEWED.replace('20:00', '19:50') } }),
    ],
    [
      'a cookie without HttpOnly',
      /header Set-Cookie/,
      () => invoiceFaults({ headers: { 'Set-Cookie': RENEWED.replace('; HttpOnly', '') } }),
    ],
    [
      'another content type',
      /Content-Type text\/html.* is not documented/,
      () => invoiceFaults({ headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
    ],
    [
      'no charset',
      /Content-Type is application\/json$/,
      () => invoiceFaults({ headers: { 'Content-Type': 'application/json' } }),
    ],
    [
      'an extra key',
      /additional properties/,
      () => invoiceFaults({ text: INVOICE.replace('{"id"', '{"internal":1,"id"') }),
    ],
    [
      'a missing key',
      /required property 'tax'/,
      () => invoiceFaults({ text: INVOICE.replace('"tax":"49.50",', '') }),
    ],
    [
      'another key order',
      /\$: keys come as/,
      () =>
        invoiceFaults({
          text: INVOICE.replace('"net":"412.50","tax":"49.50"', '"tax":"49.50","net":"412.50"'),
        }),
    ],
    [
      'another key order deep inside',
      /\$\.lines\[0\]: keys come as/,
      () =>
        invoiceFaults({
          text: INVOICE.replace(
            '"unit_amount":"412.50","amount":"412.50"',
            '"amount":"412.50","unit_amount":"412.50"',
          ),
        }),
    ],
    [
      'money as a fraction',
      /412\.50 is no integer/,
      () => invoiceFaults({ text: INVOICE.replace('"net":"412.50"', '"net":412.50') }),
    ],
    [
      'money without cents',
      /\/net must match pattern/,
      () => invoiceFaults({ text: INVOICE.replace('"net":"412.50"', '"net":"412.5"') }),
    ],
    [
      'a big integer in a string',
      /\/ledger_ref must be integer/,
      () => invoiceFaults({ text: INVOICE.replace(/"ledger_ref":(\d+)/, '"ledger_ref":"$1"') }),
    ],
    [
      'the time format of the other context',
      /\/issued_at must match pattern/,
      () => invoiceFaults({ text: INVOICE.replace('2026-11-22T19:30:00.000Z', '2026-11-22 19:30:00') }),
    ],
    [
      'a key given twice',
      /not written plainly/,
      () => invoiceFaults({ text: INVOICE.replace('"id":43', '"id":43,"id":43') }),
    ],
    ['white space', /not written plainly/, () => invoiceFaults({ text: INVOICE.replace('{"id"', '{ "id"') })],
    [
      'a body on a 304',
      /a body is not documented/,
      () => invoiceFaults({ status: 304, text: 'x', without: ['Content-Type'] }),
    ],
    ['a body on HEAD', /HEAD has a body/, () => invoiceFaults({ method: 'HEAD' })],
    [
      'a missing trailer',
      /trailer X-Content-SHA256 is missing/,
      () => exportFaults({ trailers: { 'X-Row-Count': '0' } }),
    ],
    [
      'another trailer',
      /trailer X-More is not/,
      () => exportFaults({ trailers: { ...TRAILERS, 'X-More': '1' } }),
    ],
    ['Trailer on HEAD', /Trailer must not be/, () => exportFaults({ method: 'HEAD', text: '' })],
    ['another CSV heading', /must match pattern/, () => exportFaults({ text: 'id\r\n', trailers: TRAILERS })],
    ['another event', /must match pattern/, () => streamFaults(SEAT_EVENT.replace('status', 'gate'))],
    ['a key more in an event', /additional prop/, () => streamFaults(SEAT_EVENT.replace('{', '{"x":1,'))],
  ];
  for (const [title, expected, faults] of planted) it(title, () => assertNames(faults(), expected));
});

describe('the contract', () => {
  const check = createSchemaCheck(contract);

  it('has examples that its own schemas and key orders let pass', () => {
    let count = 0;
    for (const operation of contract.operations.values()) {
      for (const response of operation.responses.values()) {
        for (const { schema, value } of response.examples) {
          assert.deepEqual(check(schema, value), [], operation.id);
          assert.deepEqual(keyOrderFaults(contract, schema, value), [], operation.id);
          count += 1;
        }
      }
    }
    assert.ok(count > 100, `only ${count} examples were found`);
  });

  it('requires every key of every object that it answers', () => {
    const schemas = contract.resolve('#/components/schemas') as Record<string, Record<string, unknown>>;
    const strict = Object.entries(schemas).filter(([, schema]) => schema.additionalProperties === false);
    assert.ok(strict.length >= 20);
    for (const [name, schema] of strict) {
      assert.deepEqual(schema.required, Object.keys(schema.properties as object), name);
    }
  });

  it('says of every operation who may call it, in which order it checks, and where it belongs', () => {
    for (const operation of contract.operations.values()) {
      assert.ok(operation.roles.length > 0, operation.id);
      assert.match(operation.context, /^(session|flights|booking|billing|profile)$/, operation.id);
      assert.match(operation.kind, /^(read|write)$/, operation.id);
      for (const status of operation.checks) {
        assert.ok(
          operation.responses.has(status),
          `${operation.id} checks ${status} but does not document it`,
        );
      }
      assert.equal(operation.checks.includes(401), !operation.isPublic, operation.id);
    }
  });
});

describe('integers', () => {
  it('are read and written exactly beyond 2^53', () => {
    const text = '{"ledger_ref":9007199254742993,"id":7}';
    assert.deepEqual(parseExactJson(text), { ledger_ref: 9007199254742993n, id: 7 });
    assert.equal(writeExactJson(parseExactJson(text)), text);
  });
});
