import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;
type Described = {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly headers?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
};
type DescribedOperation = {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Described>>;
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
};
type Header = {
  readonly required?: boolean;
  readonly schema: { readonly type: string; readonly pattern?: string };
};

/** An operation of the admin API, by its document. */
export type ApiOperation = {
  readonly operationId: string;
  readonly method: string;
  /** With `{name}` for what varies. */
  readonly path: string;
  readonly statuses: readonly number[];
};

const METHODS = ['get', 'put', 'post'];
/** What every answer of the port may have, or must: the document says so in words. */
const EVERY_ANSWER = [
  'cache-control',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'date',
  'keep-alive',
  'referrer-policy',
  'transfer-encoding',
  'x-content-type-options',
];

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const document = parse(
  await readFile(fileURLToPath(import.meta.resolve('@banyan/openapi/admin.yaml')), 'utf8'),
  { maxAliasCount: -1 },
) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Schema };
};
ajv.addSchema({ ...document, $id: 'admin' });

export const API_OPERATIONS: readonly ApiOperation[] = Object.entries(document.paths).flatMap(
  ([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const { operationId, responses } = operation;
      return {
        operationId,
        method: method.toUpperCase(),
        path,
        statuses: Object.keys(responses).map(Number),
      };
    }),
);

/** The kinds of `Problem`. */
export const API_PROBLEMS: readonly string[] = (
  document.components.schemas.Problem as { readonly oneOf: readonly { readonly $ref: string }[] }
).oneOf.map(({ $ref }) => {
  const schema = resolve<{ readonly properties: { readonly type: { readonly const: string } } }>($ref);
  return schema.properties.type.const.replace('/problems/', '');
});

/** Fails unless the answer is what the document says of the operation: status, headers and body. */
export function assertDescribed(operationId: string, response: Response, body: string): void {
  const about = `${operationId} ${response.status}`;
  const described = find(operationId).responses[response.status];
  assert.ok(described, `${about} is not described: ${body.slice(0, 300)}`);
  const { content = {}, headers = {} } = described.$ref ? resolve<Described>(described.$ref) : described;
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const schema = content[type]?.schema;
  assert.ok(schema, `${about} is not described as ${type}`);
  const validate = compile(schema);
  assert.ok(
    validate(JSON.parse(body)),
    `${about}: ${ajv.errorsText(validate.errors)}\n${body.slice(0, 1_000)}`,
  );
  assert.equal(response.headers.get('cache-control'), 'no-store', about);
  assert.equal(JSON.parse(body).status ?? response.status, response.status);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const [name] of response.headers) {
    assert.ok(names.has(name) || EVERY_ANSWER.includes(name), `${about} has an undescribed ${name}`);
  }
  for (const [name, reference] of Object.entries(headers)) {
    const { required, schema: rule } = resolve<Header>(String(reference.$ref));
    const value = response.headers.get(name);
    assert.ok(value !== null || !required, `${about} lacks ${name}`);
    const typed = rule.type === 'integer' ? Number(value) : value;
    assert.ok(compile(rule)(typed), `${about}: ${name} is ${value}`);
  }
}

/** Whether the document says that the operation takes such a body. */
export function isDescribedRequest(operationId: string, body: unknown): boolean {
  const schema = find(operationId).requestBody?.content['application/json'].schema;
  return schema !== undefined && compile(schema)(body) === true;
}

function find(operationId: string): DescribedOperation {
  const all = Object.values(document.paths).flatMap((item) =>
    METHODS.flatMap((method) => item[method] ?? []),
  );
  const found = all.find((operation) => operation.operationId === operationId);
  assert.ok(found, `${operationId} is not described`);
  return found;
}

const compiled = new Map<string, ReturnType<typeof ajv.compile>>();

/** References are into the document, wherever the schema stands. */
function compile(schema: Schema): ReturnType<typeof ajv.compile> {
  const text = JSON.stringify(schema).replaceAll('"#/', '"admin#/');
  const known = compiled.get(text) ?? ajv.compile(JSON.parse(text));
  compiled.set(text, known);
  return known;
}

function resolve<T>(reference: string): T {
  const parts = reference.replace('#/', '').split('/');
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], document) as T;
}
