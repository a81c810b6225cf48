import { ownershipOf } from '@banyan/mover/ownership';
import { migrate } from '@banyan/service-kit/migrations';
import type { Screen } from '../../bootstrap/screen.mjs';
import { databaseExists, urlAs, withClient } from '../setup/database-server.ts';
import type { CarveOutWish, StackCarveOut } from './carve-out.ts';
import type { MonolithDatabase } from './prepare-carve-outs.ts';

/** What a service that does not run has left in its own database. */
export type LeftBehind = {
  readonly carveOut: StackCarveOut;
  readonly databaseUrl: string;
  /** That nobody has acknowledged. Of its jobs there is nothing in it: nobody else runs them. */
  readonly events: number;
  /** That only its own process sends. */
  readonly mails: number;
};

type Options = {
  readonly wishes: readonly CarveOutWish[];
  readonly monolith: Pick<MonolithDatabase, 'url' | 'serverUrl'>;
  readonly screen: Pick<Screen, 'line'>;
};

/**
 * A service's data can be elsewhere while what it told others was not taken yet, as after a stop while Redis was away.
 * Its events are still to be brought to who owns now. Looks only where something was with a service once; a database
 * that is given and not there keeps nobody from starting.
 */
export async function findLeftBehind({ wishes, monolith, screen }: Options): Promise<LeftBehind[]> {
  if ((await ownershipOf(monolith.url)) === null) return [];
  const stopped = wishes.filter(({ runs }) => !runs);
  const found = await Promise.all(
    stopped.map(async (wish) => {
      try {
        return await lookInto(wish, monolith.serverUrl);
      } catch (error) {
        const { name } = wish.carveOut;
        screen.line(`  not looked into: the database of ${name} (${(error as Error).message})`);
        return null;
      }
    }),
  );
  return found.filter((each) => each !== null);
}

async function lookInto(
  { carveOut, givenDatabaseUrl }: CarveOutWish,
  serverUrl: string | null,
): Promise<LeftBehind | null> {
  const { schema } = carveOut.plan;
  const databaseUrl = givenDatabaseUrl ?? (await embeddedUrlOf(serverUrl, schema));
  if (databaseUrl === null || !(await hasAnything(databaseUrl, schema))) return null;
  // Whoever brings events on needs the newest tables.
  await migrate({ databaseUrl, folder: carveOut.migrations, schema });
  const left = await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ events: number; mails: number }>(`
      SELECT (SELECT count(*)::int FROM ${client.escapeIdentifier(schema)}.outbox
              WHERE delivered_at IS NULL AND type IS DISTINCT FROM 'job') AS events,
             (SELECT count(*)::int FROM ${client.escapeIdentifier(schema)}.outgoing_mail
              WHERE state = 'QUEUED') AS mails`);
    return rows[0];
  });
  return left && left.events + left.mails > 0 ? { carveOut, databaseUrl, ...left } : null;
}

function embeddedUrlOf(serverUrl: string | null, name: string): Promise<string | null> {
  if (serverUrl === null) return Promise.resolve(null);
  return withClient(serverUrl, async (client) =>
    (await databaseExists(client, name)) ? urlAs(serverUrl, { role: name, database: name }) : null,
  );
}

function hasAnything(databaseUrl: string, schema: string): Promise<boolean> {
  return withClient(databaseUrl, async (client) => {
    const quoted = client.escapeIdentifier(schema);
    const { rows: tables } = await client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS there',
      [`${quoted}.outbox`, `${quoted}.outgoing_mail`],
    );
    if (!tables[0]?.there) return false;
    const { rows } = await client.query<{ has: boolean }>(`
      SELECT EXISTS (SELECT 1 FROM ${quoted}.outbox WHERE delivered_at IS NULL)
          OR EXISTS (SELECT 1 FROM ${quoted}.outgoing_mail WHERE state = 'QUEUED') AS has`);
    return rows[0]?.has === true;
  });
}

/** Whether the monolith has told somebody something that was not acknowledged. */
export function isMonolithWaiting(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ has: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM seam_outbox WHERE delivered_at IS NULL) AS has',
    );
    return rows[0]?.has === true;
  });
}
