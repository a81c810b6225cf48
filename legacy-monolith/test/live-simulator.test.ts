import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { parseWallClock, wallClock } from '../src/clock.ts';
import { moveFlights } from '../src/live/simulator.ts';
import { createLiveWorld, type LiveWorld } from './live-world.ts';

type Row = { id: string; status: string; gate: string | null; departs_at: string; revision: number };

describe('the simulator', () => {
  let world: LiveWorld;
  before(async () => {
    world = await createLiveWorld();
  });
  after(() => world[Symbol.asyncDispose]());

  const flight = async (id: string): Promise<Row> =>
    (
      await world.sql<Row>('SELECT id, status, gate, departs_at::text, revision FROM flights WHERE id = $1', [
        id,
      ])
    )[0] as Row;
  const move = (now: Date, random: () => number, watched: string[] = []): Promise<number> =>
    moveFlights({ pool: world.monolith.pool, clock: () => now, random, watched: () => watched });

  test('moves what is due, leaves the rest, and says so once to who follows the flight', async () => {
    const { departs_at } = await flight(world.flightId);
    const departure = parseWallClock(departs_at);
    const stream = await world.api('GET', `/api/v1/flights/${world.flightId}/status/stream`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.ok(reader);
    let text = '';
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    })();
    await until(() => text.includes('"SCHEDULED"'), { deadlineMs: 20_000 });

    assert.equal(await move(new Date(departure.getTime() - 30 * 60_000), () => 0.5), 1);
    const boarding = await flight(world.flightId);
    assert.deepEqual(
      { status: boarding.status, gate: boarding.gate, revision: boarding.revision },
      { status: 'BOARDING', gate: 'B20', revision: 2 },
    );
    assert.equal((await flight(world.otherFlightId)).revision, 1);
    await until(() => /"status":"BOARDING","gate":"B20"/.test(text), { deadlineMs: 20_000 });
    assert.equal(await move(new Date(departure.getTime() - 29 * 60_000), () => 0.5), 0);
    await reader.cancel();
    await reading;
  });

  test('has more news of a flight that somebody follows', async () => {
    const { departs_at } = await flight(world.otherFlightId);
    const longBefore = new Date(parseWallClock(departs_at).getTime() - 40 * 3_600_000);
    assert.equal(await move(longBefore, () => 0.05), 0);
    assert.equal(await move(longBefore, () => 0.05, [world.otherFlightId]), 1);
    assert.equal((await flight(world.otherFlightId)).status, 'DELAYED');
  });

  test('drops a delay that would meet the same number at the same time', async () => {
    const [twin] = await world.sql<{ id: string; departs_at: string }>(
      `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, base_fare, updated_at)
       SELECT number, origin, destination, departs_at + interval '15 minutes', arrives_at + interval '1 hour',
              aircraft, base_fare, updated_at
       FROM flights WHERE id = $1 RETURNING id, departs_at::text`,
      [world.otherFlightId],
    );
    await world.sql(`UPDATE flights SET status = 'SCHEDULED' WHERE id = $1`, [world.otherFlightId]);
    await world.sql(`UPDATE flights SET status = 'CANCELLED' WHERE id = $1`, [twin?.id]);
    const before = await flight(world.otherFlightId);
    const longBefore = new Date(parseWallClock(before.departs_at).getTime() - 40 * 3_600_000);
    assert.equal(await move(longBefore, () => 0, [world.otherFlightId]), 0);
    assert.deepEqual(await flight(world.otherFlightId), before);
  });

  test('leaves a round to another process that has it, and a flight that is being booked to the next', async () => {
    const { departs_at } = await flight(world.flightId);
    const afterDeparture = new Date(parseWallClock(departs_at).getTime() + 1000);
    const client = await world.monolith.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(7311027)');
      assert.equal(await move(afterDeparture, () => 0.5), 0);
      await client.query('ROLLBACK');
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM flights WHERE id = $1 FOR NO KEY UPDATE', [world.flightId]);
      assert.equal(await move(afterDeparture, () => 0.5), 0);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    assert.equal(await move(afterDeparture, () => 0.5), 1);
    assert.equal((await flight(world.flightId)).status, 'DEPARTED');
  });
});

test('the process moves flights when its interval is set, and stops with it', async (t) => {
  const world = await createLiveWorld({ MERIDIAN_SIMULATOR_INTERVAL_MS: '100' });
  t.after(() => world[Symbol.asyncDispose]());
  await world.sql(
    `UPDATE flights SET departs_at = $2::timestamp - interval '1 minute',
       arrives_at = $2::timestamp + interval '1 hour' WHERE id = $1`,
    [world.flightId, wallClock(world.now())],
  );
  const departed = async () =>
    (await world.sql(`SELECT 1 FROM flights WHERE id = $1 AND status = 'DEPARTED'`, [world.flightId]))
      .length > 0;
  await until(departed, { deadlineMs: 20_000 });
});
