import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Contract, Schema } from './contract.ts';
import { withNumbers } from './exact-json.ts';

const COMPONENTS = '#/components/schemas/';
const SCHEMAS = 'contract:/schemas';

/** Validates values against schemas of the contract; gives the faults. */
export type SchemaCheck = (schema: Schema, value: unknown) => string[];

export function createSchemaCheck(contract: Contract): SchemaCheck {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  // Words of OpenAPI that say nothing about validity.
  ajv.addVocabulary(['example']);
  ajv.addSchema({ $id: SCHEMAS, $defs: absolute(contract.resolve(COMPONENTS)) as object });
  const compiled = new Map<Schema, ValidateFunction>();

  return (schema, value) => {
    let validate = compiled.get(schema);
    if (!validate) {
      validate = ajv.compile(absolute(schema) as object);
      compiled.set(schema, validate);
    }
    if (validate(withNumbers(value))) return [];
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
}

/** References within the document, seen from outside it; examples' big integers as the validator takes them. */
function absolute(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(absolute);
  if (typeof node !== 'object' || node === null) return typeof node === 'bigint' ? Number(node) : node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' ? (value as string).replace(COMPONENTS, `${SCHEMAS}#/$defs/`) : absolute(value),
    ]),
  );
}
