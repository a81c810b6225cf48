import pg from 'pg';

const CONNECT_DEADLINE_MS = 10_000;

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_DEADLINE_MS });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function databaseExists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  return rowCount === 1;
}

/** A role that owns the database of its name and nothing else. */
export async function ensureRole(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${client.escapeIdentifier(name)} LOGIN`);
}

const UNDEFINED_DATABASE = '3D000';
const NO_ENTRY = ['28P01', '28000'];
const TURN_DEADLINE_MS = 60_000;

/**
 * Makes the database that an address names, and the role that owns it, with its password, where either is missing.
 * `adminUrl` leads to the same server.
 */
export async function ensureDatabaseOf(databaseUrl: string, adminUrl: string): Promise<void> {
  let mayEnter = false;
  try {
    return await withClient(databaseUrl, async () => {});
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (![UNDEFINED_DATABASE, ...NO_ENTRY].includes(code)) throw error;
    mayEnter = code === UNDEFINED_DATABASE;
  }
  const { username, password, pathname } = new URL(databaseUrl);
  const [role, database] = [decodeURIComponent(username), decodeURIComponent(pathname.slice(1))];
  await withClient(adminUrl, async (client) => {
    // One at a time: databases may share a role, which two cannot make or change at once.
    await client.query(`SET lock_timeout = ${TURN_DEADLINE_MS}`);
    await client.query(`SELECT pg_advisory_lock(hashtextextended('banyan.databases', 0))`);
    await ensureRole(client, role);
    const [quotedRole, quotedName] = [client.escapeIdentifier(role), client.escapeIdentifier(database)];
    const secret = client.escapeLiteral(decodeURIComponent(password));
    if (!mayEnter) await client.query(`ALTER ROLE ${quotedRole} PASSWORD ${secret}`);
    if (await databaseExists(client, database)) return;
    await client.query(`CREATE DATABASE ${quotedName} OWNER ${quotedRole} TEMPLATE template0`);
  });
}

/** A server's address with other parts. */
export function urlAs(
  serverUrl: string,
  { role, password, database }: { role?: string; password?: string; database?: string },
): string {
  const url = new URL(serverUrl);
  if (role !== undefined) {
    url.username = role;
    url.password = '';
  }
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (database !== undefined) url.pathname = `/${database}`;
  return url.href;
}
