import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const document = parse(
  await readFile(fileURLToPath(import.meta.resolve('@banyan/openapi/bff.yaml')), 'utf8'),
);
ajv.addSchema({ ...document, $id: 'bff' });
const validators = {
  Job: ajv.compile({ $ref: 'bff#/components/schemas/Job' }),
  Problem: ajv.compile({ $ref: 'bff#/components/schemas/Problem' }),
};

const A_JOB = /^\/bff\/jobs\/[^/]+$/;

/** Fails where a job or a problem is not what bff.yaml says of it. Other answers pass. */
export async function assertDescribed(path: string, response: Response): Promise<void> {
  const type = response.headers.get('content-type');
  const isJob = type === 'application/json' && (response.status === 202 || A_JOB.test(path)) && response.ok;
  const name = type === 'application/problem+json' ? 'Problem' : isJob ? 'Job' : undefined;
  const text = name === undefined ? '' : await response.clone().text();
  if (name === undefined || text === '') return;
  const validate = validators[name];
  assert.ok(validate(JSON.parse(text)), `${path}: ${ajv.errorsText(validate.errors)}\n${text}`);
}
