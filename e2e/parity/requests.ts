import fc from 'fast-check';
import { loadContract, type Operation, type Schema } from '../contract/contract.ts';

/**
 * Requests as the contract describes them, and as it does not: for every operation of the two contexts its
 * parameters, headers and bodies by their schemas, mostly as they should be, at times at a limit or nonsense.
 */
export type GeneratedRequest = {
  readonly operation: string;
  readonly method: string;
  /** With `{booking}`, `{invoice}`, `{payment}`: to be filled in by what the worlds hold then. */
  readonly target: string;
  readonly as: string | undefined;
  readonly headers: readonly string[];
  readonly body: GeneratedBody | undefined;
};

export type GeneratedBody = { readonly type: string; readonly text: string };

type Node = Readonly<Record<string, unknown>>;

const contract = loadContract();
const CALLERS = ['alice', 'bob', 'agent', 'accountant', 'partner', 'skyways'] as const;
/** Those that keep the acquirer waiting are for the written steps. */
const CARDS = ['4242424242424242', '4000000000000002', '4242424242424241', '5555 5555 5555 4444'];

function mostly<Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>, weight: number) {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

const IDS = ['0', '1', '7', '999999999', '9'.repeat(18), '9'.repeat(19), 'x', '-1', '%20'];
const RARE = fc.constantFrom<unknown>(
  null,
  '',
  0,
  -1,
  1.5,
  true,
  [],
  {},
  ' ',
  'x',
  2 ** 53,
  'ü😀',
  'a\u0000b',
);
const text = (least: number, most: number): fc.Arbitrary<string> =>
  mostly(
    fc.string({ minLength: least, maxLength: Math.min(most, 12), unit: 'grapheme' }),
    fc.constantFrom('é'.repeat(most), '😀'.repeat(most + 1), 'a\nb', ' '),
    30,
  );

/** By name where a schema does not say what makes a request go further than its first check. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  flight_id: fc.constantFrom(
    '{flight}',
    '{flight}',
    '{flight}',
    '{tinyFlight}',
    '{dearFlight}',
    '{closingFlight}',
  ),
  account_id: fc.constantFrom(1, '2', 5, 1, 2, 999_999_999, 'x'),
  amount: fc.constantFrom('', null, '10.00', '0.01', '100', 'x'),
  infant: fc.constantFrom('N', 'N', 'N', null, 'Y'),
  booking_id: fc.constantFrom('{booking}', '1', 'x'),
  contact_email: fc.constantFrom('a@b.example', 'ü@bücher.example', 'a@b', 'a@b.example', 'c@d', 'no'),
  card_number: fc.constantFrom(...CARDS),
  expiry: fc.constantFrom('12/39', '12/39', '10/26', '13/30'),
  cvc: fc.constantFrom('123', '1234', '12'),
  month: fc.constantFrom('2026-11', '2026-10', '2026-12', 'May'),
  seat: fc
    .record({ row: fc.integer({ min: 1, max: 31 }), column: fc.constantFrom(...'ABCDEFFK') })
    .map(({ row, column }) => `${row}${column}`),
  ledger_ref: fc.constantFrom('9007199254740993', '9223372036854775807', '9223372036854775808', '1e3'),
};

/** What every sequence begins with, so that there is something to change, to pay and to cancel. */
export const PRELUDE: readonly GeneratedRequest[] = [
  {
    operation: 'createBooking',
    method: 'POST',
    target: '/api/v1/bookings',
    as: 'alice',
    headers: [],
    body: {
      type: 'application/json',
      text: JSON.stringify({
        flight_id: '{flight}',
        passengers: [
          { first_name: 'A', last_name: 'B' },
          { first_name: 'C', last_name: 'D' },
        ],
        contact_email: 'a@b',
      }),
    },
  },
  {
    operation: 'getBookingInvoice',
    method: 'GET',
    target: '/api/v1/bookings/{booking}/invoice',
    as: 'alice',
    headers: [],
    body: undefined,
  },
];

export function generatedRequest(): fc.Arbitrary<GeneratedRequest> {
  const operations = [...contract.operations.values()].filter(({ context }) =>
    ['booking', 'billing'].includes(context),
  );
  return fc.oneof(
    ...operations.map((each) => ({ weight: each.kind === 'write' ? 3 : 1, arbitrary: requestOf(each) })),
  );
}

function requestOf(operation: Operation): fc.Arbitrary<GeneratedRequest> {
  const node = nodeOf(operation);
  const parameters = [...list(pathNode(operation).parameters), ...list(node.parameters)].map(follow);
  const ofKind = (kind: string) => parameters.filter((each) => each.in === kind);
  const allowed = operation.roles.flatMap(callersOf);
  return fc
    .record({
      isHead: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0 && operation.method === 'GET'),
      id: fc.oneof(
        { weight: 8, arbitrary: fc.constant(`{${idNameOf(operation.path)}}`) },
        { weight: 1, arbitrary: fc.constantFrom(...IDS) },
      ),
      as: mostly(fc.constantFrom(...allowed), fc.constantFrom(...CALLERS, undefined), 8),
      query: fc.record(
        Object.fromEntries(ofKind('query').map((each) => [each.name as string, parameterValue(each)])),
        { requiredKeys: [] },
      ),
      headers: fc.record(
        Object.fromEntries(ofKind('header').map((each) => [each.name as string, headerOf(each)])),
        { requiredKeys: [] },
      ),
      body: bodyOf(node),
    })
    .map(({ isHead, id, as, query, headers, body }) => ({
      operation: operation.id,
      method: isHead ? 'HEAD' : operation.method,
      target: operation.path.replace('{id}', id) + queryText(query),
      as,
      headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      body,
    }));
}

