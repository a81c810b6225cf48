import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { Database } from '../../src/database.ts';
import { createEffects, noEffects } from '../../src/effects.ts';
import { silentLogger } from '../../src/logger.ts';
import { createMetrics } from '../../src/metrics.ts';
import { writeEvent } from '../../src/outbox.ts';
import { createRelayTable } from '../../src/queues/relay-table.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const { holdExpired, LONG, relayConfig, startConsumer, startReceiver, startRelay } = support;

/** So that only a notification can be what ends a wait. */
const NO_POLL_MS = 600_000;
const PATIENT = { waitMs: 60_000 } as const;
const NOTHING_MORE = { rowsMax: 0, filter: { types: [], areWanted: false } } as const;

function waitOn(
  t: TestContext,
  database: Database,
  options: { pollMs?: number; awayMs?: number; waitingMax?: number } = {},
) {
  const metrics = createMetrics('test');
  const effects = createEffects({
    database,
    logger: silentLogger,
    metrics,
    pollMs: NO_POLL_MS,
    ...options,
  });
  effects.start();
  atEnd(t, () => effects.stop());
  return { ...effects, metrics };
}

async function write(database: Database): Promise<string> {
  const event = holdExpired(1);
  await database.transaction((tx) => writeEvent(tx, event, now()));
  return event.id;
}

/** Notes acknowledgements as a relay does. */
async function startNoting(t: TestContext) {
  const { database, open } = await startDatabase(t);
  const table = createRelayTable(database, 'outbox', { afterMs: 1_000, mostMs: 1_000, deadMs: 600_000 });
  const note = (ids: readonly string[], outcome: 'taken' | 'dead' = 'taken') =>
    table.turn(
      ids.map((id) => ({ id, outcome, said: '' })),
      NOTHING_MORE,
    );
  const listeners = async () =>
    (
      await database.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'test listener'
       AND datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN%'`)
    ).rowCount;
  return {
    database,
    open,
    note,
    heard: (count = 1) => until(async () => (await listeners()) === count, LONG),
  };
}

test('a writer goes on as soon as its events are acknowledged, through queue and back', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url));
  startConsumer(t, redis.url, receiver);
  const effects = waitOn(t, database);
  for (let round = 1; round <= 20; round += 1) {
    const id = await write(database);
    assert.deepEqual(await effects.untilTaken([id], PATIENT), { taken: 1, missed: 0 });
    assert.deepEqual(await receiver.effects(), { [round]: 1 });
  }
  const { text } = await effects.metrics.render();
  assert.match(text, /^effects_waited_total\{outcome="taken",.*\} 20$/m);
  assert.match(text, /^effects_wait_seconds_count\{.*\} 20$/m);
});

test('many events at once are told in several notifications, and each wait ends', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const effects = waitOn(t, database);
  await heard();
  const events = Array.from({ length: 401 }, () => holdExpired(1));
  await database.transaction(async (tx) => {
    for (const event of events) await writeEvent(tx, event, now());
  });
  const ids = events.map(({ id }) => id);
  const waits = [ids, ids.slice(0, 7), ids.slice(-1).map((id) => id.toUpperCase())].map((each) =>
    effects.untilTaken(each, PATIENT),
  );
  await note(ids);
  assert.deepEqual(await Promise.all(waits), [
    { taken: 401, missed: 0 },
    { taken: 7, missed: 0 },
    { taken: 1, missed: 0 },
  ]);
});

test('what was acknowledged before its writer asked is not waited for', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const effects = waitOn(t, database);
  await heard();
  const id = await write(database);
  const witness = effects.untilTaken([await write(database), id], PATIENT);
  await note([id]);
  await note(
    (await database.query<{ id: string }>('SELECT id FROM outbox WHERE delivered_at IS NULL')).rows.map(
      ({ id }) => id,
    ),
  );
  await witness;
  assert.deepEqual(await effects.untilTaken([id], PATIENT), { taken: 1, missed: 0 });
});

test('a dead letter is missed at once; a notification that is lost is made up for by the poll', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const [telling, polling] = [waitOn(t, database), waitOn(t, database, { pollMs: 20 })];
  await heard(2);
  const [dead, taken] = [await write(database), await write(database)];
  const waiting = telling.untilTaken([dead, taken], PATIENT);
  await note([dead], 'dead');
  await note([taken]);
  assert.deepEqual(await waiting, { taken: 1, missed: 1 });
  const quiet = await write(database);
  const polled = polling.untilTaken([quiet], PATIENT);
  await database.query('UPDATE outbox SET delivered_at = now()');
  assert.deepEqual(await polled, { taken: 1, missed: 0 });
});

test('a wait ends with its time, its caller and its process, and never throws', async (t) => {
  const { database } = await startNoting(t);
  const effects = waitOn(t, database);
  const id = await write(database);
  const missed = { taken: 0, missed: 1 };
  const from = performance.now();
  assert.deepEqual(await effects.untilTaken([id], { waitMs: 20 }), missed);
  const caller = new AbortController();
  const left = effects.untilTaken([id], { ...PATIENT, signal: caller.signal });
  const stopped = effects.untilTaken([id, id], PATIENT);
  caller.abort();
  assert.deepEqual(await left, missed);
  await effects.stop();
  assert.deepEqual(await stopped, missed);
  assert.deepEqual(await effects.untilTaken([randomUUID()], PATIENT), missed);
  assert.deepEqual(await effects.untilTaken([], PATIENT), { taken: 0, missed: 0 });
  assert.deepEqual(await noEffects.untilTaken([id], PATIENT), missed);
  assert.ok(performance.now() - from < PATIENT.waitMs, 'none of them waited for its time');
});

test('writers of more than may be waited for go on at once, and nobody else does', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const effects = waitOn(t, database, { waitingMax: 2 });
  await heard();
  const ids = [await write(database), await write(database), await write(database)];
  const waiting = effects.untilTaken(ids.slice(0, 2), PATIENT);
  assert.deepEqual(await effects.untilTaken(ids.slice(2), PATIENT), { taken: 0, missed: 1 });
  await note(ids);
  assert.deepEqual(await waiting, { taken: 2, missed: 0 });
});

test('while nobody acknowledges anything no writer is held up, until somebody does again', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const effects = waitOn(t, database, { awayMs: 100 });
  await heard();
  const id = await write(database);
  assert.deepEqual(await effects.untilTaken([id], { waitMs: 200 }), { taken: 0, missed: 1 });
  // It would not come back before the test is over.
  assert.deepEqual(await effects.untilTaken([await write(database)], PATIENT), { taken: 0, missed: 1 });
  assert.match((await effects.metrics.render()).text, /^effects_waited_total\{outcome="skipped",.*\} 1$/m);
  await note([id]);
  await until(async () => {
    const next = await write(database);
    const waiting = effects.untilTaken([next], { waitMs: 5_000 });
    await note([next]);
    return (await waiting).taken === 1;
  }, LONG);
});

test('who answers a write again waits for what its first request told, and for nothing else', async (t) => {
  const { database, note, heard } = await startNoting(t);
  const effects = waitOn(t, database);
  await heard();
  await note([await write(database)]);
  await effects.untilCaughtUp();
  const id = await write(database);
  let isOver = false;
  const waiting = effects.untilCaughtUp().then(() => {
    isOver = true;
  });
  await until(async () => metricOf(await effects.metrics.registry.metrics()) === 0, LONG);
  assert.ok(!isOver);
  await note([id]);
  await waiting;
});

/** Waits that are over. */
function metricOf(text: string): number {
  return Number(/^effects_wait_seconds_count (\d+)/m.exec(text)?.[1] ?? 0);
}
