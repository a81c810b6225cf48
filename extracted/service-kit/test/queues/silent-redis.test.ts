import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPartition, type Partition } from '@banyan/stack/testing/partition';
import { until } from '@banyan/stack/testing/until';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { silentLogger } from '../../src/logger.ts';
import { writeEvent } from '../../src/outbox.ts';
import { connectProducer, connectWorker, SILENCE_MS } from '../../src/queues/connection.ts';
import { QUEUE_PREFIX } from '../../src/queues/event-queues.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const { drained, holdExpired, LONG, relayConfig, startConsumer, startReceiver, startRelay } = support;

/** Of what waits in Redis for a third of that; a machine that is busy elsewhere may forget it for some of it. */
const SHORT_SILENCE_MS = 3_000;

async function startNetwork(t: TestContext, url: string): Promise<Partition & { url: string }> {
  const network = await createPartition(Number(new URL(url).port));
  atEnd(t, () => network[Symbol.asyncDispose]());
  return { ...network, url: `redis://127.0.0.1:${network.port}` };
}

test('a consumer whose Redis is gone without a word connects anew, and takes the next event', async (t) => {
  const redis = await emptyRedis(t);
  const network = await startNetwork(t, redis.url);
  const { url, database } = await startDatabase(t);
  const receiver = await startReceiver(t);
  await startRelay(t, relayConfig(url, redis.url));
  startConsumer(t, network.url, receiver, { silenceMs: SHORT_SILENCE_MS });
  const write = (bookingId: number) =>
    database.transaction((tx) => writeEvent(tx, holdExpired(bookingId), now()));
  await write(1);
  await drained(database);
  network.forget();
  await write(2);
  await until(async () => (await receiver.count()) === 2, { ...LONG, what: 'the next event' });
  assert.deepEqual(await receiver.effects(), { 1: 2 });
});

test('what a worker asks of a Redis that is gone without a word is asked again on a connection that works', async (t) => {
  const redis = await emptyRedis(t);
  const network = await startNetwork(t, redis.url);
  const connection = connectWorker(network.url, { logger: silentLogger, silenceMs: 500 });
  atEnd(t, () => connection.close());
  await connection.redis.ping();
  network.cut();
  const asked = connection.redis.ping();
  // Also a connection that is accepted and then says nothing.
  const closed = () => new Promise((resolve) => connection.redis.once('close', resolve));
  await closed();
  await closed();
  network.forget();
  network.heal();
  assert.equal(await asked, 'PONG');
});

test('whoever puts in and has no answer connects anew', async (t) => {
  const redis = await emptyRedis(t);
  const network = await startNetwork(t, redis.url);
  const connection = connectProducer(network.url, { logger: silentLogger, commandMs: 500 });
  atEnd(t, () => connection.close());
  await connection.whenReady(LONG.deadlineMs);
  network.forget();
  const again = new Promise<void>((resolve) => connection.redis.once('ready', resolve));
  await assert.rejects(connection.redis.ping());
  await again;
  await until(async () => (await connection.redis.ping()) === 'PONG', LONG);
});

test('an idle Redis is never taken to be gone: it has a word for whoever waits well before that', async (t) => {
  const redis = await emptyRedis(t);
  const { url } = await startDatabase(t);
  const receiver = await startReceiver(t);
  const client = new Redis(redis.url);
  atEnd(t, () => client.disconnect());
  const watching = await client.monitor();
  atEnd(t, () => watching.disconnect());
  const waits = new Map<string, number>();
  watching.on('monitor', (_time: string, [command = '', ...args]: string[]) => {
    if (/^b(zpopmin|lpop)$/i.test(command)) waits.set(command.toLowerCase(), Number(args.at(-1)) * 1_000);
  });
  const queue = new Queue(support.QUEUE, { connection: { url: redis.url }, prefix: QUEUE_PREFIX });
  atEnd(t, () => queue.close());
  await startRelay(t, relayConfig(url, redis.url));
  startConsumer(t, redis.url, receiver);
  await until(() => waits.size === 2, LONG);
  assert.deepEqual(Object.fromEntries(waits), { blpop: SILENCE_MS / 3, bzpopmin: SILENCE_MS / 3 });
  // It waits longest where something is to be tried again much later.
  await queue.add('holdExpired', {}, { delay: 3_600_000 });
  const longestMs = () => waits.get('bzpopmin') ?? 0;
  await until(() => longestMs() > SILENCE_MS / 3, LONG);
  assert.ok(longestMs() <= (SILENCE_MS * 2) / 3, `${longestMs()} ms`);
});

test('a consumer that leaves its queue to others is no worker of it, also after its connection was lost', async (t) => {
  const redis = await emptyRedis(t);
  const network = await startNetwork(t, redis.url);
  const receiver = await startReceiver(t);
  const queue = new Queue(support.QUEUE, { connection: { url: redis.url }, prefix: QUEUE_PREFIX });
  atEnd(t, () => queue.close());
  const consumer = startConsumer(t, network.url, receiver, { silenceMs: SHORT_SILENCE_MS });
  const workers = (count: number) =>
    until(async () => (await queue.getWorkersCount()) === count, { ...LONG, what: `${count} workers` });
  await workers(1);
  await consumer.setTaking(false);
  await workers(0);
  const client = new Redis(redis.url);
  atEnd(t, () => client.disconnect());
  const hidden = async () =>
    /^id=(\d+) .* name=\S+:not-taking /m.exec(String(await client.client('LIST')))?.[1];
  const first = await hidden();
  network.healAnew();
  await until(async () => ![first, undefined].includes(await hidden()), LONG);
  assert.equal(await queue.getWorkersCount(), 0);
  await consumer.setTaking(true);
  await workers(1);
});
