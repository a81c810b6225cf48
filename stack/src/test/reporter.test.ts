import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import report from './reporter.ts';
import { THROUGH_MARK } from './totals.ts';

test('a test that is through is heard of at once, whatever file is told of next', async () => {
  const { promise: never } = Promise.withResolvers<void>();
  async function* events(): AsyncGenerator<TestEvent> {
    yield { type: 'test:complete', data: { name: 'a test', nesting: 1 } } as TestEvent;
    await never;
  }
  const first = await report(events()).next();
  assert.equal(first.value, `${THROUGH_MARK}\n`);
});
