import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readOrigin, writeOrigin } from './origin.ts';

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'text/csv, "Ł"',
  cookie: 'session=secret',
  'x-api-key': 'secret',
  authorization: 'secret',
};
const REQUEST = {
  method: 'POST',
  target: '/a?b=%00\xff',
  headers: {
    get: (name: string) => HEADERS[name],
    values: () => [],
  },
};

it('a request is read as it was written, whatever its body, and without what shows who called', () => {
  for (const body of ['', '\n', '{"a":\n1}', '\0\xff'].map((text) => Buffer.from(text, 'latin1'))) {
    const written = writeOrigin(REQUEST, 'createStatement', body);
    assert.deepEqual(readOrigin(written), {
      operationId: 'createStatement',
      method: 'POST',
      target: REQUEST.target,
      headers: { accept: 'text/csv, "Ł"', 'content-type': 'application/json' },
      body,
    });
    assert.ok(!written.includes('secret'));
    // The same request twice is the same for an idempotency key.
    assert.deepEqual(writeOrigin(REQUEST, 'createStatement', body), written);
  }
});

it('what no gateway has written is no request', () => {
  for (const text of ['', '{}', '{}\n', 'null\n', '[\n', '{"operationId":"a","method":"GET","target":"/"}\n'])
    assert.equal(readOrigin(Buffer.from(text)), undefined, text);
});
