import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_POSTGRES_VARIABLE } from '@banyan/stack/testing/database';
import { freePort } from '@banyan/stack/testing/free-port';
import { createTestPostgres, type TestPostgres } from '@banyan/stack/testing/postgres';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import type pg from 'pg';
import { plantFlights } from '../parity/flights.ts';
import { createMonolithDatabase } from '../parity/monolith.ts';
import type { Aggregate } from '../parity/sequences.ts';
import {
  AGGREGATES,
  IDENTITY_KEYS,
  moveToService,
  prepareMonolith,
  prepareService,
  SERVICE_TOKEN,
  type ServiceGround,
} from '../parity/services.ts';
import { type CaughtMails, collectMails } from './caught-mails.ts';
import { createProgram, type Program } from './program.ts';

/** Who owns. What is not named is the monolith's. */
export type Combination = readonly Aggregate[];

export type Engines = { readonly postgres: TestPostgres; readonly redis: TestRedis };

/** The whole system in processes, each of which can be killed. */
export type System = {
  readonly combination: Combination;
  readonly gatewayUrl: string;
  readonly acquirerUrl: string;
  readonly mails: CaughtMails;
  readonly redisUrl: string;
  /** Of its queues in Redis, which may hold what another system left. */
  readonly queuePrefix: string;
  /** By name: `monolith`, the services, `relay-…`. The gateway and the world outside are not among them. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Flights with seats, none of them sold. */
  readonly flights: readonly number[];
  readonly beganAt: Date;
  /** Where an aggregate is now. */
  readonly at: (aggregate: Aggregate) => { readonly pool: pg.Pool; readonly isService: boolean };
  readonly monolith: pg.Pool;
  readonly services: Readonly<Partial<Record<Aggregate, ServiceGround>>>;
  [Symbol.asyncDispose](): Promise<void>;
};

const READY_DEADLINE_MS = 120_000;
/** With more seats than a run sells. */
const FLIGHTS = 40;
const EVENTS_OF_BOOKINGS = 'billing-events:bookingPlaced,bookingChanged,bookingCancelled,holdExpired';

/** A Postgres and a Redis of the test's own. Other helpers of tests make their databases there from now on. */
export async function startEngines(): Promise<Engines & AsyncDisposable> {
  const postgres = await createTestPostgres();
  const redis = await createTestRedis({ keepsData: 'everysec' });
  const [before] = [process.env[TEST_POSTGRES_VARIABLE]];
  await Promise.all([postgres.start(), redis.start()]);
  process.env[TEST_POSTGRES_VARIABLE] = postgres.url;
  return {
    postgres,
    redis,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env[TEST_POSTGRES_VARIABLE];
      else process.env[TEST_POSTGRES_VARIABLE] = before;
      await redis[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
    },
  };
}

