import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readIdempotencyKey } from './idempotency-key.ts';

const read = (...values: string[]) => readIdempotencyKey({ values: () => values });

it('a key is 1 to 255 visible ASCII characters, whatever they are', () => {
  for (const key of ['a', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '!~', 'a,b;c=d', 'x'.repeat(255)])
    assert.equal(read(key), key);
  assert.equal(read(), undefined);
});

it('anything else is no key, nor are two', () => {
  for (const text of ['', 'a b', 'a\tb', 'x'.repeat(256), 'schlüssel', 'a\u007f'])
    assert.equal(read(text), null, JSON.stringify(text));
  assert.equal(read('one', 'other'), null);
  assert.equal(read('one', 'one'), 'one');
});
