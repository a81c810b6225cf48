import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { createPartition } from '@banyan/stack/testing/partition';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createQueueConsumer } from '../src/seams/events/queue-consumer.ts';
import { RpcRefusal } from '../src/seams/rpc/errors.ts';

const LONG = { deadlineMs: 60_000 } as const;
/** Of what waits in Redis for a third of that; a machine that is busy elsewhere may forget it for some of it. */
const SHORT_SILENCE_MS = 3000;

describe("a queue's consumer", { concurrency: true }, () => {
  let redis: TestRedis;
  before(async () => {
    redis = await createTestRedis();
    await redis.start();
  });
  after(() => redis[Symbol.asyncDispose]());

  type Take = Parameters<typeof createQueueConsumer>[0]['take'];

  function open(t: TestContext, take: Take, redisUrl = redis.url) {
    const lines: string[] = [];
    const prefix = `test-${randomUUID()}`;
    const queue = new Queue('events', { connection: { url: redis.url }, prefix });
    const consumer = createQueueConsumer({
      queues: { redisUrl, prefix, events: { billing: 'events', booking: 'others' } },
      queue: 'events',
      take,
      random: Math.random,
      logger: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
      silenceMs: SHORT_SILENCE_MS,
    });
    t.after(() => Promise.all([consumer.stop(), queue.close()]));
    const put = async (): Promise<void> => {
      const id = randomUUID();
      const event: Event = {
        id,
        occurredAt: new Date(),
        body: { $case: 'holdExpired', value: { bookingId: 1n } },
      };
      const body = Buffer.from(Event.encode(event).finish()).toString('base64');
      const data = { schema: 'events.v1', body, source: 'writer' };
      const options = { jobId: id, attempts: 1_000_000, backoff: { type: 'by-kind' } };
      await queue.add('holdExpired', data, options);
    };
    return { queue, consumer, put, prefix, log: () => lines.join('') };
  }

  test('whose Redis is gone without a word connects anew, and takes the next event', async (t) => {
    const network = await createPartition(Number(new URL(redis.url).port));
    t.after(() => network[Symbol.asyncDispose]());
    let taken = 0;
    const take = async () => {
      taken += 1;
    };
    const { consumer, put } = open(t, take, `redis://127.0.0.1:${network.port}`);
    consumer.setTaking(true);
    await put();
    await until(() => taken === 1, LONG);
    network.forget();
    await put();
    await until(() => taken === 2, { ...LONG, what: 'the next event' });
  });

  test('does not count what failed while something was away when it fails for another reason', async (t) => {
    let runs = 0;
    const { queue, consumer, put } = open(t, async () => {
      runs += 1;
      throw runs <= 9 || runs % 3 === 0
        ? new RpcRefusal('FAILED_PRECONDITION', 'NOT_THE_OWNER')
        : new Error('odd');
    });
    consumer.setTaking(true);
    await put();
    await until(async () => {
      // Nobody waits for the pauses between them.
      await queue.promoteJobs();
      return (await queue.getFailedCount()) === 1;
    }, LONG);
    const [letter] = await queue.getFailed();
    assert.deepEqual([letter?.failedReason, letter?.attemptsMade], ['unexpected: odd', 8]);
    assert.ok(runs >= 20, `${runs} runs`);
  });

  test('says why what failed while something was away could not be put off', async (t) => {
    const client = new Redis(redis.url);
    t.after(() => client.disconnect());
    const { consumer, put, prefix, log } = open(t, async ({ id }) => {
      // As of a worker that was stopped for longer than its lock lasts.
      await client.del(`${prefix}:events:${id}:lock`);
      throw new RpcRefusal('FAILED_PRECONDITION', 'NOT_THE_OWNER');
    });
    consumer.setTaking(true);
    await put();
    await until(() => log().includes('an event could not be put off'), { ...LONG, what: 'the line' });
    assert.match(log(), /Missing lock for job/);
  });

  test('is a worker of its queue only while it takes from it', async (t) => {
    const { queue, consumer } = open(t, async () => {});
    const workers = (count: number) =>
      until(async () => (await queue.getWorkersCount()) === count, { ...LONG, what: `${count} workers` });
    await workers(0);
    consumer.setTaking(true);
    await workers(1);
    consumer.setTaking(false);
    await workers(0);
  });
});
