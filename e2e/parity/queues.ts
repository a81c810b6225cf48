import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createLogSink } from '@banyan/service-kit/logger';
import { createMetrics } from '@banyan/service-kit/metrics';
import { createRelayProcess } from '@banyan/service-kit/relay/compose';
import { readRelayConfig } from '@banyan/service-kit/relay/config';
import { findQueues } from '@banyan/stack/carve-outs/find-carve-outs';
import { routesOf } from '@banyan/stack/relays/queues';
import { sharedTestRedis } from '@banyan/stack/testing/redis';
import type pg from 'pg';
import type { Undo } from './monolith.ts';

const ROOT = join(import.meta.dirname, '../..');

let worlds = 0;

/** How the sides of one world reach each other's queues. */
export type QueueSettings = Readonly<Record<string, string>>;

/** Queues of a world of its own, in the Redis of all. */
export async function openQueues(undo: Undo): Promise<QueueSettings> {
  const redis = await sharedTestRedis();
  undo.push(() => redis[Symbol.asyncDispose]());
  worlds += 1;
  return { QUEUE_REDIS_URL: redis.url, QUEUE_PREFIX: `world-${process.pid}-${worlds}` };
}

export type RelayedOutbox = {
  readonly source: string;
  /** How many events were written, and how many of them a relay has brought to whoever took them. */
  count(): Promise<{ readonly written: number; readonly taken: number }>;
};

/** Brings what an outbox holds to the queues that the reference configuration names, in this process. */
export async function startRelay(
  outbox: { readonly source: string; readonly url: string; readonly pool: pg.Pool },
  settings: QueueSettings,
  undo: Undo,
): Promise<RelayedOutbox> {
  const { source, url, pool } = outbox;
  const isMonoliths = source === 'monolith';
  const table = isMonoliths ? 'seam_outbox' : 'outbox';
  const schema = isMonoliths ? 'public' : source;
  const env = {
    ...settings,
    RELAY_SOURCE: source,
    RELAY_DATABASE_URL: url,
    RELAY_SCHEMA: schema,
    RELAY_TABLE: table,
    RELAY_ROUTES: routesOf(await findQueues(ROOT, {}), source) ?? '',
  };
  const name = `relay-${source}`;
  const sink = createLogSink(process.env.PARITY_LOG_LEVEL ?? 'silent', { fd: 1, service: name });
  undo.push(() => sink.flush());
  const parts = {
    logger: sink.logger,
    metrics: createMetrics(name),
    now: () => new Date(),
    newId: randomUUID,
    random: Math.random,
  };
  const relay = createRelayProcess(readRelayConfig(env), parts);
  undo.push(() => relay.stop());
  await relay.listen();
  return {
    source,
    count: async () => {
      const { rows } = await pool.query<{ written: number; taken: number }>(
        `SELECT count(*)::int AS written,
                count(*) FILTER (WHERE handed_at IS NOT NULL AND delivered_at IS NOT NULL)::int AS taken
         FROM ${schema}.${table}`,
      );
      return rows[0] ?? { written: 0, taken: 0 };
    },
  };
}
