import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { until } from '@banyan/stack/testing/until';
import type { Database } from '../../src/database.ts';
import type { ServiceParts } from '../../src/lifecycle.ts';
import { silentLogger } from '../../src/logger.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createEventConsumer, type EventConsumer, takeOnce } from '../../src/queues/consumer.ts';
import { type DeadLetters, openDeadLetters } from '../../src/queues/dead-letters.ts';
import { createRelayProcess } from '../../src/relay/compose.ts';
import { type RelayConfig, readRelayConfig } from '../../src/relay/config.ts';
import { atEnd, LONG, now, startDatabase, type TestSchema } from '../kit.ts';

export { LONG } from '../kit.ts';

export const QUEUE = 'receiver-events';
/** Acknowledgements to it are in Redis, which files may share. */
export const SOURCE = `writer-${process.pid}`;
const CONCURRENCY = 24;

export function holdExpired(bookingId: number): Event {
  return {
    id: randomUUID(),
    occurredAt: now(),
    body: { $case: 'holdExpired', value: { bookingId: BigInt(bookingId) } },
  };
}

/** Events about 1, 2, 3, …, fifty to a transaction. */
export async function writeMany(database: Database, count: number): Promise<void> {
  for (let from = 1; from <= count; from += 50) {
    const events = Array.from({ length: Math.min(50, count - from + 1) }, (_, index) =>
      holdExpired(from + index),
    );
    await database.query(
      `INSERT INTO outbox (id, body, occurred_at, next_attempt_at, type)
       SELECT id, body, now(), now() + interval '2 seconds', 'holdExpired'
       FROM unnest($1::uuid[], $2::bytea[]) AS made (id, body)`,
      [events.map(({ id }) => id), events.map((event) => Buffer.from(Event.encode(event).finish()))],
    );
  }
}

export const waiting = async (database: Database): Promise<number> =>
  (await database.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox WHERE delivered_at IS NULL'))
    .rows[0]?.n ?? -1;

export const drained = (database: Database): Promise<boolean> =>
  until(async () => (await waiting(database)) === 0, { ...LONG, what: 'the outbox to drain' });

export function relayConfig(url: string, redisUrl: string, env: Record<string, string> = {}): RelayConfig {
  return readRelayConfig({ ...relayEnv(url, redisUrl), ...env });
}

export function relayEnv(url: string, redisUrl: string): Record<string, string> {
  return {
    RELAY_DATABASE_URL: url,
    RELAY_SCHEMA: 'billing',
    RELAY_SOURCE: SOURCE,
    RELAY_ROUTES: QUEUE,
    QUEUE_REDIS_URL: redisUrl,
    RELAY_RESEND_AFTER_MS: '1500',
    LOG_LEVEL: 'silent',
  };
}

/** A relay as its process has it, in this one. */
export async function startRelay(t: TestContext, config: RelayConfig) {
  const metrics = createMetrics('relay');
  const parts: ServiceParts = {
    logger: silentLogger,
    metrics,
    now,
    newId: randomUUID,
    random: Math.random,
  };
  const relay = createRelayProcess(config, parts);
  await relay.listen();
  atEnd(t, () => relay.stop());
  return { ...relay, metrics };
}

export type Receiver = TestSchema & {
  /** How often there was an effect for each event, by how many events: `{ 1: 2000 }` where each had one. */
  effects(): Promise<Record<number, number>>;
  count(): Promise<number>;
};

/** A database in which the effect of an event is to count. */
export async function startReceiver(t: TestContext): Promise<Receiver> {
  const made = await startDatabase(t);
  const database = made.open({ poolMax: CONCURRENCY });
  return {
    ...made,
    database,
    async effects() {
      const { rows } = await database.query<{ amount: bigint; n: number }>(
        'SELECT amount, count(*)::int AS n FROM things GROUP BY amount',
      );
      return Object.fromEntries(rows.map(({ amount, n }) => [Number(amount), n]));
    },
    count: async () =>
      (await database.query<{ n: number }>('SELECT count(*)::int AS n FROM things')).rows[0]?.n ?? 0,
  };
}

export const COUNT_IT =
  'INSERT INTO things VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET amount = things.amount + 1';

export function bookingOf({ body }: Event): bigint {
  return body?.$case === 'holdExpired' ? body.value.bookingId : 0n;
}

export function startConsumer(
  t: TestContext,
  redisUrl: string,
  receiver: Receiver,
  options: Partial<Parameters<typeof createEventConsumer>[0]> = {},
): EventConsumer {
  const consumer = createEventConsumer({
    redisUrl,
    queue: QUEUE,
    take: takeOnce(receiver.database, async (tx, event) => {
      await tx.query(COUNT_IT, [bookingOf(event)]);
    }),
    logger: silentLogger,
    random: Math.random,
    concurrency: CONCURRENCY,
    lockMs: 3_000,
    lookForStalledMs: 1_000,
    ...options,
  });
  consumer.start();
  atEnd(t, () => consumer.stop());
  return consumer;
}

export function openLetters(t: TestContext, redisUrl: string): DeadLetters {
  const letters = openDeadLetters({ redisUrl, queue: QUEUE, logger: silentLogger });
  atEnd(t, () => letters.close());
  return letters;
}
