import { installOwnership } from '@banyan/mover/install-ownership';
import { type DatabaseOwnership, ownershipOf } from '@banyan/mover/ownership';
import { installSharedViews, removeSharedViews } from '@banyan/mover/shared-views';
import { tablesOf } from '@banyan/mover/tables-of';
import { migrate } from '@banyan/service-kit/migrations';
import type { Screen } from '../../bootstrap/screen.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import { databaseExists, ensureRole, urlAs, withClient } from '../setup/database-server.ts';
import { bringToOwner, type Move } from './bring-to-owner.ts';
import { type CarveOutWish, readerOf, type StackCarveOut, sharedSchemaOf } from './carve-out.ts';

/** The monolith's database, ready for use. */
export type MonolithDatabase = {
  /** As the role that owns its tables. */
  readonly url: string;
  /** As a role that may make roles: in a given database, the same. */
  readonly adminUrl: string;
  /** Where databases may be made, if the stack runs the server. */
  readonly serverUrl: string | null;
};

/** A service's databases. */
export type PreparedService = {
  readonly carveOut: StackCarveOut;
  readonly owner: 'monolith' | 'service';
  readonly databaseUrl: string;
  /** The monolith's, by a role that may read this service's views and nothing else. */
  readonly sharedDatabaseUrl: string;
};

export type PrepareOptions = {
  readonly wishes: readonly CarveOutWish[];
  readonly monolith: MonolithDatabase;
  /** Makes a given database where somebody may; otherwise it has to be there. */
  readonly ensureGiven?: (databaseUrl: string) => Promise<void>;
  /** Of the role that reads a service's views. */
  readonly readerPassword: (carveOut: StackCarveOut) => string;
  readonly screen: Screen;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
};

/**
 * Brings every carve-out's data to the side that is to own it, and makes the databases of the services that are to
 * run. Nothing is made or asked of a service that is neither to run nor owns anything. Gives those that are to run.
 */
export async function prepareCarveOuts(options: PrepareOptions): Promise<PreparedService[]> {
  const { wishes, monolith, screen } = options;
  const recorded = await ownershipOf(monolith.url);
  refuseUnknownOwners(recorded, wishes);
  const isAway = ({ carveOut }: CarveOutWish) =>
    (recorded?.aggregates[carveOut.plan.aggregate]?.owner ?? 'monolith') !== 'monolith';
  const involved = wishes.filter((wish) => wish.runs || isAway(wish));
  if (involved.length === 0) return [];
  const moves = await screen.step("the services' databases", async () => {
    // Of all: a service asks the monolith who owns what it needs, also where that never left.
    await installMonolithOwnership(
      monolith.url,
      wishes.map(({ carveOut }) => carveOut),
    );
    return Promise.all(involved.map((wish) => prepareDatabase(options, wish)));
  });
  // One after another: what a screen shows of two bars at once is neither.
  for (const move of moves) await bringToOwner(move, options);
  return Promise.all(moves.filter(({ wish }) => wish.runs).map((move) => shareWithService(options, move)));
}

/** Takes away what services read of the monolith's tables: its migrations may change those. */
export async function withdrawSharedViews(url: string, carveOuts: readonly StackCarveOut[]): Promise<void> {
  for (const carveOut of carveOuts) await removeSharedViews(url, sharedSchemaOf(carveOut));
}

/** Data that is with a service which nobody can run could not be brought back. */
function refuseUnknownOwners(recorded: DatabaseOwnership | null, wishes: readonly CarveOutWish[]): void {
  const known = wishes.map(({ carveOut }) => carveOut.plan.aggregate);
  for (const [aggregate, { owner }] of Object.entries(recorded?.aggregates ?? {})) {
    if (owner === 'monolith' || known.includes(aggregate)) continue;
    const whose = owner === 'service' ? 'with its service' : 'held by a copy that did not end';
    throw new SetupError(
      `The data of ${aggregate} is ${whose}, and the configuration names no carve-out for it: name it again, so ` +
        'that the data can be brought back; or begin with new data.',
      { mend: 'npm start -- --fresh' },
    );
  }
}

function installMonolithOwnership(url: string, carveOuts: readonly StackCarveOut[]): Promise<void> {
  const aggregates = carveOuts.map(({ plan }) => [plan.aggregate, tablesOf(plan, 'monolith')]);
  return installOwnership(url, {
    side: 'monolith',
    aggregates: Object.fromEntries(aggregates),
    initialOwner: 'monolith',
  });
}

async function prepareDatabase({ monolith, ensureGiven }: PrepareOptions, wish: CarveOutWish): Promise<Move> {
  const { carveOut, givenDatabaseUrl } = wish;
  const { plan, migrations } = carveOut;
  const serviceUrl = givenDatabaseUrl ?? (await ensureDatabase(monolith.serverUrl, carveOut));
  if (givenDatabaseUrl !== null) await ensureGiven?.(givenDatabaseUrl);
  await migrate({ databaseUrl: serviceUrl, folder: migrations, schema: plan.schema });
  await installOwnership(serviceUrl, {
    side: 'service',
    aggregates: { [plan.aggregate]: tablesOf(plan, 'service') },
    initialOwner: 'monolith',
  });
  return { wish, monolithUrl: monolith.url, serviceUrl };
}

async function ensureDatabase(
  serverUrl: string | null,
  { plan, prefix, name }: StackCarveOut,
): Promise<string> {
  if (serverUrl === null) {
    throw new SetupError(
      `The data of ${name} is with its service, whose database nobody names: set ${prefix}_DATABASE_URL.`,
      { mend: `${prefix}_DATABASE_URL=postgres://… npm start` },
    );
  }
  const { schema } = plan;
  await withClient(serverUrl, async (client) => {
    await ensureRole(client, schema);
    if (await databaseExists(client, schema)) return;
    const quoted = client.escapeIdentifier(schema);
    await client.query(`CREATE DATABASE ${quoted} OWNER ${quoted} TEMPLATE template0`);
  });
  return urlAs(serverUrl, { role: schema, database: schema });
}

async function shareWithService(
  { monolith, readerPassword }: PrepareOptions,
  { wish, serviceUrl }: Move,
): Promise<PreparedService> {
  const { carveOut, owner } = wish;
  const role = readerOf(carveOut);
  const password = readerPassword(carveOut);
  await installSharedViews(monolith.adminUrl, {
    schema: sharedSchemaOf(carveOut),
    plan: carveOut.plan,
    role,
    password,
    extraViews: carveOut.plan.sharedViews ?? {},
  });
  return {
    carveOut,
    owner,
    databaseUrl: serviceUrl,
    sharedDatabaseUrl: urlAs(monolith.url, { role, password }),
  };
}
