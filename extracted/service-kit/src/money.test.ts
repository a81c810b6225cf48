import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minorOf, moneyOf } from './money.ts';

test('an amount leads to its message and back, whatever its size and sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (minor) => {
      assert.equal(minorOf(moneyOf(minor, 'EUR')), minor);
    }),
  );
  assert.deepEqual(moneyOf(-1_05n, 'EUR'), { currencyCode: 'EUR', units: -1n, nanos: -50_000_000 });
});

test('what is no amount of the smallest unit is none', () => {
  assert.equal(minorOf({ units: 1n, nanos: 1 }), null);
  assert.equal(minorOf({ units: 1n, nanos: -10_000_000 }), null);
  assert.equal(minorOf({ units: -1n, nanos: 10_000_000 }), null);
  assert.equal(minorOf({ units: 0n, nanos: 1_000_000_000 }), null);
  assert.equal(minorOf({ units: 0n, nanos: -990_000_000 }), -99n);
});
