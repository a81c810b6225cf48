import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ServerMessage } from './protocol.ts';
import { createRoom, type Delivery, type Room } from './room.ts';

const LIMITS = { picksMax: 9, pickMs: 600_000 };
const CABIN = { rows: 30, columns: 'ABCDEF' };

function openRoom(...sockets: string[]): Room {
  const room = createRoom({ cabin: CABIN, taken: ['10C', '2A'] }, LIMITS);
  for (const socket of sockets) room.enter(socket);
  return room;
}

const sentTo = (socket: string, deliveries: Delivery[]): ServerMessage[] =>
  deliveries.filter(({ to }) => to === socket).map(({ message }) => message);

describe('a room', () => {
  test('greets with a snapshot in the order of the cabin, saying whose the picks are', () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12B', 0);
    room.pick('ben', '3F', 0);
    room.leave('ben');
    room.enter('ben');
    room.pick('ben', '3F', 0);
    assert.deepEqual(room.enter('cleo'), [
      {
        to: 'cleo',
        message: {
          type: 'snapshot',
          taken: ['2A', '10C'],
          picked: [
            { seat: '3F', by: 'other' },
            { seat: '12B', by: 'other' },
          ],
        },
      },
    ]);
    assert.deepEqual(room.picked(), ['3F', '12B']);
  });

  test("shows a pick to everybody, as one's own to the picker alone", () => {
    const room = openRoom('ann', 'ben');
    assert.deepEqual(room.pick('ann', '12A', 0), [
      { to: 'ann', message: { type: 'picked', seat: '12A', by: 'you' } },
      { to: 'ben', message: { type: 'picked', seat: '12A', by: 'other' } },
    ]);
    assert.deepEqual(room.release('ann', '12A'), [
      { to: 'ann', message: { type: 'released', seat: '12A', by: 'you' } },
      { to: 'ben', message: { type: 'released', seat: '12A', by: 'other' } },
    ]);
  });

  test('refuses a seat that is taken, picked, not on board, or one too many; to the asker alone', () => {
    const room = openRoom('ann', 'ben');
    const refusedAs = (seat: string) =>
      room.pick('ann', seat, 0).map(({ to, message }) => [to, 'reason' in message && message.reason]);
    room.pick('ben', '5A', 0);
    assert.deepEqual(refusedAs('2A'), [['ann', 'taken']]);
    assert.deepEqual(refusedAs('5A'), [['ann', 'picked']]);
    for (const seat of ['31A', '0A', '1G', 'A1', '01A', '', '1a', '100A']) {
      assert.deepEqual(refusedAs(seat), [['ann', 'no_such_seat']], seat);
    }
    for (let row = 11; row < 20; row += 1) room.pick('ann', `${row}A`, 0);
    assert.deepEqual(refusedAs('20A'), [['ann', 'too_many']]);
    room.release('ann', '11A');
    assert.equal(room.pick('ann', '20A', 0).length, 2);
  });

  test("nobody releases another one's pick", () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12A', 0);
    assert.deepEqual(room.release('ben', '12A'), []);
    assert.deepEqual(room.picked(), ['12A']);
  });

  test('a pick ends after its time, unless it is renewed, and renewing is no news to the others', () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12A', 0);
    room.pick('ann', '12B', 0);
    assert.deepEqual(room.pick('ann', '12B', 1), [
      { to: 'ann', message: { type: 'picked', seat: '12B', by: 'you' } },
    ]);
    assert.deepEqual(room.expire(LIMITS.pickMs - 1), []);
    assert.deepEqual(sentTo('ben', room.expire(LIMITS.pickMs)), [
      { type: 'released', seat: '12A', by: 'other' },
    ]);
    assert.deepEqual(room.picked(), ['12B']);
  });

  test('a socket that leaves takes its picks with it', () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12A', 0);
    assert.deepEqual(room.leave('ann'), [
      { to: 'ben', message: { type: 'released', seat: '12A', by: 'other' } },
    ]);
    assert.deepEqual(room.pick('ann', '12A', 0), []);
    room.leave('ben');
    assert.equal(room.isEmpty, true);
  });

  test('a booking ends the pick of its seat, and is told once', () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12A', 0);
    assert.deepEqual(room.take('12A'), [
      { to: 'ann', message: { type: 'taken', seat: '12A' } },
      { to: 'ben', message: { type: 'taken', seat: '12A' } },
    ]);
    assert.deepEqual(room.take('12A'), []);
    assert.deepEqual(room.picked(), []);
    assert.equal(room.free('12A').length, 2);
    assert.deepEqual(room.free('12A'), []);
  });

  test('a reset shows everybody the seats anew and keeps the picks that can stand', () => {
    const room = openRoom('ann', 'ben');
    room.pick('ann', '12A', 0);
    room.pick('ann', '12B', 0);
    const deliveries = room.reset({ cabin: CABIN, taken: ['12A'] });
    assert.deepEqual(sentTo('ben', deliveries), [
      { type: 'snapshot', taken: ['12A'], picked: [{ seat: '12B', by: 'other' }] },
    ]);
    assert.equal(deliveries.length, 2);
  });
});

