import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Request } from 'express';
import { parseForm, readFields } from './body.ts';
import { Refusal } from './refusal.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const MB = 1024 * 1024;

function requestOf(chunks: Iterable<Buffer>, headers: Record<string, string>): Request {
  return Object.assign(Readable.from(chunks), { headers }) as unknown as Request;
}

test('a body that is too large is read off without being kept', async () => {
  let keptMb = Number.POSITIVE_INFINITY;
  function* chunks(): Generator<Buffer> {
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 50; sent += 1) yield Buffer.alloc(MB, 'x');
    collectGarbage();
    keptMb = (process.memoryUsage().arrayBuffers - before) / MB;
  }
  const req = requestOf(chunks(), { 'content-type': 'application/x-www-form-urlencoded' });
  await assert.rejects(readFields(req), (error) => error instanceof Refusal && error.kind === 'too_large');
  assert.ok(keptMb < 25, `${keptMb} MB were kept`);
});

test('a body without an end is not read for ever', async () => {
  let sentMb = 0;
  function* chunks(): Generator<Buffer> {
    for (;;) {
      sentMb += 1;
      yield Buffer.alloc(MB, 'x');
    }
  }
  const req = requestOf(chunks(), { 'content-type': 'application/json' });
  await assert.rejects(readFields(req), (error) => error instanceof Refusal && error.kind === 'too_large');
  assert.ok(sentMb < 100);
});

test('of a name that a form gives twice the last counts, and no name is special', () => {
  const values = parseForm('a=1&a=2&__proto__=x&b=%C3%A9+%zz');
  assert.deepEqual({ ...values }, { a: '2', b: 'é %zz', ['__proto__']: 'x' });
  assert.equal(Object.getPrototypeOf(values), null);
});
