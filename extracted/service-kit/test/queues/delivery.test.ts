import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { silentLogger } from '../../src/logger.ts';
import { writeEvent } from '../../src/outbox.ts';
import { readAcknowledgements } from '../../src/queues/acknowledgements.ts';
import { connectProducer, connectWorker } from '../../src/queues/connection.ts';
import { createEventQueues, QUEUE_PREFIX } from '../../src/queues/event-queues.ts';
import { createRelay } from '../../src/queues/relay.ts';
import { createRelayTable } from '../../src/queues/relay-table.ts';
import { parseRoutes } from '../../src/queues/routes.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const { drained, holdExpired, LONG, relayConfig, startConsumer, startReceiver, startRelay, writeMany } =
  support;

const MAIN = fileURLToPath(new URL('../../src/relay/main.ts', import.meta.url));
/** So that only a notification can be what brings an event. */
const NO_POLL = { RELAY_POLL_MS: '60000', RELAY_RESEND_AFTER_MS: '60000' };

test('an event is taken once, soon after its commit, and acknowledged to its outbox', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url, NO_POLL));
  startConsumer(t, redis.url, receiver);
  await database.transaction((tx) => writeEvent(tx, holdExpired(121), now()));
  await writeMany(database, 120);
  await drained(database);
  // The relay is at rest now: acknowledgements wake it too.
  await database.transaction((tx) => writeEvent(tx, holdExpired(122), now()));
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 122 });
  const { rows } = await database.query('SELECT DISTINCT attempts, type, last_error, dead_at FROM outbox');
  assert.deepEqual(rows, [{ attempts: 1, type: 'holdExpired', last_error: null, dead_at: null }]);
});

test('an event that no notification told of is found by the poll', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t, 'DROP TRIGGER outbox_told ON outbox');
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url, { RELAY_POLL_MS: '50' }));
  startConsumer(t, redis.url, receiver);
  await writeMany(database, 3);
  await drained(database);
  await database.transaction((tx) => writeEvent(tx, holdExpired(4), now()));
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 4 });
});

test('an event whose transaction ends long after later ones is not passed over', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database, open } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url));
  startConsumer(t, redis.url, receiver);
  const begun = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  const slow = open().transaction(async (tx) => {
    await writeEvent(tx, holdExpired(1), now());
    begun.resolve();
    await commit.promise;
  });
  await begun.promise;
  await database.transaction((tx) => writeEvent(tx, holdExpired(2), now()));
  await drained(database);
  assert.deepEqual((await receiver.database.query('SELECT id FROM things')).rows, [{ id: 2n }]);
  commit.resolve();
  await slow;
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 2 });
});

test('an acknowledgement that was lost brings the event again, and its effect stays one', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  // So that nothing but the loss brings one again, however busy the machine is.
  const env = { RELAY_POLL_MS: '50', RELAY_RESEND_AFTER_MS: '600000' };
  await startRelay(t, relayConfig(url, redis.url, env));
  const taken: string[] = [];
  startConsumer(t, redis.url, receiver, {
    lockMs: 60_000,
    metrics: { onTaken: (_queue, outcome) => void taken.push(outcome), onFault: () => {} },
  });
  await writeMany(database, 20);
  await drained(database);
  await database.query('UPDATE outbox SET delivered_at = NULL, next_attempt_at = now()');
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 20 });
  assert.equal(taken.filter((outcome) => outcome === 'duplicate').length, 20);
  const { rows } = await database.query('SELECT DISTINCT attempts FROM outbox');
  assert.deepEqual(rows, [{ attempts: 2 }]);
});

