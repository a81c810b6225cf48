import type { TestContext } from 'node:test';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { atEnd } from '../kit.ts';

export type { TestRedis };

/** A Redis of the test's own, as queues want it, already running. */
export async function startRedis(t: TestContext): Promise<TestRedis> {
  const redis = await createTestRedis({ keepsData: 'everysec' });
  atEnd(t, () => redis[Symbol.asyncDispose]());
  await redis.start();
  return redis;
}
