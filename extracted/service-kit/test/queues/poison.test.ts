import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { until } from '@banyan/stack/testing/until';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Database } from '../../src/database.ts';
import { refuse } from '../../src/errors.ts';
import { writeEvent } from '../../src/outbox.ts';
import { takeOnce } from '../../src/queues/consumer.ts';
import { QUEUE_PREFIX } from '../../src/queues/event-queues.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { emptyRedis, startRedis } from './redis.ts';
import * as support from './support.ts';

const { bookingOf, drained, holdExpired, LONG, openLetters, relayConfig } = support;
const { startConsumer, startReceiver, startRelay, waiting, writeMany } = support;

const REFUSED = 666;
const changed: Event = {
  ...holdExpired(1),
  body: { $case: 'bookingChanged', value: { bookingId: 1n, version: 2 } },
};

/** As a writer of another version, or a broken one, would leave it. */
async function plant(database: Database, body: Uint8Array, schema = 'events.v1'): Promise<string> {
  const id = randomUUID();
  await plantAs(database, id, body, schema);
  return id;
}

async function plantAs(
  database: Database,
  id: string,
  body: Uint8Array,
  schema = 'events.v1',
): Promise<void> {
  await database.query(
    'INSERT INTO outbox (id, body, schema, occurred_at, next_attempt_at) VALUES ($1, $2, $3, $4, $4)',
    [id, Buffer.from(body), schema, now()],
  );
}

test('what cannot be taken is a dead letter with its reason, and stops neither its queue nor others', async (t) => {
  const redis = await startRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  const neighbour = await startReceiver(t);
  const routes = 'neighbour-events:bookingChanged;receiver-events';
  const config = relayConfig(url, redis.url, { RELAY_ROUTES: routes, RELAY_RESEND_AFTER_MS: '500' });
  const relay = await startRelay(t, config);
  let isRefused = true;
  startConsumer(t, redis.url, receiver, {
    concurrency: 1,
    take: takeOnce(receiver.database, async (tx, event) => {
      if (isRefused && bookingOf(event) === BigInt(REFUSED))
        throw refuse('INVALID_ARGUMENT', 'NO_SUCH_BOOKING');
      await tx.query(support.COUNT_IT, [bookingOf(event)]);
    }),
  });
  startConsumer(t, redis.url, neighbour, {
    queue: 'neighbour-events',
    take: takeOnce(neighbour.database, async (tx) => {
      await tx.query(support.COUNT_IT, [1n]);
    }),
  });

  const letters = openLetters(t, redis.url);
  const unknownType = randomUUID();
  const ofField99 = Buffer.concat([
    Event.encode({ id: unknownType, occurredAt: now(), body: undefined }).finish(),
    Buffer.from([0x9a, 0x06, 0x00]),
  ]);
  await plantAs(database, unknownType, ofField99);
  const undecodable = await plant(database, Buffer.from([0xff, 0xff, 0xff]));
  const unknownVersion = await plant(database, Event.encode(holdExpired(1)).finish(), 'events.v9');
  const mistaken = await plant(database, Event.encode(holdExpired(1)).finish());
  const refused = holdExpired(REFUSED);
  await database.transaction((tx) => writeEvent(tx, refused, now()));
  await writeMany(database, 50);
  await database.transaction((tx) => writeEvent(tx, changed, now()));

  await until(async () => (await waiting(database)) === 5 && (await letters.count()) === 5, LONG);
  assert.deepEqual(await receiver.effects(), { 1: 50 });
  assert.deepEqual(await neighbour.effects(), { 1: 1 });
  const reasons = Object.fromEntries((await letters.list()).map(({ id, reason }) => [id, reason]));
  const expected = {
    [unknownType]: 'poison: UNKNOWN_TYPE',
    [undecodable]: 'poison: UNDECODABLE',
    [unknownVersion]: 'poison: UNKNOWN_VERSION',
    [mistaken]: 'poison: ID_DIFFERS',
    [refused.id]: 'refused: NO_SUCH_BOOKING',
  };
  assert.deepEqual(reasons, expected);

  // The outbox knows them too.
  const dead = async () =>
    Object.fromEntries(
      (
        await database.query<{ id: string; last_error: string }>(
          'SELECT id, last_error FROM outbox WHERE delivered_at IS NULL AND dead_at IS NOT NULL',
        )
      ).rows.map(({ id, last_error }) => [id, last_error]),
    );
  await until(async () => Object.keys(await dead()).length === 5, LONG);
  assert.deepEqual(await dead(), expected);

  // Inspected.
  const inspected = await letters.inspect(refused.id);
  assert.equal(inspected?.source, support.SOURCE);
  assert.equal(inspected?.type, 'holdExpired');
  assert.equal(inspected?.attempts, 1, 'a refusal is not tried again');
  assert.deepEqual(inspected?.event?.body, refused.body);
  assert.equal((await letters.inspect(undecodable))?.body, '////');
  assert.equal(await letters.inspect(randomUUID()), null);

  // An emptied Redis forgets no dead letter.
  await redis.kill();
  await redis.empty();
  await redis.start();
  await until(async () => (await letters.count()) === 5, LONG);

  // Replayed: first in vain, then with the fault mended; the others discarded.
  assert.equal(await letters.replay(refused.id), 'done');
  await until(async () => (await letters.count()) === 5, LONG);
  isRefused = false;
  assert.equal(await letters.replay(refused.id), 'done');
  assert.equal(await letters.replay(randomUUID()), 'gone');
  for (const id of [unknownType, undecodable, unknownVersion, mistaken]) {
    assert.equal(await letters.discard(id, 'planted by a test'), 'done');
  }
  assert.equal(await letters.discard(mistaken, 'again'), 'gone');
  await drained(database);
  assert.equal(await letters.count(), 0);
  assert.deepEqual(await receiver.effects(), { 1: 51 });
  const { rows } = await database.query('SELECT last_error FROM outbox WHERE id = $1', [mistaken]);
  assert.deepEqual(rows, [{ last_error: 'discarded: planted by a test' }]);
  await relay.stop();
});