const ACCOUNTS: Readonly<Record<string, readonly string[]>> = {
  customer: ['alice', 'alice', 'alice', 'bob'],
  agent: ['agent', 'agent'],
  accountant: ['accountant', 'accountant'],
  partner: ['partner', 'skyways'],
};
const callersOf = (role: string): readonly string[] => ACCOUNTS[role] ?? [];

const idNameOf = (path: string): string => /\/(booking|invoice|payment)s\//.exec(path)?.[1] ?? 'booking';

function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(([name, value]) => {
    const text = String(value);
    return `${name}=${/^\{\w+\}$/.test(text) ? text : encodeURIComponent(text.toWellFormed())}`;
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'If-None-Match': ['*', '"x"', 'W/"x"', '{etag}', '"x", {etag}'],
  'If-Match': ['*', '"x"', '{etag}', '"1-1"', 'W/{etag}', '"a",{etag}'],
  'If-Modified-Since': ['Sun, 01 Nov 2026 00:00:00 GMT', 'Sun, 22 Nov 2026 12:59:00 GMT', 'x'],
  'If-Range': ['"x"', 'Sun, 01 Nov 2026 00:00:00 GMT'],
  Range: ['bytes=0-9', 'bytes=-5', 'bytes=99999999-', 'bytes=5-2', 'bytes=0-1,3-4'],
  'X-Form-Id': ['f.1', 'f.1', 'f.2', 'f.2', 'f.3', 'f.4', 'a b', 'x'.repeat(65)],
};

function headerOf(parameter: Node): fc.Arbitrary<string> {
  return fc.constantFrom(...(HEADERS[parameter.name as string] ?? ['x']));
}

function parameterValue(parameter: Node): fc.Arbitrary<unknown> {
  const name = parameter.name as string;
  const usual = BY_NAME[name] ?? arbitraryOf(parameter.schema as Schema);
  return mostly(usual, fc.constantFrom('', 'x', '0', '-1'), 12);
}

function bodyOf(node: Node): fc.Arbitrary<GeneratedBody | undefined> {
  const content = (node.requestBody as Node | undefined)?.content as Record<string, Node> | undefined;
  if (content === undefined) return fc.constant(undefined);
  const bodies = Object.entries(content).map(([type, media]) =>
    arbitraryOf(media.schema as Schema).map((value) => ({ type, text: write(type, value) })),
  );
  const odd = fc.constantFrom(
    { type: 'application/json', text: '{' },
    { type: 'application/json', text: '[]' },
    { type: 'text/plain', text: 'x' },
  );
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...bodies) }, { weight: 1, arbitrary: odd });
}

function write(type: string, value: unknown): string {
  if (type === 'application/json') return JSON.stringify(value);
  const fields = Object.entries(value as Record<string, unknown>).map(([name, each]) => [
    name,
    String(each ?? ''),
  ]);
  return new URLSearchParams(fields as [string, string][]).toString();
}

/** A value of a schema. Optional fields come and go; now and then a value is none of the schema. */
function arbitraryOf(given: Schema, name = ''): fc.Arbitrary<unknown> {
  const schema = follow(given);
  const usual = BY_NAME[name] ?? usualOf(schema);
  return mostly(usual, RARE, 80);
}

function usualOf(schema: Node): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  for (const union of [schema.anyOf, schema.oneOf]) {
    if (Array.isArray(union)) return fc.oneof(...union.map((each) => usualOf(follow(each))));
  }
  if (Array.isArray(schema.allOf)) return usualOf(Object.assign({}, ...schema.allOf.map(follow)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...types.map((type) => ofType(String(type), schema)));
}

function ofType(type: string, schema: Node): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(arbitraryOf(schema.items as Schema), { minLength: 1, maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.integer({ min: Number(schema.minimum ?? 0), max: Number(schema.maximum ?? 40) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return textOf(schema);
  }
}

function textOf(schema: Node): fc.Arbitrary<unknown> {
  if (typeof schema.pattern === 'string')
    return fc.stringMatching(new RegExp(schema.pattern), { size: 'small' });
  if (schema.format === 'date') return fc.constantFrom('2026-11-21', '2026-11-22', '2026-02-30');
  return text(Number(schema.minLength ?? 1), Number(schema.maxLength ?? 40));
}

function objectOf(schema: Node): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = (schema.required ?? []) as string[];
  const withPassengers = properties.some(([name]) => name === 'id');
  return fc
    .record(
      Object.fromEntries(
        properties.map(([name, each]) => [
          name,
          name === 'id' && withPassengers
            ? fc.constantFrom('{adult}', '{adult}', '{infant}', 1)
            : arbitraryOf(each, name),
        ]),
      ),
      { requiredKeys: required },
    )
    .chain((value) =>
      // At times one that is required is missing.
      fc.integer({ min: 0, max: 100 }).map((roll) => {
        const left = required[roll];
        return left === undefined
          ? value
          : Object.fromEntries(Object.entries(value).filter(([name]) => name !== left));
      }),
    );
}

function follow(node: unknown): Node {
  let current = node as Node;
  while (typeof current.$ref === 'string') current = contract.resolve(current.$ref) as Node;
  return current;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function pathNode({ path }: Operation): Node {
  return (contract.document.paths as Record<string, Node>)[path] as Node;
}

function nodeOf(operation: Operation): Node {
  return pathNode(operation)[operation.method.toLowerCase()] as Node;
}
