import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromCents, parseCents, percentOf, toCents } from './money.ts';

test('every amount of cents survives the way through its decimal', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (cents) => {
      assert.equal(toCents(fromCents(cents)), cents);
      assert.match(fromCents(cents), /^-?(0|[1-9]\d*)\.\d{2}$/);
    }),
  );
});

test('a client’s amount may leave decimals out, and nothing else', () => {
  assert.deepEqual(['12', '12.5', '12.50', '-0.01'].map(parseCents), [1200n, 1250n, 1250n, -1n]);
  for (const text of ['', '.5', '1.', '1.234', '1e3', ' 1', '1,5', '+1', 'NaN', '9'.repeat(16)]) {
    assert.equal(parseCents(text), null, text);
  }
});

test('a percentage is rounded half up to whole cents', () => {
  assert.equal(percentOf(10050n, 12n), 1206n);
  assert.equal(percentOf(1n, 50n), 1n);
  assert.equal(percentOf(1n, 49n), 0n);
  assert.equal(percentOf(-1n, 50n), -1n);
});
