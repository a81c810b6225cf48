import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextId } from './sequences.ts';

test('the next id is above all that were given, odd for the monolith and even for the service', () => {
  assert.deepEqual(
    [0n, 1n, 2n, 9_007_199_254_740_993n].map((used) => [nextId(used, 'monolith'), nextId(used, 'service')]),
    [
      [1n, 2n],
      [3n, 2n],
      [3n, 4n],
      [9_007_199_254_740_995n, 9_007_199_254_740_994n],
    ],
  );
});
