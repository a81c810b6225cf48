import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
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
const VARIABLE = 'QUEUE_REDIS_URL';

let worlds = 0;

/** How the sides of one world reach each other's queues; nothing where a build does not know of them. */
export type QueueSettings = Readonly<Record<string, string>>;

/** Queues of a world of its own, in the Redis of all. */
export async function openQueues(undo: Undo): Promise<QueueSettings> {
  const redis = await sharedTestRedis();
  undo.push(() => redis[Symbol.asyncDispose]());
  worlds += 1;
  return { [VARIABLE]: redis.url, QUEUE_PREFIX: `world-${process.pid}-${worlds}` };
}

/** Whether the service of another build takes from queues, or hears of events by calls. */
export function knowsQueues(build: string, name: string): boolean {
  const config = join(build, 'extracted', name, 'src', 'config.ts');
  return existsSync(config) && readFileSync(config, 'utf8').includes(VARIABLE);
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
