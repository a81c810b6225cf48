import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Redis } from 'ioredis';
import { writeEvent } from '../../src/outbox.ts';
import { takeOnce } from '../../src/queues/consumer.ts';
import { QUEUE_PREFIX } from '../../src/queues/event-queues.ts';
import { createRelayTable } from '../../src/queues/relay-table.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { startRedis } from './redis.ts';
import * as support from './support.ts';

const { bookingOf, holdExpired, LONG, relayConfig, startConsumer, startReceiver, startRelay } = support;
const { waiting, writeMany } = support;

test('an event that no queue has room for is a dead letter, and keeps no other out', async (t) => {
  const redis = await startRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  const take = takeOnce(receiver.database, async (tx, event) => {
    await tx.query(support.COUNT_IT, [bookingOf(event)]);
  });
  startConsumer(t, redis.url, receiver, { take });
  const large = randomUUID();
  await database.query(
    'INSERT INTO outbox (id, body, occurred_at, next_attempt_at) VALUES ($1, $2, now(), now())',
    [large, Buffer.alloc(800_000)],
  );
  await writeMany(database, 20);
  await startRelay(t, relayConfig(url, redis.url));
  await until(async () => (await waiting(database)) === 1, LONG);
  assert.deepEqual(await receiver.effects(), { 1: 20 });
  const dead = 'SELECT id, last_error FROM outbox WHERE dead_at IS NOT NULL';
  await until(async () => (await database.query(dead)).rowCount === 1, LONG);
  assert.deepEqual((await database.query(dead)).rows, [{ id: large, last_error: 'poison: TOO_LARGE' }]);
});

test('an acknowledgement that Postgres has no text for is noted without that, and stops no other', async (t) => {
  const redis = await startRedis(t);
  const { url, database } = await startDatabase(t);
  const [first, second] = [holdExpired(1), holdExpired(2)];
  for (const event of [first, second]) await database.transaction((tx) => writeEvent(tx, event, now()));
  const client = new Redis(redis.url);
  atEnd(t, async () => client.disconnect());
  const key = `${QUEUE_PREFIX}-acknowledged:${support.SOURCE}`;
  await client.rpush(key, `d${first.id} poison: \0`, `x${second.id} discarded: \0`);
  await startRelay(t, relayConfig(url, redis.url));
  const noted =
    'SELECT id, last_error FROM outbox WHERE last_error IS NOT NULL ORDER BY delivered_at NULLS FIRST';
  await until(async () => (await database.query(noted)).rowCount === 2, LONG);
  assert.deepEqual((await database.query(noted)).rows, [
    { id: first.id, last_error: 'poison: ' },
    { id: second.id, last_error: 'discarded: ' },
  ]);
});

test('what was acknowledged a week ago is forgotten as fast as a relay can hand over', async (t) => {
  const { database } = await startDatabase(t);
  await database.query(`
    INSERT INTO outbox (id, body, occurred_at, next_attempt_at, delivered_at)
    SELECT gen_random_uuid(), '', now(), now(), now() - interval '8 days' FROM generate_series(1, 2500)`);
  const table = createRelayTable(database, 'outbox', { afterMs: 1, mostMs: 1, deadMs: 1 });
  assert.deepEqual([await table.purge(), await table.purge()], [{ isMore: true }, { isMore: false }]);
  assert.equal((await database.query('SELECT 1 FROM outbox')).rowCount, 0);
});
