import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { advanceFlight, type FlightState } from './advance-flight.ts';

const at = (text: string): Date => new Date(`2026-11-22T${text}:00Z`);
const FLIGHT: FlightState = {
  status: 'SCHEDULED',
  gate: 'A7',
  departsAt: at('12:00'),
  arrivesAt: at('14:00'),
};
const never = () => 0.999;

/** A small generator that gives the same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a flight', () => {
  test('boards, departs and arrives by the clock', () => {
    const becomes = (status: string, time: string) =>
      advanceFlight({ ...FLIGHT, status }, at(time), never)?.next.status ?? null;
    assert.equal(becomes('SCHEDULED', '11:14'), null);
    assert.equal(becomes('SCHEDULED', '11:15'), 'BOARDING');
    assert.equal(becomes('DELAYED', '11:15'), 'BOARDING');
    assert.equal(becomes('BOARDING', '11:59'), null);
    assert.equal(becomes('BOARDING', '12:00'), 'DEPARTED');
    assert.equal(becomes('DEPARTED', '13:59'), null);
    assert.equal(becomes('DEPARTED', '14:00'), 'ARRIVED');
    assert.equal(becomes('ARRIVED', '15:00'), null);
    assert.equal(becomes('CANCELLED', '15:00'), null);
  });

  test('that nobody looked at for long is at once where it belongs', () => {
    assert.equal(advanceFlight(FLIGHT, at('12:30'), never)?.next.status, 'DEPARTED');
    assert.equal(advanceFlight(FLIGHT, at('20:00'), never)?.next.status, 'ARRIVED');
  });

  test('has a gate three hours before it departs, and when it boards', () => {
    const gateless = { ...FLIGHT, gate: null };
    assert.equal(advanceFlight(gateless, at('08:59'), never), null);
    assert.deepEqual(advanceFlight(gateless, at('09:00'), never), {
      reason: 'gate_assigned',
      next: { ...FLIGHT, gate: 'C38' },
    });
    assert.equal(advanceFlight(gateless, at('11:30'), never)?.next.gate, 'C38');
  });

  test('is delayed as a whole, and only once', () => {
    const delayed = advanceFlight(FLIGHT, at('06:00'), () => 0);
    assert.deepEqual(delayed, {
      reason: 'delayed',
      next: { status: 'DELAYED', gate: 'A7', departsAt: at('12:15'), arrivesAt: at('14:15') },
    });
    assert.equal(
      advanceFlight((delayed as NonNullable<typeof delayed>).next, at('06:01'), () => 0)?.reason,
      'gate_changed',
    );
  });

  test('has no news more than twelve hours ahead, unless somebody follows it', () => {
    assert.equal(
      advanceFlight(FLIGHT, new Date('2026-11-21T12:00:00Z'), () => 0),
      null,
    );
    assert.ok(advanceFlight(FLIGHT, new Date('2026-11-21T12:00:00Z'), () => 0, true));
  });

  test('goes the same way for the same seed, and through lawful states only, to its arrival', () => {
    const order = ['SCHEDULED', 'DELAYED', 'BOARDING', 'DEPARTED', 'ARRIVED'];
    const live = (seed: number, stepMinutes: number): FlightState[] => {
      const random = seeded(seed);
      const states: FlightState[] = [{ ...FLIGHT, gate: null }];
      for (let minute = 0; minute < 20 * 60; minute += stepMinutes) {
        const now = new Date(at('00:00').getTime() + minute * 60_000);
        const change = advanceFlight(states.at(-1) as FlightState, now, random, seed % 2 === 0);
        if (change) states.push(change.next);
      }
      return states;
    };
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 90 }), (seed, stepMinutes) => {
        const states = live(seed, stepMinutes);
        assert.deepEqual(live(seed, stepMinutes), states);
        assert.equal(states.at(-1)?.status, 'ARRIVED');
        for (const [index, state] of states.entries()) {
          const before = states[index - 1];
          if (!before) continue;
          assert.notDeepEqual(state, before, 'a change changes something');
          assert.ok(order.indexOf(state.status) >= order.indexOf(before.status));
          assert.ok(state.departsAt < state.arrivesAt);
          if (state.gate !== null) assert.match(state.gate, /^[ABC]([1-9]|[12]\d|3[0-8])$/);
        }
      }),
    );
  });
});
