import {
  type Environment,
  fieldOf,
  integer,
  oneOf,
  optional,
  readServiceConfig,
  text,
  url,
} from '../config.ts';
import { QUEUE_PREFIX } from '../queues/event-queues.ts';
import { parseRoutes, type Routes } from '../queues/routes.ts';

const MINUTE_MS = 60_000;

const FIELDS = {
  /** Of the outbox: a service's, or the monolith's. */
  databaseUrl: url('RELAY_DATABASE_URL', { protocols: ['postgres:', 'postgresql:'] }),
  schema: text('RELAY_SCHEMA', { fallback: 'public' }),
  table: text('RELAY_TABLE', { fallback: 'outbox' }),
  /** The outbox's name, under which consumers acknowledge to it. The same for all its relays, and no other's. */
  source: text('RELAY_SOURCE'),
  /** Which queue takes what; see `parseRoutes`. */
  routes: fieldOf<Routes>(
    'RELAY_ROUTES',
    'must be queue:type,type;…;queue, the last without types',
    undefined,
    (value) => {
      try {
        return { value: parseRoutes(value) };
      } catch (error) {
        return { fault: (error as Error).message };
      }
    },
  ),
  redisUrl: url('QUEUE_REDIS_URL', { protocols: ['redis:', 'rediss:'] }),
  prefix: text('QUEUE_PREFIX', { fallback: QUEUE_PREFIX }),
  /** Events that may wait in a queue; more wait in the outbox. */
  waitingMax: integer('QUEUE_WAITING_MAX', { fallback: 5_000, min: 1, max: 1_000_000 }),
  pollMs: integer('RELAY_POLL_MS', { fallback: 1_000, min: 10, max: MINUTE_MS }),
  resendAfterMs: integer('RELAY_RESEND_AFTER_MS', { fallback: 15_000, min: 100, max: 10 * MINUTE_MS }),
  host: text('RELAY_HOST', { fallback: '127.0.0.1' }),
  /** Null: no listener for operators; 0 picks a free port. */
  metricsPort: optional(integer('RELAY_METRICS_PORT', { min: 0, max: 65_535 })),
  drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', { fallback: 5_000, min: 0, max: 10 * MINUTE_MS }),
  logLevel: oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'silent'], { fallback: 'info' }),
};

export type RelayConfig = ReturnType<typeof readRelayConfig>;

export function readRelayConfig(env: Environment) {
  return readServiceConfig(env, FIELDS);
}
