import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@banyan/stack/testing/until';
import { startDatabase } from '../kit.ts';
import { startRedis, type TestRedis } from './redis.ts';
import * as support from './support.ts';

const { drained, LONG, relayConfig, startConsumer, startReceiver, startRelay, waiting, writeMany } = support;

/** How long Redis is away; what is written meanwhile waits in the outbox. */
const AWAY_MS = 500;
const EVENTS = 400;

const TROUBLES = {
  'killed, and back with its file': async (redis) => {
    await redis.kill();
    await pause(AWAY_MS);
    await redis.start();
  },
  'killed, and back empty': async (redis) => {
    await redis.kill();
    await redis.empty();
    await pause(AWAY_MS);
    await redis.start();
  },
  'paused, and going on': async (redis) => {
    redis.pause();
    await pause(AWAY_MS * 2);
    redis.resume();
  },
} satisfies Record<string, (redis: TestRedis) => Promise<void>>;

const AWAYS = { killed: (redis) => redis.kill(), paused: async (redis) => redis.pause() } satisfies Record<
  string,
  (redis: TestRedis) => Promise<void>
>;

// Each has a Redis and databases of its own, and waits for most of its time.
describe('Redis is away', { concurrency: true }, () => {
  for (const [what, trouble] of Object.entries(TROUBLES)) {
    test(`Redis ${what} in the middle of ${EVENTS} events: each has one effect, and the outbox drains`, async (t) => {
      const redis = await startRedis(t);
      const { url, database } = await startDatabase(t);
      const receiver = await startReceiver(t);
      await startRelay(t, relayConfig(url, redis.url));
      startConsumer(t, redis.url, receiver);
      const writing = writeMany(database, EVENTS);
      await until(async () => (await receiver.count()) > 60, LONG);
      await trouble(redis);
      assert.ok((await waiting(database)) > 0, 'it happened in the middle');
      await writing;
      await drained(database);
      assert.deepEqual(await receiver.effects(), { 1: EVENTS });
      const letters = support.openLetters(t, redis.url);
      assert.equal(await letters.count(), 0);
    });
  }

  test('events wait in the outbox while Redis is away from the start, and go when it comes', async (t) => {
    const redis = await startRedis(t);
    await redis.kill();
    const { url, database } = await startDatabase(t);
    const receiver = await startReceiver(t);
    const relay = await startRelay(t, relayConfig(url, redis.url));
    startConsumer(t, redis.url, receiver);
    await writeMany(database, 100);
    await until(
      async () => /outbox_oldest_seconds\{.*\} 0*[1-9.]/.test((await relay.metrics.render()).text),
      LONG,
    );
    const { rows } = await database.query('SELECT DISTINCT attempts FROM outbox');
    assert.deepEqual(rows, [{ attempts: 0 }], 'nothing is taken that cannot be handed over');
    await redis.start();
    await drained(database);
    assert.deepEqual(await receiver.effects(), { 1: 100 });
  });

  for (const [what, goAway] of Object.entries(AWAYS)) {
    test(`a stop while Redis is ${what} ends within its limit, and what is in hand is committed`, async (t) => {
      const redis = await startRedis(t);
      const { url, database } = await startDatabase(t);
      const receiver = await startReceiver(t);
      const relay = await startRelay(t, relayConfig(url, redis.url));
      const begun = Promise.withResolvers<void>();
      const commit = Promise.withResolvers<void>();
      const consumer = startConsumer(t, redis.url, receiver, {
        take: async () => {
          begun.resolve();
          await commit.promise;
          await receiver.database.query(support.COUNT_IT, [1n]);
          return { duplicate: false };
        },
      });
      await writeMany(database, 1);
      await begun.promise;
      await goAway(redis);
      const from = performance.now();
      const stopping = consumer.stop(300);
      commit.resolve();
      await Promise.all([stopping, relay.stop()]);
      const tookMs = performance.now() - from;
      assert.ok(tookMs < 20_000, `took ${tookMs} ms`);
      assert.deepEqual(await receiver.effects(), { 1: 1 });
      assert.equal(consumer.inHand(), 0);
      redis.resume();
    });
  }
});
