import assert from 'node:assert/strict';
import type { operations } from '@banyan/openapi/generated/legacy';
import type { Contract } from './contract.ts';
import { parseExactJson } from './exact-json.ts';
import { describeExchange, type Exchange, headerOf } from './exchange.ts';
import type { RawClient } from './raw-client.ts';
import type { Validator } from './validator.ts';

export type OperationId = keyof operations;

/** Whose credentials a request carries, and whether they are a session that is alive. */
export type Caller = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly session: boolean;
};

export const ANONYMOUS: Caller = { name: 'nobody', headers: {}, session: false };

type Parameters<Op extends OperationId, In extends 'path' | 'query'> =
  NonNullable<operations[Op]['parameters'][In]> extends infer Known
    ? { readonly [Name in keyof Known]?: string | number | bigint }
    : never;

/** A request of an operation. Values are loose on purpose: most requests of a contract test are wrong ones. */
export type ApiRequest<Op extends OperationId = OperationId> = {
  readonly as?: Caller;
  readonly path?: Parameters<Op, 'path'>;
  /** A string goes out as it stands, keys given twice included. */
  readonly query?: Parameters<Op, 'query'> | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>> | string;
  readonly body?: { readonly type: string | null; readonly bytes: string | Buffer };
  readonly method?: 'HEAD';
  readonly enough?: (text: string) => boolean;
};

type Documented<Op extends OperationId> = operations[Op]['responses'];
type JsonOf<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : undefined;

export type Answer<Body = unknown> = {
  readonly exchange: Exchange;
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  header(name: string): string | undefined;
};

export type Api = {
  /** Sends a request of an operation; the answer is held to the contract and counts as observed. */
  send<Op extends OperationId>(id: Op, request?: ApiRequest<Op>): Promise<Answer>;
  /** As `send`, and the status must be this one; `body` has its type. */
  expect<Op extends OperationId, Status extends keyof Documented<Op> & number>(
    id: Op,
    status: Status,
    request?: ApiRequest<Op>,
  ): Promise<Answer<JsonOf<Documented<Op>[Status]>>>;
  /** The request's parts, for what goes beside the contract. */
  render(
    id: OperationId,
    request: ApiRequest,
  ): { method: string; target: string; headers: Record<string, string> };
  /** `operation status` of every answer that was seen. */
  readonly observed: ReadonlySet<string>;
};

export function createApi(contract: Contract, validate: Validator, client: RawClient): Api {
  const observed = new Set<string>();

  const render = (id: OperationId, request: ApiRequest) => {
    const operation = contract.operation(id);
    const values = (request.path ?? {}) as Record<string, string | number>;
    const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name];
      assert.ok(value !== undefined, `${id} needs ${name}`);
      return String(value);
    });
    const query = typeof request.query === 'string' ? request.query : queryOf(request.query ?? {});
    const type = contentTypeOf(request);
    return {
      method: request.method ?? operation.method,
      target: query === '' ? path : `${path}?${query}`,
      headers: {
        ...(request.as ?? ANONYMOUS).headers,
        ...(type === null ? {} : { 'Content-Type': type }),
        ...request.headers,
      },
    };
  };

  const send = async (id: OperationId, request: ApiRequest = {}): Promise<Answer> => {
    const exchange = await client.send({
      ...render(id, request),
      body: bodyOf(request),
      enough: request.enough,
    });
    const faults = validate(id, exchange, { session: request.as?.session ?? false });
    assert.deepEqual(faults, [], `${id}: ${describeExchange(exchange)}`);
    observed.add(`${id} ${exchange.status}`);
    return answerOf(exchange);
  };

  return {
    send: send as Api['send'],
    expect: (async (id: OperationId, status: number, request: ApiRequest) => {
      const answer = await send(id, request);
      assert.equal(answer.status, status, `${id}: ${describeExchange(answer.exchange)}`);
      return answer;
    }) as Api['expect'],
    render,
    observed,
  };
}

function answerOf(exchange: Exchange): Answer {
  const text = exchange.body.toString('utf8');
  const isJson = headerOf(exchange, 'Content-Type')?.startsWith('application/json') && text !== '';
  return {
    exchange,
    status: exchange.status,
    body: isJson ? parseExactJson(text) : undefined,
    text,
    header: (name) => headerOf(exchange, name),
  };
}

function queryOf(query: object): string {
  return new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
}

function contentTypeOf({ json, form, body }: ApiRequest): string | null {
  if (body) return body.type;
  if (form !== undefined) return 'application/x-www-form-urlencoded';
  return json === undefined ? null : 'application/json';
}

function bodyOf({ json, form, body }: ApiRequest): string | Buffer | undefined {
  if (body) return body.bytes;
  if (form !== undefined) return typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return json === undefined ? undefined : JSON.stringify(json);
}
