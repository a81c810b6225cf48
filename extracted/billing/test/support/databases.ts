import type { TestContext } from 'node:test';
import { installOwnership } from '@banyan/mover/install-ownership';
import { installSharedViews } from '@banyan/mover/shared-views';
import { tablesOf } from '@banyan/mover/tables-of';
import { createDatabase, type Database } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import { createTestDatabase } from '@banyan/stack/testing/database';
import pg from 'pg';
import { billingDataPlan } from '../../data-plan.ts';
import { migrateBilling } from '../../src/migrate.ts';
import { undo } from './undo.ts';

export const READER = { role: 'billing_reader', password: 'reader of the tests' } as const;

/** A database with billing's own schema. Without `owner` nobody recorded who owns it. */
export async function ownDatabase(
  t: TestContext,
  { owner = 'service' }: { readonly owner?: 'service' | 'monolith' | null } = {},
): Promise<{ readonly url: string; readonly database: Database }> {
  const made = await createTestDatabase('empty');
  undo(t, () => made.drop());
  await migrateBilling(made.url);
  if (owner !== null) await recordOwner(made.url, owner);
  return { url: made.url, database: open(t, made.url, 'billing') };
}

export function recordOwner(url: string, owner: 'service' | 'monolith'): Promise<void> {
  const aggregates = { billing: tablesOf(billingDataPlan, 'service') };
  return installOwnership(url, { side: 'service', aggregates, initialOwner: owner });
}

/** A monolith's database with some hundred bookings, and it owns their billing. */
export async function ownedMonolith(
  t: TestContext,
): Promise<{ readonly url: string; readonly pool: pg.Pool }> {
  const made = await createTestDatabase('small');
  undo(t, () => made.drop());
  const aggregates = { billing: tablesOf(billingDataPlan, 'monolith') };
  await installOwnership(made.url, { side: 'monolith', aggregates, initialOwner: 'monolith' });
  const pool = new pg.Pool({ connectionString: made.url, max: 2 });
  undo(t, () => pool.end());
  return { url: made.url, pool };
}

/** A monolith's database with some hundred bookings, as billing may read it, and by whom. */
export async function sharedDatabase(
  t: TestContext,
): Promise<{ readonly url: string; readonly readerUrl: string; readonly database: Database }> {
  const made = await createTestDatabase('small');
  undo(t, () => made.drop());
  await installSharedViews(made.url, {
    schema: 'billing_shared',
    plan: billingDataPlan,
    ...READER,
    extraViews: billingDataPlan.sharedViews ?? {},
  });
  const reader = new URL(made.url);
  reader.username = READER.role;
  reader.password = READER.password;
  const database = open(t, reader.href, 'billing_shared', true);
  return { url: made.url, readerUrl: reader.href, database };
}

/** Fills billing's own schema, in the monolith's database, with what its views show. */
export async function fillOwn(t: TestContext, monolithUrl: string): Promise<Database> {
  await migrateBilling(monolithUrl);
  const database = open(t, monolithUrl, 'billing');
  for (const { table, columns } of billingDataPlan.tables) {
    const names = columns.join(', ');
    await database.query(
      `INSERT INTO billing.${table} (${names}) SELECT ${names} FROM billing_shared.${table}`,
    );
  }
  await database.query(
    'INSERT INTO accounts SELECT id, name, email, role, refreshed_at FROM billing_shared.accounts',
  );
  return database;
}

export function open(t: TestContext, url: string, schema: string, readOnly = false): Database {
  const database = createDatabase(url, { schema, name: 'test', logger: silentLogger, readOnly });
  undo(t, () => database.end());
  return database;
}
