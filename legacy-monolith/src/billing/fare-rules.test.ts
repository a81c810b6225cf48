import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refundableCents } from './fare-rules.ts';

test('FLEX gives all back, CLASSIC all but 50.00 a passenger and never less than nothing, SAVER nothing', () => {
  assert.equal(refundableCents('FLEX', 89_600n, 2), 89_600n);
  assert.equal(refundableCents('CLASSIC', 89_600n, 2), 79_600n);
  assert.equal(refundableCents('CLASSIC', 9_999n, 2), 0n);
  assert.equal(refundableCents('CLASSIC', 10_000n, 2), 0n);
  assert.equal(refundableCents('SAVER', 89_600n, 2), 0n);
});
