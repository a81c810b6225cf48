import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings a database up to the newest schema; does nothing when it is there already. */
export async function migrateMeridian(databaseUrl: string): Promise<void> {
  await runner({
    databaseUrl,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'meridian_migrations',
    // Processes that start together wait for one another.
    advisoryLockMode: 'wait',
    log: () => {},
  });
}
