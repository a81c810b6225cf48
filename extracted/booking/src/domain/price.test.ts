import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FARE_CLASSES, priceOf } from './price.ts';

const NOBODY = { adults: 0, infants: 0 };

test('each passenger pays a percentage of the base fare, and tax comes on the sum', () => {
  const { lines, baseMinor, taxMinor, totalMinor } = priceOf(100_00n, 'FLEX', { adults: 2, infants: 1 });
  assert.deepEqual(lines, [
    { description: 'FLEX fare, adult', quantity: 2, unitMinor: 135_00n, amountMinor: 270_00n },
    { description: 'FLEX fare, infant', quantity: 1, unitMinor: 13_50n, amountMinor: 13_50n },
  ]);
  assert.deepEqual([baseMinor, taxMinor, totalMinor], [283_50n, 34_02n, 317_52n]);
});

test('half a unit rounds up, once', () => {
  assert.equal(priceOf(5n, 'SAVER', { ...NOBODY, infants: 1 }).baseMinor, 0n); // 0.4
  assert.equal(priceOf(63n, 'SAVER', { ...NOBODY, infants: 1 }).baseMinor, 5n); // 5.04
  assert.equal(priceOf(10n, 'FLEX', { ...NOBODY, adults: 1 }).baseMinor, 14n); // 13.5
  // 13.5 rounded to 14 would give 1.4 as well; 45 gives 60.75 → 6.075 → 6, of the rounded 61 6.1.
  assert.equal(priceOf(45n, 'FLEX', { ...NOBODY, infants: 1 }).baseMinor, 6n);
  assert.equal(priceOf(100n, 'CLASSIC', { ...NOBODY, adults: 1 }).taxMinor, 12n);
  assert.equal(priceOf(104n, 'CLASSIC', { ...NOBODY, adults: 1 }).taxMinor, 12n); // 12.48
  assert.equal(priceOf(121n, 'CLASSIC', { ...NOBODY, adults: 1 }).taxMinor, 15n); // 14.52
});

test('the lines make the net amount, and net and tax the total, whatever is booked', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10_000_000_00n }),
      fc.constantFrom(...FARE_CLASSES),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 4 }),
      (fare, fareClass, adults, infants) => {
        const price = priceOf(fare, fareClass, { adults, infants });
        assert.equal(
          price.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
          price.baseMinor,
        );
        assert.equal(price.baseMinor + price.taxMinor, price.totalMinor);
        assert.equal(price.lines.length, infants === 0 ? 1 : 2);
      },
    ),
  );
});
