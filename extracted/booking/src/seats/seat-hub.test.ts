import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeatChange } from '../storage/port.ts';
import { createSeatHub } from './seat-hub.ts';

type Tell = (change: SeatChange | null) => void;

async function follow(hub: ReturnType<typeof createSeatHub>): Promise<Tell> {
  let tell: Tell = () => assert.fail('nobody follows');
  await hub.follow({
    followSeats(onChange) {
      tell = onChange;
      return { stop: async () => {} };
    },
  });
  return (change) => tell(change);
}

const change = (row: number): SeatChange => ({ flightId: 7n, seat: `${row}A`, taken: true });

function watch(hub: ReturnType<typeof createSeatHub>) {
  const leaving = new AbortController();
  const iterator = hub.watch(leaving.signal)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), leave: () => leaving.abort() };
}

test('a watch begins when the following has, and gives in one batch what came since the last', async () => {
  const hub = createSeatHub();
  const tell = await follow(hub);
  const early = watch(hub);
  const begun = early.next();
  tell(change(1)); // Of before the beginning: whoever watches reads the list after it.
  tell(null);
  assert.deepEqual(await begun, { done: false, value: [] });
  tell(change(2));
  tell(change(3));
  assert.deepEqual((await early.next()).value, [change(2), change(3)]);
  const pending = early.next();
  early.leave();
  assert.equal((await pending).done, true);
  assert.equal(hub.watchers(), 0);
});

test('who does not keep up is cut, and alone', async () => {
  const hub = createSeatHub({ waitingMax: 3 });
  const tell = await follow(hub);
  tell(null);
  const [slow, quick] = [watch(hub), watch(hub)];
  await Promise.all([slow.next(), quick.next()]);
  for (let row = 1; row <= 4; row += 1) {
    tell(change(row));
    assert.deepEqual((await quick.next()).value, [change(row)]);
  }
  await assert.rejects(slow.next(), { reason: 'WATCHER_TOO_SLOW' });
  assert.equal(hub.watchers(), 1);
});

test('all are cut when changes may have been missed, or the seats are elsewhere', async () => {
  const hub = createSeatHub();
  const tell = await follow(hub);
  tell(null);
  const first = watch(hub);
  await first.next();
  tell(null);
  await assert.rejects(first.next(), { reason: 'WATCH_INTERRUPTED' });
  const second = watch(hub);
  await second.next();
  await hub.follow(null);
  tell(change(1)); // The former feed has nothing to say any more.
  await assert.rejects(second.next(), { reason: 'WATCH_INTERRUPTED' });
});
