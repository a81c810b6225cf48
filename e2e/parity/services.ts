import type { DataPlan } from '@banyan/gateway/carve-out';
import { copyAggregate } from '@banyan/mover/copy-aggregate';
import { installOwnership } from '@banyan/mover/install-ownership';
import { installSharedViews } from '@banyan/mover/shared-views';
import { tablesOf } from '@banyan/mover/tables-of';
import type { RunningService, ServiceParts } from '@banyan/service-kit/lifecycle';
import { createLogSink } from '@banyan/service-kit/logger';
import { createMetrics } from '@banyan/service-kit/metrics';
import { createTestDatabase, testPostgresUrl } from '@banyan/stack/testing/database';
import { createBilling } from '@meridian/billing/compose';
import { readBillingConfig } from '@meridian/billing/config';
import { billingDataPlan } from '@meridian/billing/data-plan';
import { migrateBilling } from '@meridian/billing/migrate';
import { createBooking } from '@meridian/booking/compose';
import { readBookingConfig } from '@meridian/booking/config';
import { bookingDataPlan } from '@meridian/booking/data-plan';
import { migrateBooking } from '@meridian/booking/migrate';
import pg from 'pg';
import { startDated } from './dated-process.ts';
import type { MonolithDatabase, Undo } from './monolith.ts';
import type { Aggregate } from './sequences.ts';

export const SERVICE_TOKEN = 'token-between-services-of-the-parity-run';
export const IDENTITY_KEYS = `parity:${Buffer.alloc(32, 7).toString('base64url')}`;

type Environment = Readonly<Record<string, string>>;

/** What a carve-out needs here besides its place in `sequences.ts`. */
type Prepared = {
  readonly plan: DataPlan;
  /** Below a build's root. */
  readonly program: string;
  readonly migrate: (url: string) => Promise<void>;
  readonly compose: (env: Environment, parts: ServiceParts) => RunningService;
};

const PREPARED: Readonly<Record<Aggregate, Prepared>> = {
  booking: {
    plan: bookingDataPlan,
    program: 'extracted/booking/src/main.ts',
    migrate: migrateBooking,
    compose: (env, parts) => createBooking(readBookingConfig(env), parts),
  },
  billing: {
    plan: billingDataPlan,
    program: 'extracted/billing/src/main.ts',
    migrate: migrateBilling,
    compose: (env, parts) => createBilling(readBillingConfig(env), parts),
  },
};
export const AGGREGATES = Object.keys(PREPARED) as readonly Aggregate[];

export type ServiceGround = { readonly url: string; readonly sharedUrl: string; readonly pool: pg.Pool };

/** In the monolith's database, of all: a service asks who owns what it needs, also where that never left. */
export function prepareMonolith({ url }: MonolithDatabase): Promise<void> {
  const aggregates = AGGREGATES.map((name) => [name, tablesOf(PREPARED[name].plan, 'monolith')]);
  return installOwnership(url, {
    side: 'monolith',
    aggregates: Object.fromEntries(aggregates),
    initialOwner: 'monolith',
  });
}

/** A service's own database, and its eyes on the monolith's. The monolith owns at first. */
export async function prepareService(
  name: Aggregate,
  monolith: MonolithDatabase,
  undo: Undo,
): Promise<ServiceGround> {
  const { plan, migrate } = PREPARED[name];
  const database = await createTestDatabase('empty');
  undo.push(() => database.drop());
  await migrate(database.url);
  await installOwnership(database.url, {
    side: 'service',
    aggregates: { [name]: tablesOf(plan, 'service') },
    initialOwner: 'monolith',
  });
  // Roles are the whole server's: another file's of the same name would change its password.
  const role = `${name}_parity_${process.pid}_${database.url.slice(-6)}`;
  const password = 'reads and no more';
  await installSharedViews(monolith.url, {
    schema: `${name}_shared`,
    plan,
    role,
    password,
    extraViews: plan.sharedViews ?? {},
  });
  undo.push(() => dropRole(monolith, role));
  const sharedUrl = new URL(monolith.url);
  sharedUrl.username = role;
  sharedUrl.password = password;
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  undo.push(() => pool.end());
  return { url: database.url, sharedUrl: sharedUrl.href, pool };
}

async function dropRole({ url }: MonolithDatabase, role: string): Promise<void> {
  for (const connectionString of [url, testPostgresUrl()]) {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      if (connectionString === url) await client.query(`DROP OWNED BY "${role}"`);
      else await client.query(`DROP ROLE "${role}"`);
    } finally {
      await client.end();
    }
  }
}

export async function moveToService(
  name: Aggregate,
  monolith: MonolithDatabase,
  service: ServiceGround,
): Promise<void> {
  const { plan } = PREPARED[name];
  await copyAggregate({ plan, monolithUrl: monolith.url, serviceUrl: service.url, to: 'service' });
}

/** Has a process of the worlds follow the test's clock. */
export type SetTime = (now: Date) => Promise<void>;

/** Starts the service of another build, as a process of its own. */
export async function startBuiltService(
  name: Aggregate,
  { env, build, now }: { readonly env: Environment; readonly build: string; readonly now: Date },
  undo: Undo,
): Promise<SetTime> {
  const { setTime } = await startDated({ program: PREPARED[name].program, build, env, now }, undo);
  return setTime;
}

/** Starts the service in this process, whose clock it shares. */
export async function startService(name: Aggregate, env: Environment, undo: Undo): Promise<void> {
  const sink = createLogSink(process.env.PARITY_LOG_LEVEL ?? 'silent', { fd: 1, service: name });
  undo.push(() => sink.flush());
  let count = 0;
  const parts = {
    logger: sink.logger,
    metrics: createMetrics(name),
    now: () => new Date(),
    newId: () => {
      count += 1;
      return `00000000-0000-4000-8000-${count.toString(16).padStart(11, '0')}${AGGREGATES.indexOf(name)}`;
    },
    random: () => 0.5,
  };
  const service = PREPARED[name].compose(env, parts);
  undo.push(() => service.stop());
  await service.listen();
}
