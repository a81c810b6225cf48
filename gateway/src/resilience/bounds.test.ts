import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBulkhead } from './bulkhead.ts';
import { createDeadline } from './deadline.ts';
import { createRetryBudget } from './retry-budget.ts';

describe('a bulkhead', () => {
  it('lets so many in, queues so many, and refuses the rest', () => {
    const bulkhead = createBulkhead({ activeMax: 1, waitingMax: 2 });
    const granted: string[] = [];
    const waiter = (name: string) => ({ grant: () => granted.push(name) });
    assert.equal(bulkhead.tryEnter(), true);
    assert.equal(bulkhead.tryEnter(), false);
    const [first, second] = [waiter('first'), waiter('second')];
    assert.deepEqual(
      [bulkhead.wait(first), bulkhead.wait(second), bulkhead.wait(waiter('third'))],
      [true, true, false],
    );
    bulkhead.withdraw(first);
    bulkhead.leave();
    assert.deepEqual(granted, ['second']);
    assert.deepEqual([bulkhead.active, bulkhead.waiting], [1, 0]);
    bulkhead.leave();
    assert.equal(bulkhead.active, 0);
  });
});

describe('a retry budget', () => {
  it('is spent, and earned again a fraction at a time', () => {
    const budget = createRetryBudget(0.5, 2);
    assert.deepEqual([budget.trySpend(), budget.trySpend(), budget.trySpend()], [true, true, false]);
    budget.onFirstTry();
    assert.equal(budget.trySpend(), false);
    budget.onFirstTry();
    assert.equal(budget.trySpend(), true);
    for (let i = 0; i < 100; i += 1) budget.onFirstTry();
    assert.deepEqual([budget.trySpend(), budget.trySpend(), budget.trySpend()], [true, true, false]);
  });
});

describe('a deadline', () => {
  it('passes once, unless it is stopped, and counts anew when it is restarted', () => {
    let nowMs = 100;
    const timers: { at: number; run: () => void }[] = [];
    const schedule = (afterMs: number, run: () => void) => {
      const timer = { at: nowMs + afterMs, run };
      timers.push(timer);
      return () => {
        timers.splice(timers.indexOf(timer), 1);
      };
    };
    const passed: number[] = [];
    const deadline = createDeadline(
      () => nowMs,
      schedule,
      50,
      () => passed.push(nowMs),
    );
    assert.equal(deadline.atMs, 150);
    deadline.stop();
    assert.deepEqual([deadline.atMs, timers.length], [Number.POSITIVE_INFINITY, 0]);
    nowMs = 200;
    deadline.restart(50);
    assert.deepEqual([deadline.atMs, timers.length], [250, 1]);
    nowMs = 250;
    timers[0]?.run();
    assert.deepEqual(passed, [250]);
  });
});
