import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { until } from '@banyan/stack/testing/until';
import { Redis } from 'ioredis';
import type { Database } from '../../src/database.ts';
import { refuse } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createQueueConsumer, type TakeItem } from '../../src/queues/queue-consumer.ts';
import { PoisonError } from '../../src/queues/queue-job.ts';
import { createConsumerMetrics } from '../../src/queues/queue-metrics.ts';
import { atEnd, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const { drained, LONG, openLetters, relayConfig, startRelay } = support;
/** A machine that is busy elsewhere may forget a worker for half of it. */
const LOCK_MS = 8_000;

type Work = { readonly id: string; readonly what: string };

/** Rows of another schema than that of events, as a service writes them for itself. */
async function ask(database: Database, what: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO outbox (id, body, schema, type, occurred_at, next_attempt_at)
     VALUES ($1, $2, 'work.v1', 'job', now(), now())`,
    [id, Buffer.from(what)],
  );
  return id;
}

async function startWorkers(
  t: TestContext,
  take: TakeItem<Work>,
  { count = 1, lockMs = LOCK_MS }: { count?: number; lockMs?: number } = {},
) {
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  // What is done twice here would show: nothing but the queue may bring it again.
  await startRelay(t, relayConfig(url, redis.url, { RELAY_RESEND_AFTER_MS: '600000' }));
  const metrics = createMetrics('test');
  const counted = createConsumerMetrics(metrics);
  const start = () => {
    const consumer = createQueueConsumer<Work>({
      redisUrl: redis.url,
      queue: support.QUEUE,
      decoders: {
        'work.v1'(id, body) {
          const what = Buffer.from(body).toString();
          if (what === 'nonsense') throw new PoisonError('UNKNOWN_TYPE');
          return { id, what };
        },
      },
      take,
      logger: silentLogger,
      random: () => 0,
      metrics: counted,
      lockMs,
      lookForStalledMs: 300,
    });
    consumer.start();
    atEnd(t, () => consumer.stop());
    return consumer;
  };
  const consumers = Array.from({ length: count }, start);
  return { redis, database, metrics, consumers, start };
}

test('work that lasts longer than its lock is done once, though another worker stands by', async (t) => {
  const runs = async (lockMs: number): Promise<string[]> => {
    const seen: string[] = [];
    const take: TakeItem<Work> = async (_work, { signal }) => {
      seen.push('begun');
      await pause(lockMs * 1.5);
      if (signal.aborted) seen.push('lost');
      return { duplicate: false };
    };
    const { database, consumers } = await startWorkers(t, take, { count: 2, lockMs });
    await ask(database, 'a statement');
    await drained(database);
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    return seen;
  };
  const once = ['begun'];
  // A short lock may be lost on a busy machine, a long one may not.
  if (!isDeepStrictEqual(await runs(1_500), once)) assert.deepEqual(await runs(LOCK_MS), once);
});

test('work whose lock is lost is asked to end, and is done again', async (t) => {
  const ended: string[] = [];
  let runs = 0;
  const take: TakeItem<Work> = async (_work, { id, signal }) => {
    runs += 1;
    if (runs > 1) return { duplicate: false };
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    ended.push(id);
    throw new Error('it was asked to end');
  };
  const { database, redis } = await startWorkers(t, take, { lockMs: 3_000 });
  const id = await ask(database, 'a statement');
  await until(() => runs === 1, LONG);
  const asked = new Redis(redis.url);
  atEnd(t, () => asked.disconnect());
  await asked.del(`banyan:${support.QUEUE}:${id}:lock`);
  await until(() => ended.length === 1, LONG);
  await drained(database);
  assert.deepEqual(ended, [id]);
});

test('work that a stop leaves no time for goes to another worker at once', async (t) => {
  const runs: string[] = [];
  const take: TakeItem<Work> = async ({ id }, { signal }) => {
    runs.push(id);
    if (runs.length > 1) return { duplicate: false };
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    signal.throwIfAborted();
    return { duplicate: false };
  };
  const { database, consumers, start } = await startWorkers(t, take);
  const id = await ask(database, 'a statement');
  await until(() => runs.length === 1, LONG);
  await consumers[0]?.stop(50);
  start();
  await drained(database);
  assert.deepEqual(runs, [id, id]);
});

test('what a consumer cannot read or refuses is dead with its reason, and is counted', async (t) => {
  const take: TakeItem<Work> = async ({ what }) => {
    if (what === 'refused') throw refuse('PERMISSION_DENIED', 'NOT_YOURS');
    return { duplicate: what === 'known' };
  };
  const { database, redis, metrics } = await startWorkers(t, take);
  const letters = openLetters(t, redis.url);
  const [nonsense, refused] = [await ask(database, 'nonsense'), await ask(database, 'refused')];
  for (const what of ['new', 'known']) await ask(database, what);
  await until(async () => (await support.waiting(database)) === 2 && (await letters.count()) === 2, LONG);
  assert.deepEqual(Object.fromEntries((await letters.list()).map(({ id, reason }) => [id, reason])), {
    [nonsense]: 'poison: UNKNOWN_TYPE',
    [refused]: 'refused: NOT_YOURS',
  });
  const { text } = await metrics.render();
  for (const [name, labels] of [
    ['queue_events_taken_total', 'outcome="taken"'],
    ['queue_events_taken_total', 'outcome="duplicate"'],
    ['queue_event_faults_total', 'kind="poison",next="dead"'],
    ['queue_event_faults_total', 'kind="refused",next="dead"'],
  ]) {
    assert.match(text, new RegExp(`^${name}\\{queue="${support.QUEUE}",${labels},service="test"\\} 1$`, 'm'));
  }
});
