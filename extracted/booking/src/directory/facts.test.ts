import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flight } from '../domain/flight.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Account } from '../storage/port.ts';
import { createFacts } from './facts.ts';

const ANNA: Account = { id: 7n, name: 'Anna', email: 'anna@example.com', role: 'customer' };
const PLACE = { code: 'AMS', name: 'Schiphol', city: 'Amsterdam', latitude: 52.3, longitude: 4.8 };
const SCHEDULED: Flight = {
  id: 3n,
  number: 'MA101',
  origin: PLACE,
  destination: { ...PLACE, code: 'LIS' },
  departsAt: new Date('2026-11-24T06:05:00Z'),
  arrivesAt: new Date('2026-11-24T08:59:59Z'),
  aircraft: 'A320',
  aircraftName: 'Airbus A320',
  cabin: { rows: 20, columns: 'ABCDEF' },
  status: 'SCHEDULED',
  gate: null,
  baseFareMinor: 10_000n,
  currency: 'EUR',
  revision: 1,
  updatedAt: new Date(0),
};
const DEPARTED: Flight = { ...SCHEDULED, status: 'DEPARTED', revision: 2 };

/** A directory that takes so long to answer, before facts whose copy holds what is given. */
function factsOf({ answersAfterMs, copy }: { answersAfterMs: number; copy: Account | null }) {
  const asked: number[] = [];
  const facts = createFacts({
    directory: {
      getFlight: () => Promise.resolve(DEPARTED),
      getAccount: (_id, { deadlineMs }) => {
        asked.push(deadlineMs);
        return deadlineMs < answersAfterMs ? Promise.reject(new Error('late')) : Promise.resolve(ANNA);
      },
      listFlights: () => assert.fail(),
      listAccounts: () => assert.fail(),
    },
    copy: { findFlight: async () => SCHEDULED, findAccount: async () => copy },
    database: { query: async () => ({ rows: [], rowCount: 0 }) } as never,
    now: () => new Date(0),
    logger: { warn: () => {} } as never,
    onFact: () => {},
  });
  return { facts, asked };
}

test('what the directory says in time is taken, whatever the copy says', async () => {
  const { facts, asked } = factsOf({ answersAfterMs: 1, copy: { ...ANNA, name: 'Anne' } });
  assert.deepEqual(await facts.account(7n), ANNA);
  assert.deepEqual(asked, [500]);
});

test('of a flight the directory is asked, also where the copy knows it: the copy may be old', async () => {
  const { facts } = factsOf({ answersAfterMs: 1, copy: null });
  assert.equal(await facts.flight(3n), DEPARTED);
});

test('a directory that is slow is not waited for where the copy knows', async () => {
  const { facts, asked } = factsOf({ answersAfterMs: 1_000, copy: ANNA });
  assert.equal(await facts.account(7n), ANNA);
  assert.equal(await facts.account(7n), ANNA);
  assert.deepEqual(asked, [500]);
});

test('it is waited for where the copy does not, also while it is spared', async () => {
  const { facts, asked } = factsOf({ answersAfterMs: 1_000, copy: null });
  assert.equal(await facts.account(7n), ANNA);
  assert.equal(await facts.account(7n), ANNA);
  assert.deepEqual(asked, [500, 5_000, 5_000]);
});

test('nobody can say whether there is one while it does not answer at all', async () => {
  const { facts } = factsOf({ answersAfterMs: Number.POSITIVE_INFINITY, copy: null });
  await assert.rejects(
    facts.account(7n),
    (error) => error instanceof Refusal && error.reason === 'FACTS_UNAVAILABLE',
  );
});
