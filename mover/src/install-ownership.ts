import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { inTransaction, quoteName, quoteText, withConnection } from './database.ts';
import type { Side } from './ownership.ts';
import { Refusal } from './refusal.ts';

export type OwnershipInstallation = {
  /** What this database is. It cannot become the other. */
  readonly side: Side;
  /** Tables of each aggregate, `schema.table` or, in `public`, `table`. */
  readonly aggregates: Readonly<Record<string, readonly string[]>>;
  /** Written where nothing is recorded yet. Both databases must be told the same. */
  readonly initialOwner: Side;
  /** Roles, other than the one that installs, that read who owns what. */
  readonly readers?: readonly string[];
};

/** A writer that is open when its table gets its trigger is waited for so long. */
const LOCK_DEADLINE_MS = 30_000;
const SQL = new URL('../sql/ownership.sql', import.meta.url);

/**
 * Makes a database refuse writes to what another side owns. It may run again at any time, and beside itself; a
 * table that has its trigger is not locked.
 */
export async function installOwnership(
  databaseUrl: string,
  { side, aggregates, initialOwner, readers = [] }: OwnershipInstallation,
): Promise<void> {
  const sql = await readFile(SQL, 'utf8');
  await withConnection(`the ${side}'s database`, databaseUrl, (client) =>
    inTransaction(
      client,
      async () => {
        await client.query("SELECT pg_advisory_xact_lock(hashtext('banyan.install'))");
        await client.query(sql);
        await recordSide(client, side);
        for (const [aggregate, tables] of Object.entries(aggregates)) {
          await client.query(
            'INSERT INTO banyan.own (aggregate, owner, epoch) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING',
            [aggregate, initialOwner],
          );
          for (const table of tables) await fenceTable(client, aggregate, table);
        }
        for (const role of readers) {
          await client.query(`GRANT USAGE ON SCHEMA banyan TO ${quoteName(role)}`);
          await client.query(`GRANT SELECT ON banyan.side, banyan.own TO ${quoteName(role)}`);
        }
      },
      { lock_timeout: `${LOCK_DEADLINE_MS}` },
    ),
  );
}

async function recordSide(client: pg.Client, side: Side): Promise<void> {
  await client.query('INSERT INTO banyan.side (name) VALUES ($1) ON CONFLICT DO NOTHING', [side]);
  const { rows } = await client.query<{ name: Side }>('SELECT name FROM banyan.side');
  if (rows[0]?.name === side) return;
  throw new Refusal(
    'NOT_INSTALLED',
    `This database is the ${rows[0]?.name}'s, and it was to be the ${side}'s: give each side a database of its own.`,
  );
}

/** Statements that name a partition meet the partition's own trigger. */
async function fenceTable(client: pg.Client, aggregate: string, table: string): Promise<void> {
  const { rows } = await client.query<{ name: string; fenced_for: string | null; enabled: string | null }>(
    `WITH RECURSIVE tree (id) AS (
       SELECT to_regclass($1)::oid WHERE to_regclass($1) IS NOT NULL
       UNION ALL SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = id
     )
     SELECT id::regclass::text AS name, f.aggregate AS fenced_for, f.enabled
       FROM tree LEFT JOIN banyan.fenced f ON f.table_id = tree.id`,
    [qualified(table)],
  );
  if (rows.length === 0) {
    throw new Refusal(
      'NOT_INSTALLED',
      `There is no table ${table}: migrate the database before its ownership.`,
    );
  }
  for (const { name, fenced_for, enabled } of rows) {
    if (fenced_for !== null && fenced_for !== aggregate) {
      throw new Refusal(
        'NOT_INSTALLED',
        `${name} belongs to ${fenced_for}; it cannot belong to ${aggregate} as well.`,
      );
    }
    if (fenced_for === null) {
      await client.query(
        `CREATE TRIGGER banyan_fence BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${name}
           FOR EACH STATEMENT EXECUTE FUNCTION banyan.fence(${quoteText(aggregate)})`,
      );
    }
    // ALWAYS: also for sessions that call themselves replicas.
    if (enabled !== 'A') await client.query(`ALTER TABLE ${name} ENABLE ALWAYS TRIGGER banyan_fence`);
  }
}

const qualified = (table: string): string =>
  table.includes('.') ? table.split('.').map(quoteName).join('.') : `public.${quoteName(table)}`;