export async function startSystem(combination: Combination, { redis }: Engines): Promise<System> {
  const undo: (() => unknown)[] = [];
  const end = async (): Promise<void> => {
    for (const release of undo.splice(0).reverse()) await release();
  };
  try {
    return await build(combination, redis, undo, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function build(
  combination: Combination,
  redis: TestRedis,
  undo: (() => unknown)[],
  end: () => Promise<void>,
): Promise<System> {
  const ground = await createMonolithDatabase(undo);
  const beganAt = new Date();
  const flights = await plantFlights(ground.pool, FLIGHTS);
  const services: Partial<Record<Aggregate, ServiceGround>> = {};
  if (combination.length > 0) await prepareMonolith(ground);
  for (const name of combination) {
    const own = await prepareService(name, ground, undo);
    await moveToService(name, ground, own);
    services[name] = own;
  }

  const names = ['gateway', 'admin', 'monolith', 'seam', 'acquirer', 'smtp', 'mail', ...AGGREGATES] as const;
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<(typeof names)[number], number>;
  const url = (name: (typeof names)[number]): string => `http://127.0.0.1:${ports[name]}`;
  const folder = await mkdtemp(join(tmpdir(), 'banyan-events-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));

  const queuePrefix = `events-${randomUUID()}`;
  const queues: Record<string, string> =
    combination.length === 0 ? {} : { QUEUE_REDIS_URL: redis.url, QUEUE_PREFIX: queuePrefix };
  const seam: Record<string, string> =
    combination.length === 0
      ? {}
      : { MONOLITH_SEAM_PORT: String(ports.seam), MONOLITH_SEAM_TOKEN: SERVICE_TOKEN };
  const targets: Record<string, string> = Object.fromEntries(
    combination.map((name) => [`${name.toUpperCase()}_TARGET`, `127.0.0.1:${ports[name]}`]),
  );
  const outside = { ACQUIRER_URL: url('acquirer'), SMTP_URL: `smtp://127.0.0.1:${ports.smtp}` };
  const programs = [
    createProgram('monolith', 'legacy-monolith/src/main.ts', {
      MONOLITH_PORT: String(ports.monolith),
      MONOLITH_DATABASE_URL: ground.url,
      MERIDIAN_SESSION_SECRET: 'a secret of the test of events',
      MERIDIAN_WORKER_INTERVAL_MS: '500',
      MERIDIAN_API_URL: url('gateway'),
      MERIDIAN_LOG_LEVEL: 'info',
      ...outside,
      ...queues,
      ...targets,
      ...seam,
    }),
    ...combination.map((name) =>
      createProgram(name, `extracted/${name}/src/main.ts`, {
        [`${name.toUpperCase()}_PORT`]: String(ports[name]),
        [`${name.toUpperCase()}_DATABASE_URL`]: services[name]?.url ?? '',
        BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
        SERVICE_TOKEN,
        MONOLITH_SEAM_TARGET: `127.0.0.1:${ports.seam}`,
        BILLING_WORKER_INTERVAL_MS: '500',
        BOOKING_MAIL_INTERVAL_MS: '500',
        ...outside,
        ...queues,
        ...targets,
      }),
    ),
    ...relaysOf(combination, { url: ground.url, services, redisUrl: redis.url, queuePrefix }),
  ];
  const outsiders = [
    createProgram('acquirer', 'stack/src/acquirer/main.ts', {
      ACQUIRER_PORT: String(ports.acquirer),
      ACQUIRER_DATA_DIR: join(folder, 'acquirer'),
    }),
    createProgram('mail', 'stack/src/mail/main.ts', {
      MAIL_PORT: String(ports.mail),
      MAIL_SMTP_PORT: String(ports.smtp),
    }),
  ];
  const gateway = createProgram('gateway', 'gateway/src/main.ts', {
    PORT: String(ports.gateway),
    ADMIN_PORT: String(ports.admin),
    MONOLITH_URL: url('monolith'),
    BANYAN_CONFIG: 'banyan.config.ts',
    BANYAN_DATA_DIR: join(folder, 'gateway'),
    ...(combination.length > 0 && { BANYAN_IDENTITY_KEYS: IDENTITY_KEYS }),
    ...targets,
  });
  for (const program of [...outsiders, ...programs, gateway]) undo.push(() => program.stop());
  await Promise.all([...outsiders, ...programs].map((program) => program.start()));
  const mails = collectMails(url('mail'));
  undo.push(() => mails.stop());
  await gateway.start();
  await untilServing(url('admin'), combination.length);
  return {
    combination,
    gatewayUrl: url('gateway'),
    acquirerUrl: url('acquirer'),
    mails,
    redisUrl: redis.url,
    queuePrefix,
    programs: new Map(programs.map((program) => [program.name, program])),
    flights,
    beganAt,
    at: (aggregate) => {
      const service = services[aggregate];
      return { pool: service?.pool ?? ground.pool, isService: service !== undefined };
    },
    monolith: ground.pool,
    services,
    [Symbol.asyncDispose]: end,
  };
}

function relaysOf(
  combination: Combination,
  given: {
    readonly url: string;
    readonly services: Readonly<Partial<Record<Aggregate, ServiceGround>>>;
    readonly redisUrl: string;
    readonly queuePrefix: string;
  },
): Program[] {
  if (combination.length === 0) return [];
  const relay = (source: string, databaseUrl: string, schema: string, table: string, jobs: string): Program =>
    createProgram(`relay-${source}`, 'extracted/service-kit/src/relay/main.ts', {
      RELAY_SOURCE: source,
      RELAY_DATABASE_URL: databaseUrl,
      RELAY_SCHEMA: schema,
      RELAY_TABLE: table,
      RELAY_ROUTES: `${jobs}${EVENTS_OF_BOOKINGS};booking-events`,
      RELAY_METRICS_PORT: '0',
      QUEUE_REDIS_URL: given.redisUrl,
      QUEUE_PREFIX: given.queuePrefix,
    });
  return [
    relay('monolith', given.url, 'public', 'seam_outbox', ''),
    ...combination.map((name) =>
      relay(name, given.services[name]?.url ?? '', name, 'outbox', `${name}-jobs:job;`),
    ),
  ];
}

async function untilServing(adminUrl: string, services: number): Promise<void> {
  await until(
    async () => {
      const said = await (await fetch(`${adminUrl}/readyz`)).text();
      return (said.match(/"serving"/gi) ?? []).length >= services;
    },
    { deadlineMs: READY_DEADLINE_MS, what: 'the services serving', everyMs: 50 },
  );
}
