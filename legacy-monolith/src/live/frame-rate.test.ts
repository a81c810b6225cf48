import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameMeter } from './frame-rate.ts';

test('a burst passes at once, then frames pass at the rate, and a clock set back gives nothing', () => {
  const passes = createFrameMeter({ burst: 3, perSecond: 10 });
  const outcomes = [0, 0, 0, 0, 50, 100, 100, 0, 100].map((ms) => passes(1_000_000 + ms));
  assert.deepEqual(outcomes, [true, true, true, false, false, true, false, false, true]);
  assert.deepEqual(
    [10_000, 10_000, 10_000, 10_000].map((ms) => passes(1_000_000 + ms)),
    [true, true, true, false],
  );
});
