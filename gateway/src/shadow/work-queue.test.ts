import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRateLimit } from './rate-limit.ts';
import { createWorkQueue } from './work-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createHeldQueue(activeMax: number, waitingMax: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = createWorkQueue<string>({
    activeMax,
    waitingMax,
    run: (work) => {
      begun.push(work);
      return new Promise((resolve) => ends.set(work, resolve));
    },
  });
  return { queue, begun, end: (work: string) => ends.get(work)?.() };
}

describe('the queue of comparisons', () => {
  it('begins nothing within the turn in which it was handed in, and one at a turn', async () => {
    const { queue, begun } = createHeldQueue(2, 9);
    for (const work of ['a', 'b', 'c']) queue.push(work);
    await Promise.resolve();
    assert.deepEqual(begun, []);
    await turn();
    assert.deepEqual(begun, ['a']);
    await turn();
    assert.deepEqual(begun, ['a', 'b']);
    for (let i = 0; i < 5; i++) await turn();
    assert.deepEqual([begun.length, queue.active, queue.waiting], [2, 2, 1]);
  });

  it('refuses what is beyond its bound, and begins the next when one has ended', async () => {
    const { queue, begun, end } = createHeldQueue(1, 2);
    queue.push('a');
    await turn();
    assert.deepEqual(
      [queue.push('b'), queue.push('c'), queue.isFull, queue.push('d')],
      [true, true, true, false],
    );
    end('a');
    for (let i = 0; i < 3; i++) await turn();
    assert.deepEqual([begun, queue.isFull], [['a', 'b'], false]);
  });

  it('gives back what waits when it is closed, and waits for what is under way', async () => {
    const { queue, begun, end } = createHeldQueue(1, 9);
    for (const work of ['a', 'b']) queue.push(work);
    await turn();
    const { dropped, ended } = queue.close();
    assert.deepEqual([dropped, queue.push('c'), queue.isFull], [['b'], false, true]);
    let hasEnded = false;
    const waiting = ended.then(() => {
      hasEnded = true;
    });
    await turn();
    assert.equal(hasEnded, false);
    end('a');
    await waiting;
    assert.deepEqual(begun, ['a']);
  });
});

describe('how often the monolith is asked again', () => {
  it('is so many a second, saved up for one second', () => {
    let now = 0;
    const may = createRateLimit(2, () => now);
    assert.deepEqual([may(), may(), may()], [true, true, false]);
    now = 499;
    assert.equal(may(), false);
    now = 500;
    assert.deepEqual([may(), may()], [true, false]);
    now = 60_000;
    assert.deepEqual([may(), may(), may()], [true, true, false]);
  });
});
