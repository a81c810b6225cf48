import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minorOf, moneyOf } from './money.ts';

const MINOR_MAX = 2n ** 63n - 1n;

test('an amount leads to its message and back, whatever its size and sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MINOR_MAX, max: MINOR_MAX }), (minor) => {
      assert.equal(minorOf(moneyOf(minor, 'EUR')), minor);
    }),
  );
  assert.deepEqual(moneyOf(-1_05n, 'EUR'), { currencyCode: 'EUR', units: -1n, nanos: -50_000_000 });
});

test('what a column cannot hold is no amount', () => {
  for (const sign of [1n, -1n]) {
    assert.equal(minorOf(moneyOf(sign * MINOR_MAX, 'EUR')), sign * MINOR_MAX);
    assert.equal(minorOf(moneyOf(sign * (MINOR_MAX + 1n), 'EUR')), null);
  }
});

test('what is no amount of the smallest unit is none', () => {
  assert.equal(minorOf({ units: 1n, nanos: 1 }), null);
  assert.equal(minorOf({ units: 1n, nanos: -10_000_000 }), null);
  assert.equal(minorOf({ units: -1n, nanos: 10_000_000 }), null);
  assert.equal(minorOf({ units: 0n, nanos: 1_000_000_000 }), null);
  assert.equal(minorOf({ units: 0n, nanos: -990_000_000 }), -99n);
});
