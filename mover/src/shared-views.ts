import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataPlan } from '@banyan/gateway/carve-out';
import type pg from 'pg';
import { inTransaction, quoteName, quoteText, withConnection } from './database.ts';
import { errorCode } from './refusal.ts';

export type SharedViews = {
  /** Of the views, in the monolith's database; nothing else lives in it. */
  readonly schema: string;
  readonly plan: DataPlan;
  /** Logs in, reads the views, and can do nothing else. Roles are the whole server's, not the database's. */
  readonly role: string;
  readonly password: string;
  /** Further views by name, for what the service reads beside its aggregate. */
  readonly extraViews?: Readonly<Record<string, string>>;
};

/** Readers of a view that must be made anew are waited for so long. */
const LOCK_DEADLINE_MS = 30_000;
/** Roles are shared by all databases, and no lock is: whoever else changes this one makes Postgres refuse. */
const ROLE_RACES = ['XX000', '23505', '42710'];
const ROLE_TRIES = 10;

/**
 * Lets a service read the monolith's tables as if they were its own: a schema of views, made from the plan's
 * `fromMonolith`, and a role for them. It may run again at any time; views are made anew only when the plan changed.
 */
export function installSharedViews(monolithUrl: string, shared: SharedViews): Promise<void> {
  return withConnection("the monolith's database", monolithUrl, async (client) => {
    await writeRole(client, shared);
    await inTransaction(client, () => writeViews(client, shared), { lock_timeout: `${LOCK_DEADLINE_MS}` });
  });
}

/** Takes the views away, so that the monolith's migrations can change what they read. The role stays. */
export function removeSharedViews(monolithUrl: string, schema: string): Promise<void> {
  return withConnection("the monolith's database", monolithUrl, (client) =>
    inTransaction(client, () => dropViews(client, schema), { lock_timeout: `${LOCK_DEADLINE_MS}` }),
  );
}

async function writeViews(client: pg.Client, shared: SharedViews): Promise<void> {
  const { schema, plan, role, extraViews = {} } = shared;
  const views = Object.entries({
    ...Object.fromEntries(plan.tables.map((table) => [table.table, table.fromMonolith])),
    ...extraViews,
  });
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([plan.monolithSchema ?? 'public', views]))
    .digest('hex');
  await client.query("SELECT pg_advisory_xact_lock(hashtext('banyan.install'))");
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`);
  if ((await recordedFingerprint(client, schema)) !== fingerprint) {
    await dropViews(client, schema);
    await client.query(`SET LOCAL search_path = ${quoteName(plan.monolithSchema ?? 'public')}`);
    for (const [name, sql] of views) {
      await client.query(`CREATE VIEW ${quoteName(schema)}.${quoteName(name)} AS ${sql}`);
    }
    await client.query(
      `COMMENT ON SCHEMA ${quoteName(schema)} IS ${quoteText(`banyan views ${fingerprint}`)}`,
    );
  }
  await client.query(`GRANT USAGE ON SCHEMA ${quoteName(schema)} TO ${quoteName(role)}`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${quoteName(schema)} TO ${quoteName(role)}`);
}

async function recordedFingerprint(client: pg.Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  return rows[0]?.comment?.replace('banyan views ', '');
}

async function dropViews(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT viewname AS name FROM pg_views WHERE schemaname = $1',
    [schema],
  );
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => `${quoteName(schema)}.${quoteName(name)}`);
  await client.query(`DROP VIEW ${names.join(', ')}`);
  await client.query(`COMMENT ON SCHEMA ${quoteName(schema)} IS NULL`);
}

async function writeRole(client: pg.Client, { role, password }: SharedViews): Promise<void> {
  const name = quoteName(role);
  for (let tries = 1; ; tries++) {
    try {
      await inTransaction(client, async () => {
        const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
        if (rows.length === 0) await client.query(`CREATE ROLE ${name}`);
        await client.query(
          `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
             PASSWORD ${quoteText(password)}`,
        );
        await client.query(`ALTER ROLE ${name} SET default_transaction_read_only = on`);
      });
      return;
    } catch (error) {
      if (tries === ROLE_TRIES || !ROLE_RACES.includes(errorCode(error) ?? '')) throw error;
      await pause(20 * tries);
    }
  }
}
