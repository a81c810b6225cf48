import { migrateMeridian } from '@meridian/monolith/db/migrate';
import { prepareDatabase } from '@meridian/monolith/prepare/prepare-database';
import { seedMeridian } from '@meridian/monolith/seed/seed';
import type pg from 'pg';
import type { Note } from '../../bootstrap/screen.mjs';
import type { SeedScale } from '../config.ts';
import { databaseExists, ensureRole, urlAs, withClient } from './database-server.ts';

const NAME = 'meridian';
const UNFINISHED = 'meridian_unfinished';

export type SeedWish = {
  /** YYYY-MM-DD. */
  seedDate: string;
  scale: SeedScale;
};

/** Called on a database that there is, before its schema may change. */
export type BeforeMigrating = (url: string) => Promise<void>;

export type MeridianDatabase = {
  url: string;
  /** What the data was made from; null when it was not made here. */
  seeded: SeedWish | null;
};

/**
 * Makes the monolith's database in the embedded server be there, migrated and seeded. It is built under another
 * name and renamed at the end, so that a set-up that was cut off is begun again.
 */
export async function ensureEmbeddedDatabase(
  serverUrl: string,
  wish: SeedWish,
  note: Note,
  beforeMigrating: BeforeMigrating,
): Promise<MeridianDatabase> {
  return withClient(serverUrl, async (client) => {
    const url = urlAs(serverUrl, { role: NAME, database: NAME });
    if (await databaseExists(client, NAME)) {
      await beforeMigrating(urlAs(serverUrl, { database: NAME }));
      await migrateMeridian(url);
      return { url, seeded: await readWish(client) };
    }
    await ensureRole(client, NAME);
    await client.query(`DROP DATABASE IF EXISTS ${UNFINISHED} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${UNFINISHED} OWNER ${NAME} TEMPLATE template0`);
    await fill(urlAs(serverUrl, { role: NAME, database: UNFINISHED }), wish, note);
    await client.query(`COMMENT ON DATABASE ${UNFINISHED} IS ${client.escapeLiteral(JSON.stringify(wish))}`);
    await client.query(`ALTER DATABASE ${UNFINISHED} RENAME TO ${NAME}`);
    return { url, seeded: wish };
  });
}

/** A database that somebody else runs: brought to the newest schema, and seeded only while it has no account. */
export async function ensureGivenDatabase(
  url: string,
  wish: SeedWish,
  note: Note,
  beforeMigrating: BeforeMigrating,
): Promise<MeridianDatabase> {
  await beforeMigrating(url);
  const { seeded } = await prepareDatabase(url, { ...wish, onProgress: tellBy(note) });
  if (seeded) note(`seeded for ${wish.seedDate}`);
  return { url, seeded: seeded ? wish : null };
}

async function fill(url: string, wish: SeedWish, note: Note): Promise<void> {
  note('schema');
  await migrateMeridian(url);
  await seed(url, wish, note);
}

async function seed(url: string, wish: SeedWish, note: Note): Promise<void> {
  await seedMeridian(url, { ...wish, onProgress: tellBy(note) });
  note(`seeded for ${wish.seedDate}`);
}

const tellBy = (note: Note) => (table: string, done: number, total: number) =>
  note(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${table}`);

async function readWish(client: pg.Client): Promise<SeedWish | null> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [NAME],
  );
  const comment = rows[0]?.comment;
  return comment ? (JSON.parse(comment) as SeedWish) : null;
}
