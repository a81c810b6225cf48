import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { openQueues } from '../../src/queues/open-queues.ts';
import { type NamedQueue, type Queues, QueuesAway } from '../../src/queues/queues.ts';
import { createTestRedis, type TestRedis } from '../support/redis.ts';

const SOON = { deadlineMs: 30_000 };
const PREFIX = 'test';
const EVENTS: NamedQueue = { name: 'billing-events', consumer: 'billing', takes: ['bookingPlaced'] };
const QUIET: NamedQueue = { name: 'booking-events', consumer: 'booking', takes: 'rest' };
const BODY = Buffer.from('an event').toString('base64');

describe('the queues in Redis', () => {
  let server: TestRedis;
  let redis: Redis;
  let queue: Queue;
  let queues: Queues;
  /** Whether the worker refuses what it gets. */
  let refuses = true;
  let worker: Worker | undefined;

  const startWorker = () =>
    new Worker(
      EVENTS.name,
      async () => {
        if (refuses) throw new UnrecoverableError('refused: NO_FARE');
      },
      {
        connection: { url: server.url, maxRetriesPerRequest: null },
        prefix: PREFIX,
        removeOnComplete: { count: 0 },
        metrics: { maxDataPoints: 60 },
      },
    );
  const put = async (type = 'bookingPlaced', source: unknown = 'booking'): Promise<string> => {
    const id = randomUUID();
    const data = { schema: 'events.v1', body: BODY, source };
    await queue.add(type, data, { jobId: id, attempts: 3, removeOnComplete: true });
    return id;
  };
  const putDead = async (types: readonly string[]): Promise<string[]> => {
    refuses = true;
    const { jobs } = await queues.one(EVENTS);
    const ids = [];
    for (const type of types) {
      ids.push(await put(type));
      const dead = jobs.dead + ids.length;
      await until(async () => (await queue.getFailedCount()) === dead, SOON);
    }
    return ids;
  };
  const told = (source: string) => redis.lrange(`${PREFIX}-acknowledged:${source}`, 0, -1);

  before(async () => {
    server = await createTestRedis();
    await server.start();
    redis = new Redis(server.url);
    redis.on('error', () => {});
    queue = new Queue(EVENTS.name, { connection: redis, prefix: PREFIX });
    queue.on('error', () => {});
    queues = openQueues(
      { redisUrl: server.url, prefix: PREFIX, named: [EVENTS, QUIET] },
      { now: Date.now, logger: pino({ level: 'silent' }) },
    );
  });
  after(async () => {
    await worker?.close(true);
    await queues.close();
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  it('are shown with what waits and since when, also where nobody takes it', async () => {
    const first = Date.now();
    await put();
    await queue.add('bookingPlaced', {}, { delay: 60_000, timestamp: first - 90_000 });
    await queue.add('bookingPlaced', {}, { jobId: 'a-late-one' });
    const [events, quiet] = await queues.list();
    assert.deepEqual(events?.jobs, { waiting: 2, active: 0, delayed: 1, dead: 0 });
    assert.equal(events?.consumers, 0);
    // What is to be tried again is as old as it is, whenever that will be.
    assert.ok(Number(events?.oldestSeconds) >= 90, String(events?.oldestSeconds));
    assert.deepEqual(quiet, {
      ...QUIET,
      jobs: { waiting: 0, active: 0, delayed: 0, dead: 0 },
      oldestSeconds: null,
      completed: { total: 0, perMinute: 0 },
      died: { total: 0, perMinute: 0 },
      consumers: 0,
    });
    await queue.drain(true);
  });

  it('are shown with who takes from them, and how fast', async () => {
    worker = startWorker();
    worker.on('error', () => {});
    refuses = false;
    await worker.waitUntilReady();
    await Promise.all([put(), put(), put()]);
    await until(async () => {
      const { completed, consumers } = await queues.one(EVENTS);
      return completed.total === 3 && consumers === 1;
    }, SOON);
    const { completed, jobs, oldestSeconds } = await queues.one(EVENTS);
    assert.ok(completed.perMinute > 0.4 && completed.perMinute <= 0.6, String(completed.perMinute));
    assert.deepEqual([jobs.waiting, oldestSeconds], [0, null]);
  });

  it('have their dead letters by pages, the latest first, and each as it came', async () => {
    const ids = await putDead(['bookingPlaced', 'holdExpired', 'bookingPlaced']);
    const first = await queues.letters(EVENTS, { offset: 0, limit: 2 });
    const second = await queues.letters(EVENTS, { offset: 2, limit: 2 });
    assert.equal(first.total, 3);
    assert.deepEqual(
      [...first.letters, ...second.letters].map(({ id }) => id),
      ids.toReversed(),
    );
    const letter = await queues.inspect(EVENTS, ids[1] as string);
    const { since, bytes, ...rest } = letter ?? assert.fail('it is there');
    assert.deepEqual(rest, {
      id: ids[1],
      type: 'holdExpired',
      reason: 'refused: NO_FARE',
      attempts: 1,
      source: 'booking',
      schema: 'events.v1',
      body: BODY,
      bodyBytes: 8,
    });
    assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000, since);
    assert.ok(bytes > BODY.length);
    assert.equal((await queues.one(EVENTS)).died.total, 3);
    for (const id of [randomUUID(), 'failed', 'meta', 'wait', '', '../x']) {
      assert.equal(await queues.inspect(EVENTS, id), undefined, id);
    }
  });

  it('try again what is retried, as if it were new, and nothing that is no dead letter', async () => {
    const { ids, more } = await queues.find(EVENTS, { type: 'bookingPlaced', limit: 1 });
    assert.deepEqual([ids.length, more], [1, 1]);
    const [id = ''] = ids;
    const seen = new Promise<number>((resolve) =>
      worker?.once('completed', (job) => resolve(job.attemptsMade)),
    );
    refuses = false;
    const outcome = await queues.settle(EVENTS, [id, randomUUID(), 'meta'], { kind: 'retry' });
    assert.deepEqual(outcome, { done: 1, gone: 2 });
    assert.equal(await seen, 1, 'what it was tried before counts no more');
    assert.deepEqual(await queues.settle(EVENTS, [id], { kind: 'retry' }), { done: 0, gone: 1 });
    assert.equal((await queues.one(EVENTS)).jobs.dead, 2);
    assert.deepEqual(await told('booking'), []);
  });

  it('forget what is discarded, and tell its outbox why, in the form that a relay reads', async () => {
    const { ids } = await queues.find(EVENTS, { limit: 10 });
    assert.equal(ids.length, 2);
    const outcome = await queues.settle(EVENTS, ids, { kind: 'discard', reason: 'of a test' });
    assert.deepEqual(outcome, { done: 2, gone: 0 });
    assert.deepEqual(
      (await told('booking')).toSorted(),
      ids.map((id) => `x${id} discarded: of a test`).toSorted(),
    );
    assert.equal(await redis.exists(queue.toKey(ids[0] as string)), 0);
    // Of no outbox: gone all the same, and nobody is told.
    refuses = true;
    const lost = await put('bookingPlaced', 'a:b');
    await until(async () => (await queue.getFailedCount()) === 1, SOON);
    const bye = { kind: 'discard', reason: 'of a test' } as const;
    assert.deepEqual(await queues.settle(EVENTS, [lost], bye), { done: 1, gone: 0 });
    assert.deepEqual(await redis.keys(`${PREFIX}-acknowledged:*`), [`${PREFIX}-acknowledged:booking`]);
  });

  it('fail within their deadline while Redis answers nobody, or is gone, and come back with it', async () => {
    await worker?.close();
    worker = undefined;
    const [id = ''] = [await put()];
    const all = (): readonly Promise<unknown>[] => [
      queues.list(),
      queues.one(EVENTS),
      queues.letters(EVENTS, { offset: 0, limit: 1 }),
      queues.inspect(EVENTS, id),
      queues.find(EVENTS, { type: 'a', limit: 1 }),
      queues.bullQueues(),
    ];
    const refused = async () => {
      const startedMs = performance.now();
      for (const ended of await Promise.allSettled(all())) {
        assert.ok(ended.status === 'rejected' && ended.reason instanceof QueuesAway, JSON.stringify(ended));
        assert.doesNotMatch(ended.reason.message, /127\.0\.0\.1/);
      }
      const settled = await queues.settle(EVENTS, [id], { kind: 'retry' });
      assert.ok(settled.away instanceof QueuesAway);
      // A bound that a hang does not keep, and a busy machine does.
      assert.ok(performance.now() - startedMs < 20_000);
    };
    server.pause();
    try {
      await refused();
    } finally {
      server.resume();
    }
    await server.kill();
    await refused();
    await server.start();
    await until(
      () =>
        queues.list().then(
          () => true,
          () => false,
        ),
      SOON,
    );
  });

  it('say why they cannot be asked where Redis was never there, and end all the same', async () => {
    const nowhere = { redisUrl: 'redis://127.0.0.1:1', prefix: PREFIX, named: [EVENTS] };
    const away = openQueues(nowhere, { now: Date.now, logger: pino({ level: 'silent' }) });
    try {
      await assert.rejects(away.list(), (error: Error) => {
        assert.ok(error instanceof QueuesAway);
        assert.equal(error.message, 'connection refused');
        return true;
      });
    } finally {
      await away.close();
    }
  });
});
