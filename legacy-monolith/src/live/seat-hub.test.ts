import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import type { ServerMessage } from './protocol.ts';
import type { FlightSeats } from './room.ts';
import type { SeatFeedListener } from './seat-feed.ts';
import { createSeatHub } from './seat-hub.ts';

const CABIN = { rows: 3, columns: 'AB' };

/** A hub whose database answers when the test says so. */
function openHub(overrides: { pickMs?: number } = {}) {
  const reads: PromiseWithResolvers<FlightSeats>[] = [];
  let listener: SeatFeedListener | undefined;
  let nowMs = 0;
  const hub = createSeatHub(
    {
      feed: {
        start: (given) => {
          listener = given;
        },
        stop: async () => {},
      },
      seatsOf: () => {
        const read = Promise.withResolvers<FlightSeats>();
        reads.push(read);
        return read.promise;
      },
      clock: () => new Date(nowMs),
      logger: pino({ level: 'silent' }),
    },
    { picksMax: 9, pickMs: overrides.pickMs ?? 600_000, sweepEveryMs: 5, rereadAfterMs: 5 },
  );
  hub.start();
  return {
    hub,
    reads,
    answer: async (index: number, taken: string[]) => {
      reads[index]?.resolve({ cabin: CABIN, taken });
      await turn();
    },
    change: (seat: string, op: 'taken' | 'freed', flightId = '7') =>
      listener?.onChange({ flightId, seat, op }),
    gap: async () => {
      listener?.onGap();
      await turn();
    },
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

async function enter(world: ReturnType<typeof openHub>): Promise<ServerMessage[]> {
  const seen: ServerMessage[] = [];
  const place = await world.hub.open('7');
  place.enter((message) => seen.push(message));
  return seen;
}

describe('the hub', () => {
  test('puts what changed while the seats were being read on top of what was read', async () => {
    const world = openHub();
    const entering = enter(world);
    world.change('1A', 'freed');
    world.change('2A', 'taken');
    world.change('2B', 'taken');
    world.change('2B', 'freed');
    world.change('3A', 'taken', '8');
    await world.answer(0, ['1A', '1B', '2B']);
    assert.deepEqual(await entering, [{ type: 'snapshot', taken: ['1B', '2A'], picked: [] }]);
    await world.hub.stop();
  });

  test('reads once for many who come at once, and again when the last has left', async () => {
    const world = openHub();
    const opening = [world.hub.open('7'), world.hub.open('7')];
    await world.answer(0, []);
    const places = await Promise.all(opening);
    assert.equal(world.reads.length, 1);
    for (const place of places) {
      place.leave();
      place.leave();
    }
    void world.hub.open('7');
    assert.equal(world.reads.length, 2);
    await world.hub.stop();
  });

  test('reads anew after a gap, and again when a gap falls into the reading', async () => {
    const world = openHub();
    const entering = enter(world);
    await world.gap();
    await world.answer(0, ['1A']);
    assert.equal(world.reads.length, 2, 'the first reading may have been before the gap');
    await world.answer(1, ['1B']);
    const seen = await entering;
    assert.deepEqual(seen, [{ type: 'snapshot', taken: ['1B'], picked: [] }]);

    await world.gap();
    world.change('3B', 'taken');
    await world.answer(2, ['2A']);
    assert.deepEqual(seen.slice(1), [
      { type: 'taken', seat: '3B' },
      { type: 'snapshot', taken: ['2A', '3B'], picked: [] },
    ]);
    await world.hub.stop();
  });

  test('goes on trying when the seats cannot be read after a gap', async () => {
    const world = openHub();
    const entering = enter(world);
    await world.answer(0, ['1A']);
    const seen = await entering;
    await world.gap();
    world.reads[1]?.reject(new Error('the database is away'));
    while (world.reads.length < 3) await turn();
    await world.answer(2, []);
    assert.deepEqual(seen.at(-1), { type: 'snapshot', taken: [], picked: [] });
    await world.hub.stop();
  });

  test('passes on why a room cannot be opened, and opens it the next time', async () => {
    const world = openHub();
    const opening = world.hub.open('7');
    world.reads[0]?.reject(new Error('no such flight'));
    await assert.rejects(opening, /no such flight/);
    const again = world.hub.open('7');
    await world.answer(1, []);
    (await again).leave();
    await world.hub.stop();
  });

  test('ends picks by the clock and lists those that stand', async () => {
    const world = openHub({ pickMs: 1000 });
    const opening = world.hub.open('7');
    await world.answer(0, []);
    const place = await opening;
    const seen: ServerMessage[] = [];
    place.enter((message) => seen.push(message));
    place.pick('2B');
    world.advance(999);
    place.pick('1A');
    assert.deepEqual(world.hub.pickedOn('7'), ['1A', '2B']);
    assert.deepEqual(world.hub.pickedOn('8'), []);
    world.advance(1);
    while (world.hub.pickedOn('7').length > 1) await turn();
    assert.deepEqual(seen.at(-1), { type: 'released', seat: '2B', by: 'you' });
    await world.hub.stop();
  });
});
