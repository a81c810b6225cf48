import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The contract as the tests ask it: operations by id, response parts with their references followed. */

export type Schema = Readonly<Record<string, unknown>>;

export type HeaderSpec = {
  readonly required: boolean;
  /** `session`, `items` or `body`: present exactly then. Without it an optional header may come or not. */
  readonly when: string | undefined;
  readonly schema: Schema;
};

export type ResponseSpec = {
  /** By name as written in the contract. */
  readonly headers: ReadonlyMap<string, HeaderSpec>;
  /** By media type; empty when the response has no body. */
  readonly content: ReadonlyMap<string, Schema>;
  readonly trailers: ReadonlyMap<string, Schema>;
  readonly examples: readonly { readonly schema: Schema; readonly value: unknown }[];
};

export type Operation = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly roles: readonly string[];
  readonly checks: readonly number[];
  readonly context: string;
  readonly kind: string;
  readonly responses: ReadonlyMap<number, ResponseSpec>;
};

export type Contract = {
  readonly document: Readonly<Record<string, unknown>>;
  readonly operations: ReadonlyMap<string, Operation>;
  operation(id: string): Operation;
  resolve(reference: string): unknown;
};

type Node = Record<string, unknown>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const LEGACY = new URL('../../openapi/legacy.yaml', import.meta.url);

export function loadContract(file: URL = LEGACY): Contract {
  return parseContract(readFileSync(file, 'utf8'));
}

export function parseContract(yaml: string): Contract {
  // A reference beyond 2^53 in an example must not be rounded on its way in.
  const document = parse(yaml, { intAsBigInt: true, maxAliasCount: 1000 }) as Node;
  narrowIntegers(document);

  const resolve = (reference: string): unknown => {
    let node: unknown = document;
    for (const part of reference.replace(/^#\/|\/$/g, '').split('/')) {
      node = (node as Node | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    if (node === undefined) throw new Error(`the contract has no ${reference}`);
    return node;
  };
  const follow = (node: unknown): Node => {
    let current = node as Node;
    while (typeof current.$ref === 'string') current = resolve(current.$ref) as Node;
    return current;
  };

  const readResponse = (node: unknown): ResponseSpec => {
    const response = follow(node);
    const content = new Map<string, Schema>();
    const examples: { schema: Schema; value: unknown }[] = [];
    for (const [type, media] of entriesOf(response.content)) {
      const schema = media.schema as Schema;
      content.set(type, schema);
      if (media.example !== undefined) examples.push({ schema, value: media.example });
      for (const [, example] of entriesOf(media.examples))
        examples.push({ schema, value: follow(example).value });
    }
    const headers = new Map<string, HeaderSpec>();
    for (const [name, reference] of entriesOf(response.headers)) {
      const header = follow(reference);
      headers.set(name, {
        required: header.required === true,
        when: header['x-when'] as string | undefined,
        schema: header.schema as Schema,
      });
    }
    const trailers = new Map<string, Schema>();
    for (const [name, trailer] of entriesOf(response['x-trailers']))
      trailers.set(name, trailer.schema as Schema);
    return { headers, content, trailers, examples };
  };

  const operations = new Map<string, Operation>();
  for (const [path, item] of entriesOf(document.paths)) {
    for (const method of METHODS) {
      const node = item[method] as Node | undefined;
      if (!node) continue;
      const responses = entriesOf(node.responses).map(
        ([status, response]) => [Number(status), readResponse(response)] as const,
      );
      const id = node.operationId as string;
      operations.set(id, {
        id,
        method: method.toUpperCase(),
        path,
        isPublic: Array.isArray(node.security) && node.security.length === 0,
        roles: node['x-roles'] as string[],
        checks: node['x-checks'] as number[],
        context: node['x-context'] as string,
        kind: node['x-kind'] as string,
        responses: new Map(responses),
      });
    }
  }

  return {
    document,
    operations,
    resolve,
    operation(id) {
      const operation = operations.get(id);
      if (!operation) throw new Error(`the contract has no operation ${id}`);
      return operation;
    },
  };
}

function entriesOf(node: unknown): [string, Node][] {
  return Object.entries((node ?? {}) as Record<string, Node>);
}

/** Integers a number can hold become numbers again; schema keywords and statuses are such. */
function narrowIntegers(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'bigint') {
      const isKeyword = key === 'minimum' || key === 'maximum';
      if (isKeyword || Number.isSafeInteger(Number(value))) (node as Node)[key] = Number(value);
    } else {
      narrowIntegers(value);
    }
  }
}