test('relays that work on one outbox share it, and none takes what another has in hand', async (t) => {
  const redis = await emptyRedis(t);
  const { database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  const connection = connectProducer(redis.url, { logger: silentLogger });
  atEnd(t, () => connection.close());
  await connection.whenReady(LONG.deadlineMs);
  const routes = parseRoutes(support.QUEUE);
  const handed = [0, 0, 0];
  const [first] = handed.map((_, index) => {
    const relay = createRelay({
      database,
      queues: createEventQueues({ connection, routes, logger: silentLogger }),
      source: support.SOURCE,
      logger: silentLogger,
      random: Math.random,
      metrics: {
        onTurn: () => {},
        onHanded: (count) => {
          handed[index] = (handed[index] ?? 0) + count;
        },
        onHandOverFailed: () => assert.fail('nothing is given back'),
        onAcknowledged: () => {},
        setOutboxAge: () => {},
      },
      pollMs: 5,
      batchRows: 10,
      resend: { afterMs: 120_000 },
    });
    relay.start();
    atEnd(t, () => relay.stop());
    return relay;
  });
  assert.ok(first);
  const reader = readAcknowledgements({
    connection: connectWorker(redis.url, { logger: silentLogger }),
    prefix: QUEUE_PREFIX,
    source: support.SOURCE,
    logger: silentLogger,
    take: first.acknowledge,
  });
  atEnd(t, () => reader.stop());
  startConsumer(t, redis.url, receiver);
  // Which of them is quick enough for a part of the first ones is the machine's affair.
  let rounds = 0;
  await until(
    async () => {
      rounds += 1;
      await writeMany(database, 400);
      await drained(database);
      return handed.every((count) => count > 0);
    },
    { ...LONG, what: () => `a part for each: ${handed}` },
  );
  assert.deepEqual(await receiver.effects(), { [rounds]: 400 });
  const { rows } = await database.query('SELECT attempts, count(*)::int AS n FROM outbox GROUP BY 1');
  assert.deepEqual(rows, [{ attempts: 1, n: 400 * rounds }]);
});

test('what a relay had in hand when it was killed is brought by another', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  const start = () => {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...processEnvironment(), ...support.relayEnv(url, redis.url), RELAY_POLL_MS: '50' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    atEnd(t, async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      assert.equal(code, 0, 'the relay stops in order');
    });
    return child;
  };
  const first = start();
  startConsumer(t, redis.url, receiver);
  const writing = writeMany(database, 400);
  await until(async () => (await receiver.count()) > 50, LONG);
  first.kill('SIGKILL');
  await once(first, 'exit');
  start();
  await writing;
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 400 });
});

test('what an operator discarded stays so, though its queue says in the same moment that it is a dead letter', async (t) => {
  const { database } = await startDatabase(t);
  const table = createRelayTable(database, 'outbox', { afterMs: 1_000, mostMs: 1_000, deadMs: 600_000 });
  await writeMany(database, 1);
  const everything = { rowsMax: 10, filter: { types: [], areWanted: false } };
  const [row] = await table.turn([], everything);
  const id = row?.id ?? '';
  const ack = (outcome: 'dead' | 'discarded', said: string) => ({ id, outcome, said });
  await table.turn([ack('discarded', 'of no use'), ack('dead', 'refused')], everything);
  const { rows } = await database.query(
    'SELECT last_error, dead_at, delivered_at IS NOT NULL AS is_done FROM outbox',
  );
  assert.deepEqual(rows, [{ last_error: 'of no use', dead_at: null, is_done: true }]);
});

test('the age of an outbox is that of events and of what is in no queue yet, not of work under way or dead letters', async (t) => {
  const { database } = await startDatabase(t);
  const table = createRelayTable(database, 'outbox', { afterMs: 60_000, mostMs: 60_000, deadMs: 600_000 });
  await writeMany(database, 1);
  await database.query("UPDATE outbox SET type = 'job'");
  assert.ok(await table.oldestWaiting());
  await table.turn([], { rowsMax: 10, filter: { types: [], areWanted: false } });
  assert.equal(await table.oldestWaiting(), null);
  await database.query('UPDATE outbox SET type = NULL');
  assert.ok(await table.oldestWaiting());
  await database.query('UPDATE outbox SET dead_at = now()');
  assert.equal(await table.oldestWaiting(), null);
});
