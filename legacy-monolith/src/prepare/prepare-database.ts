import pg from 'pg';
import { migrateMeridian } from '../db/migrate.ts';
import { type SeedOptions, seedMeridian } from '../seed/seed.ts';

const CONNECT_DEADLINE_MS = 10_000;

/**
 * Brings a database to the newest schema, and seeds it while it has no account. Run again, it changes nothing; run
 * against one that was cut off half-way, it ends the work, since each of the two steps is all or nothing.
 */
export async function prepareDatabase(
  databaseUrl: string,
  seed: SeedOptions | null,
): Promise<{ seeded: boolean }> {
  await migrateMeridian(databaseUrl);
  if (seed === null || (await hasAccounts(databaseUrl))) return { seeded: false };
  await seedMeridian(databaseUrl, seed);
  return { seeded: true };
}

async function hasAccounts(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
  });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM accounts LIMIT 1');
    return rowCount === 1;
  } finally {
    await client.end();
  }
}
