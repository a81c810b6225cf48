import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReleaseStack } from './release-stack.ts';

test('releases run backwards, all of them, and what they throw is gathered', async () => {
  const order: string[] = [];
  const stack = createReleaseStack();
  for (const name of ['one', 'two', 'three']) {
    stack.push(name, async () => {
      order.push(name);
      if (name !== 'one') throw new Error(name);
    });
  }
  await assert.rejects(
    stack.unwind(),
    (error) => error instanceof AggregateError && error.errors.length === 2,
  );
  assert.deepEqual(order, ['three', 'two', 'one']);
  await stack.unwind();
  assert.equal(order.length, 3);
});
