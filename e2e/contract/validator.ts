import type { Contract, HeaderSpec, ResponseSpec, Schema } from './contract.ts';
import { parseExactJson, writeExactJson } from './exact-json.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { keyOrderFaults } from './key-order.ts';
import { createSchemaCheck, type SchemaCheck } from './schemas.ts';

/** What the caller knows and the answer does not say. */
export type Facts = {
  /** Whether the request's session is valid, so that the answer must renew it. */
  readonly session: boolean;
};

/** All ways in which an answer differs from what the contract says of its operation; none when it holds. */
export type Validator = (operationId: string, exchange: Exchange, facts: Facts) => string[];

/** Framing and the framework's own; everything else must be documented with its response. */
const TRANSPORT_HEADERS = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'content-type',
  'x-powered-by',
]);

const SESSION_LIFE_MS = 1_800_000;
const CLOCK_TOLERANCE_MS = 5_000;

export function createValidator(contract: Contract): Validator {
  const check = createSchemaCheck(contract);
  return (operationId, exchange, facts) => {
    const operation = contract.operation(operationId);
    const response = operation.responses.get(exchange.status);
    if (!response) return [`status ${exchange.status} is not documented`];
    return [
      ...headerFaults(check, response, exchange, facts),
      ...bodyFaults(contract, check, response, exchange),
      ...trailerFaults(check, response, exchange),
    ];
  };
}

function headerFaults(
  check: SchemaCheck,
  response: ResponseSpec,
  exchange: Exchange,
  facts: Facts,
): string[] {
  const faults: string[] = [];
  const documented = new Map([...response.headers.keys()].map((name) => [name.toLowerCase(), name]));
  const seen = new Set<string>();
  for (const [name] of exchange.headers) {
    const key = name.toLowerCase();
    if (seen.has(key)) faults.push(`header ${name} comes twice`);
    seen.add(key);
    const written = documented.get(key);
    if (written === undefined && !TRANSPORT_HEADERS.has(key)) faults.push(`header ${name} is not documented`);
    if (written !== undefined && written !== name) faults.push(`header ${written} comes as ${name}`);
  }
  if (headerOf(exchange, 'X-Powered-By') !== 'Express') faults.push('X-Powered-By is not Express');
  if (headerOf(exchange, 'Date') === undefined) faults.push('header Date is missing');

  for (const [name, spec] of response.headers) {
    const value = headerOf(exchange, name);
    const presence = expectedPresence(spec, exchange, facts);
    if (value === undefined) {
      if (presence === 'required') faults.push(`header ${name} is missing`);
      continue;
    }
    if (presence === 'absent') faults.push(`header ${name} must not be here: ${value}`);
    for (const fault of check(spec.schema, value)) faults.push(`header ${name}: ${value}: ${fault}`);
    if (spec.when === 'session') faults.push(...renewalFaults(value, exchange));
  }
  return faults;
}

function expectedPresence(
  spec: HeaderSpec,
  exchange: Exchange,
  facts: Facts,
): 'required' | 'optional' | 'absent' {
  const exactly = (present: boolean) => (present ? 'required' : 'absent');
  switch (spec.when) {
    case 'session':
      return exactly(facts.session);
    case 'items':
      return exactly(headerOf(exchange, 'X-Total-Count') !== '0');
    case 'body':
      return exactly(exchange.request.method !== 'HEAD');
    case undefined:
      return spec.required ? 'required' : 'optional';
    default:
      throw new Error(`x-when: ${spec.when} is not known`);
  }
}

/** Renewed is the same id with an expiry of half an hour from the answer's own date. */
function renewalFaults(cookie: string, exchange: Exchange): string[] {
  const faults: string[] = [];
  const value = /^MERIDIANSESSID=([^;]*)/.exec(cookie)?.[1];
  if (value !== exchange.request.sessionCookie) faults.push('Set-Cookie changes the session id');
  const expires = Date.parse(/Expires=([^;]*)/.exec(cookie)?.[1] ?? '');
  const answeredAt = Date.parse(headerOf(exchange, 'Date') ?? '');
  if (!(Math.abs(expires - answeredAt - SESSION_LIFE_MS) <= CLOCK_TOLERANCE_MS)) {
    faults.push(`Set-Cookie expires ${cookie}, which is not 30 minutes after the answer`);
  }
  return faults;
}

function bodyFaults(
  contract: Contract,
  check: SchemaCheck,
  response: ResponseSpec,
  exchange: Exchange,
): string[] {
  const contentType = headerOf(exchange, 'Content-Type');
  if (response.content.size === 0) {
    const faults = contentType === undefined ? [] : [`a body is not documented: ${contentType}`];
    return exchange.body.length === 0 ? faults : [...faults, 'a body is not documented'];
  }
  const type = contentType?.split(';')[0] ?? '';
  const schema = response.content.get(type);
  if (!schema) return [`Content-Type ${contentType} is not documented`];
  const faults = contentType === expectedContentType(type) ? [] : [`Content-Type is ${contentType}`];
  if (exchange.request.method === 'HEAD') {
    return exchange.body.length === 0 ? faults : [...faults, 'HEAD has a body'];
  }
  return [...faults, ...contentFaults(contract, check, type, schema, exchange.body)];
}

/** Textual types say their charset, but for event streams. */
function expectedContentType(type: string): string {
  const isText = type.startsWith('text/') || type === 'application/json';
  return isText && type !== 'text/event-stream' ? `${type}; charset=utf-8` : type;
}

function contentFaults(
  contract: Contract,
  check: SchemaCheck,
  type: string,
  schema: Schema,
  body: Buffer,
): string[] {
  const inBody = (fault: string) => `body: ${fault}`;
  if (type === 'application/json') {
    return jsonFaults(contract, check, schema, body.toString('utf8')).map(inBody);
  }
  const text = body.toString(type.startsWith('text/') ? 'utf8' : 'latin1');
  const faults = check(schema, text);
  if (type === 'text/event-stream') {
    const data = { $ref: '#/components/schemas/FlightStatus' };
    for (const [, json] of text.matchAll(/^data: (.*)$/gm)) {
      faults.push(...jsonFaults(contract, check, data, json as string));
    }
  }
  return faults.map(inBody);
}

function jsonFaults(contract: Contract, check: SchemaCheck, schema: Schema, text: string): string[] {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    return [`${(error as Error).message}: ${text.slice(0, 200)}`];
  }
  const faults = [...check(schema, value), ...keyOrderFaults(contract, schema, value)];
  // White space, escapes that need not be, keys given twice: the text says more than the value.
  if (writeExactJson(value) !== text) faults.push(`not written plainly: ${text.slice(0, 200)}`);
  return faults;
}

function trailerFaults(check: SchemaCheck, response: ResponseSpec, exchange: Exchange): string[] {
  const faults: string[] = [];
  for (const [name] of exchange.trailers) {
    if (!response.trailers.has(name)) faults.push(`trailer ${name} is not documented`);
  }
  if (exchange.request.method === 'HEAD') return faults;
  for (const [name, schema] of response.trailers) {
    const value = headerOf({ headers: exchange.trailers }, name);
    if (value === undefined) faults.push(`trailer ${name} is missing`);
    else faults.push(...check(schema, value).map((fault) => `trailer ${name}: ${fault}`));
  }
  return faults;
}
