import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { silentLogger } from '@banyan/service-kit/logger';
import { createMetrics } from '@banyan/service-kit/metrics';
import { createEventConsumer } from '@banyan/service-kit/queues/consumer';
import { openDeadLetters } from '@banyan/service-kit/queues/dead-letters';
import { createRelayProcess } from '@banyan/service-kit/relay/compose';
import { readRelayConfig } from '@banyan/service-kit/relay/config';
import { createTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { atEnd } from './databases.ts';
import type { World } from './world.ts';

/** A test waits so long for what takes a moment on a machine that has nothing else to do. */
export const LONG = { deadlineMs: 60_000 } as const;

const ROUTES =
  'booking-jobs:job;billing-events:bookingPlaced,bookingChanged,bookingCancelled,holdExpired;booking-events';

/** Queues of a world: a Redis, a relay for each outbox, and a stand-in for billing that takes what it is told. */
export async function startQueues(t: TestContext, world: World) {
  const redis = await createTestRedis({ keepsData: 'everysec' });
  atEnd(t, () => redis[Symbol.asyncDispose]());
  await redis.start();

  const startRelay = async (source: string, env: Record<string, string>): Promise<void> => {
    const config = readRelayConfig({
      RELAY_SOURCE: source,
      RELAY_ROUTES: ROUTES,
      RELAY_RESEND_AFTER_MS: '2000',
      QUEUE_REDIS_URL: redis.url,
      ...env,
    });
    const relay = createRelayProcess(config, {
      logger: silentLogger,
      metrics: createMetrics('relay'),
      now: () => new Date(),
      newId: randomUUID,
      random: Math.random,
    });
    await relay.listen();
    atEnd(t, () => relay.stop());
  };
  await startRelay('booking', { RELAY_DATABASE_URL: world.serviceUrl, RELAY_SCHEMA: 'booking' });
  await startRelay('monolith', { RELAY_DATABASE_URL: world.monolithUrl, RELAY_TABLE: 'seam_outbox' });

  const billing = { heard: [] as Event[], beforeTaken: async (_event: Event) => {} };
  const consumer = createEventConsumer({
    redisUrl: redis.url,
    queue: 'billing-events',
    async take(event) {
      billing.heard.push(event);
      await billing.beforeTaken(event);
      return { duplicate: false };
    },
    logger: silentLogger,
    random: Math.random,
  });
  consumer.start();
  atEnd(t, () => consumer.stop());
  const letters = openDeadLetters({ redisUrl: redis.url, queue: 'booking-events', logger: silentLogger });
  atEnd(t, () => letters.close());

  const open = async (): Promise<number> =>
    (await world.monolith.query('SELECT FROM seam_outbox WHERE delivered_at IS NULL')).rowCount ?? 0;

  return {
    redis,
    billing,
    letters,
    env: { QUEUE_REDIS_URL: redis.url },
    /** As the monolith does, in its outbox. */
    async tell(...events: readonly Event[]): Promise<void> {
      for (const event of events) {
        await world.monolith.query(
          `INSERT INTO seam_outbox (id, body, occurred_at, next_attempt_at, type) VALUES ($1, $2, now(), now(), $3)`,
          [event.id, Buffer.from(Event.encode(event).finish()), event.body?.$case],
        );
      }
    },
    /** All that the monolith told was acknowledged. */
    untilTaken: () => until(async () => (await open()) === 0, { ...LONG, what: 'the acknowledgement' }),
  };
}