test('a dead letter whose consumer died before it could say so is known to its outbox when it is sent again', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  await startRelay(t, relayConfig(url, redis.url, { RELAY_RESEND_AFTER_MS: '100', RELAY_POLL_MS: '50' }));
  // It says nothing to any outbox.
  const worker = new Worker(
    support.QUEUE,
    async ({ name }) => {
      throw name === 'holdExpired' ? new UnrecoverableError('refused: NO_SUCH_BOOKING') : new Error('away');
    },
    {
      connection: { url: redis.url, maxRetriesPerRequest: null },
      prefix: QUEUE_PREFIX,
      settings: { backoffStrategy: () => 600_000 },
    },
  );
  worker.on('error', () => {});
  atEnd(t, () => worker.close());
  const [dead, delayed] = [holdExpired(1), changed];
  for (const event of [dead, delayed]) await database.transaction((tx) => writeEvent(tx, event, now()));
  const found = async () =>
    (await database.query('SELECT id, last_error FROM outbox WHERE dead_at IS NOT NULL')).rows;
  const known = [{ id: dead.id, last_error: 'refused: NO_SUCH_BOOKING' }];
  await until(async () => (await found()).length > 0, LONG);
  // What waits to be tried again has failed before too, and is none.
  const attempts = 'SELECT attempts FROM outbox WHERE id = $1 AND attempts >= 4';
  await until(async () => (await database.query(attempts, [delayed.id])).rowCount, LONG);
  assert.deepEqual(await found(), known);
});

test('an event whose receiver is away is tried until it is back, and never becomes a dead letter', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url));
  const attempts = new Map<string, number>();
  const take = takeOnce(receiver.database, async (tx, event) => {
    await tx.query(support.COUNT_IT, [bookingOf(event)]);
  });
  startConsumer(t, redis.url, receiver, {
    random: () => 0,
    take: async (event, options) => {
      const count = (attempts.get(event.id) ?? 0) + 1;
      attempts.set(event.id, count);
      if (count <= 3) throw refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE');
      return take(event, options);
    },
  });
  await writeMany(database, 20);
  await drained(database);
  assert.deepEqual(await receiver.effects(), { 1: 20 });
  // More where it was sent again before its acknowledgement was noted.
  assert.ok([...attempts.values()].every((count) => count >= 4));
  assert.equal(await openLetters(t, redis.url).count(), 0);
});

test('what failed while something was away does not count when it fails for another reason', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url));
  let runs = 0;
  startConsumer(t, redis.url, receiver, {
    take: async () => {
      runs += 1;
      throw runs <= 9 || runs % 3 === 0 ? refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE') : new Error('odd');
    },
  });
  const queue = new Queue(support.QUEUE, { connection: { url: redis.url }, prefix: QUEUE_PREFIX });
  atEnd(t, () => queue.close());
  await writeMany(database, 1);
  const letters = openLetters(t, redis.url);
  await until(async () => {
    // Nobody waits for the pauses between them.
    await queue.promoteJobs();
    return (await letters.count()) === 1;
  }, LONG);
  const [letter] = await letters.list();
  assert.deepEqual([letter?.reason, letter?.attempts], ['unexpected: odd', 8]);
  assert.ok(runs >= 20, `${runs} runs`);
});
