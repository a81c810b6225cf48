import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readModules } from './read-modules.ts';

/** What a test's database holds at first. Seeded templates are anchored at `TEMPLATE_SEED_DATE`. */
export const TEMPLATES = ['empty', 'migrated', 'small', 'full'] as const;
export type Template = (typeof TEMPLATES)[number];

/** Names the server that tests make their databases in. */
export const TEST_POSTGRES_VARIABLE = 'BANYAN_TEST_POSTGRES_URL';

export const TEMPLATE_SEED_DATE = '2026-11-22';

export type TestDatabase = { url: string; drop(): Promise<void> };

/**
 * One lock for all templates of a server: copying takes it shared, building takes it alone, since Postgres
 * copies no database that somebody is connected to.
 */
const TEMPLATE_LOCK = 7_311_026;

/**
 * What a template is made from: the migrations, these modules and all that they import of the monolith's own. When a
 * file of them changes, the template is made anew.
 */
const TEMPLATE_MODULES = ['src/db/migrate.ts', 'src/seed/seed.ts'];
const MONOLITH = fileURLToPath(new URL('../../../legacy-monolith', import.meta.url));

/** A database of the test's own, copied from a template; the caller drops it. */
export async function createTestDatabase(template: Template): Promise<TestDatabase> {
  const serverUrl = testPostgresUrl();
  const name = `banyan_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  if (template !== 'empty') await ensureTemplate(template);
  await withConnection(serverUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock_shared($1)', [TEMPLATE_LOCK]);
    const source = template === 'empty' ? 'template0' : templateName(template);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  });
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => withConnection(serverUrl, (client) => dropDatabase(client, name)),
  };
}

const OBJECT_IN_USE = '55006';

/**
 * Postgres waits some seconds for connections that are on their way out; only those that stay are cut off. To cut
 * at once would hit a pool that has ended but whose connections have not, as an error that nobody awaits.
 */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
  } catch (error) {
    if ((error as { code?: string }).code !== OBJECT_IN_USE) throw error;
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

/** Makes a template unless it is there and current. The test runner does so once before it starts any file. */
export async function ensureTemplate(template: Exclude<Template, 'empty'>): Promise<void> {
  const serverUrl = testPostgresUrl();
  const wanted = await sourcesFingerprint();
  await withConnection(serverUrl, async (client) => {
    if ((await recordedFingerprint(client, template)) === wanted) return;
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    // Another file may have made it while this one waited.
    if ((await recordedFingerprint(client, template)) === wanted) return;
    await buildTemplate(client, serverUrl, template, wanted);
  });
}

/** The server that tests make their databases in; set by `npm test`, or by hand for a single file. */
export function testPostgresUrl(): string {
  const url = process.env[TEST_POSTGRES_VARIABLE];
  if (!url) {
    throw new Error(
      `${TEST_POSTGRES_VARIABLE} is not set: run the file with \`npm test -- <part of its name>\`, ` +
        'or point the variable at a Postgres server where databases may be created.',
    );
  }
  return url;
}

async function buildTemplate(
  client: pg.Client,
  serverUrl: string,
  template: Exclude<Template, 'empty'>,
  fingerprint: string,
): Promise<void> {
  const name = templateName(template);
  const unfinished = `${name}_unfinished`;
  await dropTemplate(client, name);
  await dropTemplate(client, unfinished);
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
  await fillTemplate(databaseUrl(serverUrl, unfinished), template);
  await client.query(`COMMENT ON DATABASE ${unfinished} IS '${fingerprint}'`);
  // The name appears only when everything is in it, so that a crash half-way leaves nothing to be trusted.
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  await client.query(`ALTER DATABASE ${name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
}

async function fillTemplate(url: string, template: Exclude<Template, 'empty'>): Promise<void> {
  const { migrateMeridian } = await import('@meridian/monolith/db/migrate');
  await migrateMeridian(url);
  if (template === 'migrated') return;
  const { seedMeridian } = await import('@meridian/monolith/seed/seed');
  await seedMeridian(url, { seedDate: TEMPLATE_SEED_DATE, scale: template });
}

async function dropTemplate(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) return;
  await client.query(`ALTER DATABASE ${name} WITH IS_TEMPLATE false`);
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
}

async function recordedFingerprint(client: pg.Client, template: Template): Promise<string | null> {
  const { rows } = await client.query<{ fingerprint: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS fingerprint FROM pg_database WHERE datname = $1`,
    [templateName(template)],
  );
  return rows[0]?.fingerprint ?? null;
}

async function sourcesFingerprint(): Promise<string> {
  const migrations = await readdir(join(MONOLITH, 'migrations'));
  const sources = await readModules([
    ...migrations.map((name) => join(MONOLITH, 'migrations', name)),
    ...TEMPLATE_MODULES.map((path) => join(MONOLITH, path)),
  ]);
  const hash = createHash('sha256').update(TEMPLATE_SEED_DATE);
  for (const file of [...sources.keys()].sort()) {
    hash.update(relative(MONOLITH, file)).update(sources.get(file) ?? '');
  }
  return hash.digest('hex');
}

async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function templateName(template: Template): string {
  return `banyan_tpl_${template}`;
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
