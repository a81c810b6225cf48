import { randomUUID } from 'node:crypto';
import { after, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Event } from '@banyan/contracts/events/v1/events';
import { silentLogger } from '@banyan/service-kit/logger';
import { createMetrics } from '@banyan/service-kit/metrics';
import { type Acknowledgement, readAcknowledgements } from '@banyan/service-kit/queues/acknowledgements';
import { connectProducer, connectWorker } from '@banyan/service-kit/queues/connection';
import { createEventConsumer } from '@banyan/service-kit/queues/consumer';
import { EVENT_SCHEMA } from '@banyan/service-kit/queues/event-job';
import { createEventQueues, openQueue } from '@banyan/service-kit/queues/event-queues';
import { parseRoutes } from '@banyan/service-kit/queues/routes';
import { createRelayProcess } from '@banyan/service-kit/relay/compose';
import { readRelayConfig } from '@banyan/service-kit/relay/config';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { undo } from './undo.ts';

const QUEUE = 'billing-events';
/** The name of the outbox that the tests tell from. */
const SOURCE = 'booking';
const CONNECT_MS = 20_000;
const TAKEN_MS = 60_000;

export type Queues = {
  /** What billing is told of them. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts an event in billing's queue, as a relay does. */
  put(event: Event): Promise<void>;
  /** Puts it there and waits until it is acknowledged; throws the reason of a dead letter. */
  deliver(event: Event): Promise<void>;
  /** How many events are in billing's queue, in hand and waiting for another attempt included. */
  waiting(): Promise<number>;
};

let shared: Promise<TestRedis> | undefined;
after(async () => (await shared)?.[Symbol.asyncDispose]());

/** One for the tests of a file that leave it alone: each has its queues under a prefix of its own. */
function sharedRedis(): Promise<TestRedis> {
  shared ??= createTestRedis().then(async (redis) => {
    await redis.start();
    return redis;
  });
  return shared;
}

/** What is between billing and booking's owner: billing's relay, the queues of both, and the owner's end of them. */
export async function startQueues(
  t: TestContext,
  options: {
    readonly databaseUrl: string;
    readonly takeEvent: (event: Event) => Promise<{ duplicate: boolean }>;
    readonly redis?: TestRedis;
  },
): Promise<Queues> {
  const { url } = options.redis ?? (await sharedRedis());
  const prefix = `test-${randomUUID()}`;
  const env = { QUEUE_REDIS_URL: url, QUEUE_PREFIX: prefix };
  const parts = { logger: silentLogger, random: Math.random };

  const consumer = createEventConsumer({
    redisUrl: url,
    prefix,
    queue: 'booking-events',
    take: options.takeEvent,
    ...parts,
  });
  consumer.start();
  undo(t, () => consumer.stop());
  const relay = createRelayProcess(
    readRelayConfig({
      ...env,
      RELAY_DATABASE_URL: options.databaseUrl,
      RELAY_SCHEMA: 'billing',
      RELAY_SOURCE: 'billing',
      RELAY_ROUTES: 'billing-jobs:job;booking-events',
    }),
    { ...parts, metrics: createMetrics('relay'), now: () => new Date(), newId: randomUUID },
  );
  await relay.listen();
  undo(t, () => relay.stop());

  const connection = connectProducer(url, parts);
  undo(t, () => connection.close());
  const queues = createEventQueues({ connection, prefix, routes: parseRoutes(QUEUE), ...parts });
  const queue = openQueue(QUEUE, { connection, prefix, logger: silentLogger });
  const told = new Map<string, PromiseWithResolvers<Acknowledgement>>();
  const reader = readAcknowledgements({
    connection: connectWorker(url, parts),
    prefix,
    source: SOURCE,
    logger: silentLogger,
    take: async (acks) => {
      for (const ack of acks) told.get(ack.id)?.resolve(ack);
    },
  });
  undo(t, () => reader.stop());

  const put = async (event: Event): Promise<void> => {
    await connection.whenReady(CONNECT_MS);
    const body = Buffer.from(Event.encode(event).finish()).toString('base64');
    const job = { schema: EVENT_SCHEMA, body, source: SOURCE };
    await queues.add([{ id: event.id, type: event.body?.$case ?? null, job }]);
  };

  return {
    env,
    put,
    async deliver(event) {
      const telling = Promise.withResolvers<Acknowledgement>();
      told.set(event.id, telling);
      await put(event);
      const ack = await Promise.race([telling.promise, pause(TAKEN_MS, null, { ref: false })]);
      if (ack === null) throw new Error(`event ${event.id} was not taken within ${TAKEN_MS} ms`);
      const { outcome, said } = ack;
      if (outcome !== 'taken') throw new Error(said);
    },
    async waiting() {
      await connection.whenReady(CONNECT_MS);
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      return Object.values(counts).reduce((sum, each) => sum + each, 0);
    },
  };
}
