import { mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@banyan/stack/testing/free-port';
import type pg from 'pg';
import type { Findings } from '../differential/step.ts';
import { ADMIN_TOKEN, readAtService } from './flags.ts';
import { type ParityGateway, startGateway } from './gateway.ts';
import { createGround, startMonolith, type Undo } from './monolith.ts';
import { plant, type Sql } from './planted.ts';
import { openQueues, type RelayedOutbox, startRelay } from './queues.ts';
import { type Aggregate, alignSequences } from './sequences.ts';
import {
  AGGREGATES,
  IDENTITY_KEYS,
  moveToService,
  prepareMonolith,
  prepareService,
  SERVICE_TOKEN,
  type SetTime,
  startBuiltService,
  startService,
} from './services.ts';

/** Who answers for an aggregate in the second world. `shared`: the service reads, the monolith owns. */
export type Place = 'monolith' | 'shared' | 'service';
/** What is not named is the monolith's. */
export type Combination = Readonly<Partial<Record<Aggregate, Place>>>;

/** Roots of the builds that run in the second world; what is not named is of this checkout. */
export type Builds = Readonly<Partial<Record<Aggregate | 'gateway', string>>>;

/** A world whose monolith does everything, and one behind a gateway, in equal state and at one moment. */
export type Worlds = {
  readonly directPort: number;
  readonly throughPort: number;
  readonly sql: Sql;
  readonly gateway: ParityGateway;
  /** Of the world behind the gateway: its services, and what a replica of each would be started with. */
  readonly services: Readonly<Partial<Record<Aggregate, PlacedService>>>;
  readonly acquirerUrl: string;
  /** What each side has told the others of; none while the monolith does everything. */
  readonly outboxes: readonly RelayedOutbox[];
  /** Both worlds a second on. */
  tick(): Promise<void>;
  /** Before a request that may write. */
  align(): Promise<void>;
  stop(): Promise<void>;
};

export type PlacedService = { readonly pool: pg.Pool; readonly env: Readonly<Record<string, string>> };

export type WorldOptions = {
  readonly builds?: Builds;
  /** By which port the gateway reaches a service that listens on this one. Default: by the same. */
  readonly wayTo?: (name: Aggregate, port: number) => Promise<number>;
};

const TICK_MS = 1_000;
const READY_DEADLINE_MS = 120_000;

export async function startWorlds(
  combination: Combination,
  start: Date,
  findings: Findings,
  options: WorldOptions = {},
): Promise<Worlds> {
  const undo: Undo = [];
  const stop = async (): Promise<void> => {
    for (const release of undo.splice(0).reverse()) await release();
  };
  try {
    return await build({ combination, start, findings, options }, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  given: {
    readonly combination: Combination;
    readonly start: Date;
    readonly findings: Findings;
    readonly options: WorldOptions;
  },
  undo: Undo,
  stop: () => Promise<void>,
): Promise<Worlds> {
  const { combination, start, findings, options } = given;
  const { builds = {}, wayTo = async (_name, port) => port } = options;
  const [one, other] = [await createGround(undo), await createGround(undo)];
  const sql: Sql = async (text, values) => {
    await other.pool.query(text, values);
    return (await one.pool.query(text, values)).rows;
  };
  await plant(sql, findings);

  const active = AGGREGATES.filter((name) => (combination[name] ?? 'monolith') !== 'monolith');
  const ports = Object.fromEntries(
    await Promise.all([...AGGREGATES, 'seam'].map(async (name) => [name, await freePort()] as const)),
  );
  const target = (name: Aggregate | 'seam') => `127.0.0.1:${ports[name]}`;
  const targets: Record<string, string> = Object.fromEntries(
    active.map((name) => [`${name.toUpperCase()}_TARGET`, target(name)]),
  );
  const owners = Object.fromEntries(
    AGGREGATES.map((name) => [name, { pool: other.pool, schema: 'public' }]),
  ) as Record<Aggregate, { pool: typeof other.pool; schema: string }>;
  const grounds: Partial<Record<Aggregate, Awaited<ReturnType<typeof prepareService>>>> = {};
  if (active.length > 0) await prepareMonolith(other);
  for (const name of active) grounds[name] = await prepareService(name, other, undo);
  for (const name of active) {
    const ground = grounds[name];
    if (combination[name] !== 'service' || !ground) continue;
    await moveToService(name, other, ground);
    owners[name] = { pool: ground.pool, schema: name };
  }

  const queues = active.length > 0 ? await openQueues(undo) : {};
  const outboxes: RelayedOutbox[] = [];
  for (const source of active.length > 0 ? (['monolith', ...active] as const) : []) {
    const { url, pool } = source === 'monolith' ? other : (grounds[source] ?? other);
    outboxes.push(await startRelay({ source, url, pool }, queues, undo));
  }

  const direct = await startMonolith(one, {}, undo);
  const seam =
    active.length === 0
      ? {}
      : {
          MONOLITH_SEAM_PORT: String(ports.seam),
          MONOLITH_SEAM_TOKEN: SERVICE_TOKEN,
          ...targets,
          ...queues,
        };
  const behind = await startMonolith(other, seam, undo);
  const clocks: SetTime[] = [];
  const services: Partial<Record<Aggregate, PlacedService>> = {};
  const ways: Record<string, string> = {};
  for (const name of active) {
    const ground = grounds[name];
    if (!ground) continue;
    const prefix = name.toUpperCase();
    const env = {
      [`${prefix}_PORT`]: String(ports[name]),
      [`${prefix}_DATABASE_URL`]: ground.url,
      ...(combination[name] === 'shared' ? { [`${prefix}_SHARED_DATABASE_URL`]: ground.sharedUrl } : {}),
      BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
      SERVICE_TOKEN,
      ACQUIRER_URL: other.acquirerUrl,
      SMTP_URL: 'smtp://127.0.0.1:1',
      MONOLITH_SEAM_TARGET: target('seam'),
      DRAIN_TIMEOUT_MS: '2000',
      ...targets,
      ...queues,
    };
    services[name] = { pool: ground.pool, env };
    ways[`${prefix}_TARGET`] = `127.0.0.1:${await wayTo(name, Number(ports[name]))}`;
    const from = builds[name];
    if (from === undefined) await startService(name, env, undo);
    else clocks.push(await startBuiltService(name, { env, build: from, now: start }, undo));
  }
  const gateway = await startGateway(
    {
      monolithUrl: `http://127.0.0.1:${behind.port}`,
      build: builds.gateway,
      now: start,
      env:
        active.length === 0
          ? {}
          : { BANYAN_IDENTITY_KEYS: IDENTITY_KEYS, BANYAN_ADMIN_TOKEN: ADMIN_TOKEN, ...ways },
    },
    undo,
  );
  clocks.push(gateway.setTime);
  await untilReady(gateway, active.length);
  for (const name of active) if (combination[name] === 'shared') await readAtService(gateway, name);

  let now = start;
  return {
    directPort: direct.port,
    throughPort: gateway.port,
    sql,
    gateway,
    services,
    acquirerUrl: other.acquirerUrl,
    outboxes,
    tick: async () => {
      now = new Date(now.getTime() + TICK_MS);
      mock.timers.setTime(now.getTime());
      await Promise.all(clocks.map((setTime) => setTime(now)));
    },
    align: () => alignSequences(one.pool, owners),
    stop,
  };
}

/** Until the gateway says that all services serve. */
async function untilReady(gateway: ParityGateway, services: number): Promise<void> {
  if (services === 0) return;
  const endAt = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    const said = await fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`);
    const text = await said.text();
    if ((text.match(/"serving"/gi) ?? []).length >= services) return;
    if (performance.now() > endAt) throw new Error(`the services do not serve: ${text}`);
    await pause(50);
  }
}
