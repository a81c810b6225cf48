import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FARE_CLASSES, priceOf } from './price.ts';

test('fares, infants and tax are rounded half up to cents', () => {
  assert.deepEqual(priceOf(41250n, 'CLASSIC', { adults: 1, infants: 0 }), {
    netCents: 41250n,
    taxCents: 4950n,
    totalCents: 46200n,
    lines: [{ description: 'CLASSIC fare, adult', quantity: 1, unitCents: 41250n, amountCents: 41250n }],
  });
  const party = priceOf(3333n, 'FLEX', { adults: 2, infants: 1 });
  assert.deepEqual(
    party.lines.map(({ unitCents }) => unitCents),
    // 33.33 × 1.35 = 44.9955; a tenth of it 4.49955.
    [4500n, 450n],
  );
  assert.equal(priceOf(5n, 'CLASSIC', { adults: 1, infants: 1 }).lines[1]?.unitCents, 1n);
  assert.equal(priceOf(10_003n, 'SAVER', { adults: 1, infants: 0 }).netCents, 8002n);
});

test('the total is always net and tax, the net always the sum of its lines', () => {
  const fare = fc.bigInt({ min: 1n, max: 10n ** 9n });
  const heads = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fare, fc.constantFrom(...FARE_CLASSES), heads, heads, (base, fareClass, adults, infants) => {
      const price = priceOf(base, fareClass, { adults, infants });
      assert.equal(price.totalCents, price.netCents + price.taxCents);
      assert.equal(
        price.netCents,
        price.lines.reduce((sum, line) => sum + line.amountCents, 0n),
      );
    }),
  );
});
