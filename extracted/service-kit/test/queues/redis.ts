import { after, type TestContext } from 'node:test';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { Redis } from 'ioredis';
import { atEnd } from '../kit.ts';

export type { TestRedis };

let shared: TestRedis | undefined;
after(() => shared?.[Symbol.asyncDispose]());

/** A Redis that is empty, of the file's tests one after another. Whoever stops it wants `startRedis`. */
export async function emptyRedis(t: TestContext): Promise<Pick<TestRedis, 'url'>> {
  if (!shared) {
    shared = await createTestRedis();
    await shared.start();
  }
  const client = new Redis(shared.url);
  atEnd(t, async () => {
    await client.flushall();
    client.disconnect();
  });
  return shared;
}

/** A Redis of the test's own, as queues want it, already running. */
export async function startRedis(t: TestContext): Promise<TestRedis> {
  const redis = await createTestRedis({ keepsData: 'everysec' });
  atEnd(t, () => redis[Symbol.asyncDispose]());
  await redis.start();
  return redis;
}
