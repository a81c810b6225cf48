import assert from 'node:assert/strict';
import { it } from 'node:test';
import { measureDecisions } from './support/decision-cost.ts';

// Against each other and by the best of the rounds, so that a busy machine is no failure; the figure itself is the
// benchmark's (`npm run bench -- --decision`).
it('a decision costs about as much among 500 operations as among 20, and leaves nothing behind', () => {
  const world = { rounds: 20, decisionsPerRound: 20_000 };
  const few = measureDecisions({ ...world, operations: 20 });
  const many = measureDecisions({ ...world, operations: 500 });
  const ratio = Math.min(...many.nanosecondsOfRounds) / Math.min(...few.nanosecondsOfRounds);
  assert.ok(ratio < 6, `${ratio.toFixed(1)} times as much`);
  assert.ok(many.heapBytesPerDecision < 1, `${many.heapBytesPerDecision.toFixed(2)} bytes kept of each`);
});
