import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const KIT_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

export type MigrateOptions = {
  readonly databaseUrl: string;
  /** Of plain SQL files NNNN_name.sql. */
  readonly folder: string;
  /** Made when it is missing; where unqualified names in the files are. */
  readonly schema: string;
};

/**
 * Brings a database up to the newest schema; does nothing when it is there already. Processes that start together
 * wait for one another. The kit's own tables (outbox, inbox, outgoing_mail) come first, in the same schema.
 */
export async function migrate({ databaseUrl, folder, schema }: MigrateOptions): Promise<void> {
  for (const [dir, migrationsTable] of [
    [KIT_FOLDER, 'kit_migrations'],
    [folder, 'migrations'],
  ] as const) {
    await runner({
      databaseUrl,
      dir,
      direction: 'up',
      schema,
      createSchema: true,
      migrationsSchema: schema,
      migrationsTable,
      advisoryLockMode: 'wait',
      log: () => {},
    });
  }
}
