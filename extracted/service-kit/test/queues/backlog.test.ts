import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '@banyan/stack/testing/until';
import { Redis } from 'ioredis';
import { silentLogger } from '../../src/logger.ts';
import { connectProducer } from '../../src/queues/connection.ts';
import { openQueue, QUEUE_PREFIX } from '../../src/queues/event-queues.ts';
import { atEnd, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const BACKLOG = 20_000;
const WORKED_OFF = 3_000;
const WAITING_MAX = 500;
const MEBIBYTE = 1_048_576;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function liveHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('a backlog of 20,000 waits in the outbox: Redis and relay hold a bounded part of it while it is worked off', async (t) => {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await support.startReceiver(t);
  await database.query(
    `INSERT INTO outbox (id, body, occurred_at, next_attempt_at, type)
     SELECT id, '\\x0a24'::bytea || id::text::bytea || '\\x6a020801'::bytea, now(), now(), 'holdExpired'
     FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1::int)) made`,
    [BACKLOG],
  );
  const connection = connectProducer(redis.url, { logger: silentLogger });
  atEnd(t, () => connection.close());
  await connection.whenReady(support.LONG.deadlineMs);
  const queue = openQueue(support.QUEUE, { connection, prefix: QUEUE_PREFIX, logger: silentLogger });
  const inQueue = () => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
  const asked = new Redis(redis.url);
  atEnd(t, () => asked.disconnect());
  const redisBytes = async () => Number(/used_memory:(\d+)/.exec(await asked.info('memory'))?.[1]);
  const emptyBytes = await redisBytes();

  const config = support.relayConfig(url, redis.url, {
    QUEUE_WAITING_MAX: String(WAITING_MAX),
    RELAY_RESEND_AFTER_MS: '60000',
  });
  await support.startRelay(t, config);
  await until(async () => (await inQueue()) >= WAITING_MAX, support.LONG);
  let most = await inQueue();
  let mostBytes = 0;
  let mostHeap = 0;
  const heapBefore = liveHeap();
  let taken = 0;
  support.startConsumer(t, redis.url, receiver, {
    concurrency: 32,
    take: async () => {
      taken += 1;
      return { duplicate: false };
    },
  });
  await until(
    async () => {
      most = Math.max(most, await inQueue());
      mostBytes = Math.max(mostBytes, await redisBytes());
      mostHeap = Math.max(mostHeap, liveHeap());
      return taken >= WORKED_OFF;
    },
    { ...support.LONG, everyMs: 500 },
  );
  assert.ok(most <= 2 * WAITING_MAX, `${most} waited in the queue`);
  assert.ok(mostBytes - emptyBytes < 12 * MEBIBYTE, `Redis took ${mostBytes - emptyBytes} bytes`);
  assert.ok(mostHeap - heapBefore < 24 * MEBIBYTE, `the heap grew by ${mostHeap - heapBefore} bytes`);
  await until(async () => (await support.waiting(database)) <= BACKLOG - WORKED_OFF, support.LONG);
});