/** What a page does with the protocol: the map that a client has in its head. */
function createViewer() {
  const taken = new Set<string>();
  const picked = new Map<string, string>();
  return {
    see(message: ServerMessage) {
      if (message.type === 'snapshot') {
        taken.clear();
        picked.clear();
        for (const seat of message.taken) taken.add(seat);
        for (const { seat, by } of message.picked) picked.set(seat, by);
      } else if (message.type === 'picked') picked.set(message.seat, message.by);
      else if (message.type === 'released') picked.delete(message.seat);
      else if (message.type === 'freed') taken.delete(message.seat);
      else if (message.type === 'taken') {
        taken.add(message.seat);
        picked.delete(message.seat);
      }
    },
    view: () => ({ taken: [...taken].sort(), picked: [...picked].sort() }),
  };
}

test('whatever happens, every viewer that only follows messages sees what a newcomer is told', () => {
  const socket = fc.constantFrom('ann', 'ben', 'cleo');
  const seat = fc.constantFrom('1A', '1B', '2A', '2B', '3A', '9Z');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), socket }),
    fc.record({ kind: fc.constant('leave' as const), socket }),
    fc.record({ kind: fc.constant('pick' as const), socket, seat }),
    fc.record({ kind: fc.constant('release' as const), socket, seat }),
    fc.record({ kind: fc.constantFrom('take' as const, 'free' as const), seat }),
    fc.record({ kind: fc.constant('reset' as const), taken: fc.uniqueArray(seat, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12 }) }),
  );
  const limits = { picksMax: 2, pickMs: 10 };
  const cabin = { rows: 3, columns: 'AB' };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = createRoom({ cabin, taken: ['3A'] }, limits);
      const viewers = new Map<string, ReturnType<typeof createViewer>>();
      let nowMs = 0;
      for (const action of steps) {
        const deliveries = ((): Delivery[] => {
          switch (action.kind) {
            case 'enter':
              if (viewers.has(action.socket)) return [];
              viewers.set(action.socket, createViewer());
              return room.enter(action.socket);
            case 'leave':
              viewers.delete(action.socket);
              return room.leave(action.socket);
            case 'pick':
              return room.pick(action.socket, action.seat, nowMs);
            case 'release':
              return room.release(action.socket, action.seat);
            case 'take':
              return room.take(action.seat);
            case 'free':
              return room.free(action.seat);
            case 'reset':
              return room.reset({ cabin, taken: action.taken });
            case 'wait':
              nowMs += action.ms;
              return room.expire(nowMs);
          }
        })();
        for (const { to, message } of deliveries) {
          const viewer = viewers.get(to);
          assert.ok(viewer, 'nothing is sent to a socket that is not in the room');
          viewer.see(message);
        }
        const views = [...viewers].map(([name, viewer]) => ({ name, ...viewer.view() }));
        const fresh = createViewer();
        for (const { message } of room.enter('newcomer')) fresh.see(message);
        room.leave('newcomer');
        const truth = fresh.view();
        for (const view of views) {
          assert.deepEqual(view.taken, truth.taken);
          assert.deepEqual(
            view.picked.map(([name]) => name),
            truth.picked.map(([name]) => name),
          );
          const own = view.picked.filter(([, by]) => by === 'you');
          assert.ok(own.length <= limits.picksMax);
        }
        const owned = views.flatMap((view) => view.picked.filter(([, by]) => by === 'you'));
        assert.equal(owned.length, truth.picked.length, 'each pick is the own pick of exactly one socket');
        for (const [name] of truth.picked) assert.ok(!truth.taken.includes(name));
      }
    }),
    { numRuns: 300 },
  );
});
