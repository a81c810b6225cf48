import type { operations } from '@banyan/openapi/generated/admin';
import { faultOf, type Read, type Rule, refuseFaults } from './members.ts';
import type { WriteRequest } from './write-request.ts';

/** What an operation of the admin API answers when it succeeds, as the API describes it. */
export type BodyOf<Id extends keyof operations> = operations[Id]['responses'] extends infer Responses
  ? Responses extends { 200: { content: { 'application/json': infer Body } } }
    ? Body
    : Responses extends { 201: { content: { 'application/json': infer Body } } }
      ? Body
      : never
  : never;

/** An answer that is not a problem. */
export type Answer<Body = unknown> = {
  /** Without it 200. */
  readonly status?: 200 | 201;
  readonly body: Body;
  /** Of the snapshot, for the ETag. */
  readonly version?: number;
  /** What the log says beside who did it. */
  readonly noted?: Readonly<Record<string, unknown>>;
};

export type ReadRequest = {
  readonly params: Readonly<Record<string, string>>;
  /** By name, as it was sent; each that the resource takes, at most once. */
  readonly query: Readonly<Record<string, unknown>>;
};

export type Reading<Body = unknown> = {
  /** The query parameters that it takes; others are refused. */
  readonly query?: Readonly<Record<string, Rule<unknown>>>;
  readonly answer: (request: ReadRequest) => Answer<Body> | Promise<Answer<Body>>;
};

export type Writing<Body = unknown> = (request: WriteRequest) => Promise<Answer<Body>>;

/** A path of the admin API, in Express's words, and what can be asked of it. */
export type Resource = {
  readonly path: string;
  readonly get?: Reading;
  readonly put?: Writing;
  readonly post?: Writing;
};

/** The value of an Allow field. */
export function allowedMethods({ get, put, post }: Resource): string {
  return [...(get ? ['GET', 'HEAD'] : []), ...(put ? ['PUT'] : []), ...(post ? ['POST'] : [])].join(', ');
}

/** Reads the query of a URL by its rules. Throws the refusal that names every fault. */
export function readQuery(
  url: string,
  rules: Readonly<Record<string, Rule<unknown>>>,
): Record<string, unknown> {
  const parameters = new URLSearchParams(url.slice(url.includes('?') ? url.indexOf('?') : url.length));
  const values: Record<string, unknown> = {};
  const faults = [...new Set(parameters.keys())].flatMap((name) => {
    const [text = '', ...others] = parameters.getAll(name);
    const read = readParameter(name, text, others.length > 0, rules);
    if ('faults' in read) return read.faults;
    values[name] = read.value;
    return [];
  });
  refuseFaults(faults);
  return values;
}

function readParameter(
  name: string,
  text: string,
  isRepeated: boolean,
  rules: Readonly<Record<string, Rule<unknown>>>,
): Read<unknown> {
  if (!Object.hasOwn(rules, name)) {
    const names = Object.keys(rules);
    const says =
      names.length === 0 ? 'is not taken: there are no parameters here' : `is none of ${names.join(', ')}`;
    return { faults: [faultOf(name, says, text)] };
  }
  if (isRepeated) return { faults: [faultOf(name, 'must be there once')] };
  return (rules[name] as Rule<unknown>)(text, name);
}

/** A whole number as a query has it. */
export function digits(min: number, max: number): Rule<number> {
  return (value, field) => {
    const number = Number(value);
    const isRight = /^\d{1,10}$/.test(String(value)) && number >= min && number <= max;
    if (isRight) return { value: number };
    return { faults: [faultOf(field, `must be a whole number from ${min} to ${max}`, value)] };
  };
}
