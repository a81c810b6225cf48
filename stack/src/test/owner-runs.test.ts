import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownerRuns } from './owner-runs.ts';

const shown = (names: string[], isEvery: boolean) =>
  ownerRuns(names, isEvery).map(({ owners, projects, journeys }) => [
    owners.join('+'),
    projects.length,
    journeys.length,
  ]);

test('all journeys where nobody and where everybody owns, one on each mixture', () => {
  assert.deepEqual(shown(['a', 'b'], false), [
    ['', 0, 0],
    ['a', 1, 1],
    ['b', 1, 1],
    ['a+b', 1, 0],
  ]);
  assert.deepEqual(
    shown(['a', 'b'], true).map(([, , journeys]) => journeys),
    [0, 0, 0, 0],
  );
});

test('with one carve-out there is no mixture, with none the monolith alone', () => {
  assert.deepEqual(shown(['a'], false), [
    ['', 0, 0],
    ['a', 1, 0],
  ]);
  assert.deepEqual(shown([], false), [['', 0, 0]]);
});
