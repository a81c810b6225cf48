import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerChoice } from './options.ts';
import { ownerRuns } from './owner-runs.ts';

const shown = (names: string[], choice: OwnerChoice) =>
  ownerRuns(names, choice).map(({ name, projects, journeys }) => [name, projects.length, journeys.length]);

test('all journeys where nobody and where everybody owns, one on each mixture, and the overrides', () => {
  assert.deepEqual(shown(['a', 'b'], 'some'), [
    ['none', 2, 0],
    ['a', 1, 1],
    ['b', 1, 1],
    ['a-b', 1, 0],
    ['overrides', 1, 0],
  ]);
  assert.deepEqual(
    shown(['a', 'b'], 'every').map(([, , journeys]) => journeys),
    [0, 0, 0, 0, 0],
  );
});

test('with one carve-out there is no mixture, with none the monolith alone', () => {
  assert.deepEqual(shown(['a'], 'some'), [
    ['none', 2, 0],
    ['a', 1, 0],
    ['overrides', 1, 0],
  ]);
  assert.deepEqual(shown([], 'some'), [['none', 2, 0]]);
});

test('for somebody who asks for none, the monolith alone', () => {
  assert.deepEqual(shown(['a', 'b'], 'none'), [['none', 2, 0]]);
});
