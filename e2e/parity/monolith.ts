import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { createMonolith } from '@meridian/monolith/compose';
import { parseMonolithConfig } from '@meridian/monolith/config';
import pg from 'pg';

export type Undo = (() => unknown)[];

export type MonolithDatabase = { readonly url: string; readonly pool: pg.Pool };

/** A monolith's database from the template. */
export async function createMonolithDatabase(undo: Undo): Promise<MonolithDatabase> {
  const database = await createTestDatabase('small');
  undo.push(() => database.drop());
  const pool = new pg.Pool({ connectionString: database.url, max: 6 });
  pool.on('error', () => {});
  undo.push(() => pool.end());
  return { url: database.url, pool };
}

/** A monolith's database, and the acquirer of its world. */
export async function createGround(undo: Undo): Promise<MonolithDatabase & { readonly acquirerUrl: string }> {
  const database = await createMonolithDatabase(undo);
  const acquirer = await createAcquirer({ port: 0, clock: () => new Date(), newId: createIds('acq') });
  undo.push(() => acquirer.stop());
  return { ...database, acquirerUrl: acquirer.url };
}

export async function startMonolith(
  ground: { readonly url: string; readonly acquirerUrl: string },
  env: Readonly<Record<string, string>>,
  undo: Undo,
): Promise<{ readonly port: number }> {
  const config = parseMonolithConfig({
    MONOLITH_PORT: '0',
    MONOLITH_DATABASE_URL: ground.url,
    ACQUIRER_URL: ground.acquirerUrl,
    SMTP_URL: 'smtp://127.0.0.1:1',
    MERIDIAN_SESSION_SECRET: 'a secret for the parity run',
    MERIDIAN_CLEANUP_INTERVAL_MS: '86400000',
    MERIDIAN_WORKER_INTERVAL_MS: '86400000',
    MERIDIAN_LOG_LEVEL: process.env.PARITY_LOG_LEVEL ?? 'silent',
    ...env,
  });
  const monolith = createMonolith(config, { clock: () => new Date(), randomBytes: createBytes() });
  // Node's server dates its answers by a clock that no test reaches; who asks for a session's end reads the date.
  monolith.server.prependListener('request', (_request, response) => {
    response.setHeader('Date', new Date().toUTCString());
  });
  undo.push(() => monolith.stop());
  return monolith.listen();
}

/** The same bytes for both worlds, never the same twice. */
function createBytes(): (length: number) => Buffer {
  let count = 0;
  return (length) => {
    count += 1;
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32BE(count, 0);
    return bytes;
  };
}

function createIds(prefix: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}${String(count).padStart(21, '0')}`;
  };
}
