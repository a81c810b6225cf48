import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minorOf, moneyOf } from '@banyan/service-kit/money';
import fc from 'fast-check';
import { parseDecimal, toDecimal } from '../domain/money.ts';

test('an amount survives the wire and the acquirer, of either sign and beyond 2^53', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 17n) + 1n, 10n ** 17n - 1n), (minor) => {
      assert.equal(minorOf(moneyOf(minor, 'EUR')), minor);
      assert.equal(parseDecimal(toDecimal(minor)), minor);
    }),
  );
  assert.deepEqual(moneyOf(-150n, 'EUR'), { currencyCode: 'EUR', units: -1n, nanos: -500_000_000 });
  assert.equal(toDecimal(-5n), '-0.05');
});

test('what has more than two decimals, mixed signs or no room is no amount', () => {
  for (const [units, nanos] of [
    [1n, 1],
    [1n, -10_000_000],
    [-1n, 10_000_000],
    [0n, 1_000_000_000],
    [2n ** 63n - 1n, 0],
  ] as const) {
    assert.equal(minorOf({ units, nanos }), null);
  }
});
