import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { createMonolith } from '@meridian/monolith/compose';
import { parseMonolithConfig } from '@meridian/monolith/config';
import pg from 'pg';

/** Two monoliths in equal state, one asked directly and one through a gateway. */
export type Twins = {
  readonly directPort: number;
  readonly throughPort: number;
  /** Changes both databases alike, and gives what the direct one says. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** What the gateway logged of its requests so far, oldest first. */
  requestLines(): readonly Record<string, unknown>[];
  stop(): Promise<void>;
};

const ROOT = resolve(import.meta.dirname, '../..');
const SESSION_SECRET = 'a secret for the differential run';
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 60_000;

export async function startTwins(now: Date): Promise<Twins> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const release of undo.splice(0).reverse()) await release();
  };
  try {
    const direct = await startTwin(now, undo);
    const through = await startTwin(now, undo);
    const gateway = await startGateway(`http://127.0.0.1:${through.port}`, undo);
    return {
      directPort: direct.port,
      throughPort: gateway.port,
      sql: async (text, values) => {
        await through.pool.query(text, values);
        return (await direct.pool.query(text, values)).rows;
      },
      requestLines: () => gateway.lines.filter(({ msg }) => msg === 'request'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startTwin(now: Date, undo: (() => unknown)[]) {
  const database = await createTestDatabase('small');
  undo.push(() => database.drop());
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  undo.push(() => pool.end());
  const acquirer = await createAcquirer({ port: 0, clock: () => now, newId: createIds('acq') });
  undo.push(() => acquirer.stop());
  const config = parseMonolithConfig({
    MONOLITH_PORT: '0',
    MONOLITH_DATABASE_URL: database.url,
    ACQUIRER_URL: acquirer.url,
    SMTP_URL: 'smtp://127.0.0.1:1',
    MERIDIAN_SESSION_SECRET: SESSION_SECRET,
    MERIDIAN_CLEANUP_INTERVAL_MS: '86400000',
    MERIDIAN_WORKER_INTERVAL_MS: '86400000',
    MERIDIAN_LOG_LEVEL: 'silent',
  });
  const monolith = createMonolith(config, { clock: () => now, randomBytes: createBytes() });
  undo.push(() => monolith.stop());
  const { port } = await monolith.listen();
  return { port, pool };
}

/** The same bytes for both, never the same twice. */
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

/** The gateway as it is run: a process of its own, with the reference configuration. */
async function startGateway(monolithUrl: string, undo: (() => unknown)[]) {
  const child = spawn(process.execPath, [resolve(ROOT, 'gateway/src/main.ts')], {
    cwd: ROOT,
    env: {
      ...processEnvironment(),
      PORT: '0',
      ADMIN_PORT: '0',
      MONOLITH_URL: monolithUrl,
      BANYAN_CONFIG: 'banyan.config.ts',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => stopChild(child));
  const lines: Record<string, unknown>[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  while (!lines.some(({ msg }) => msg === 'listening')) await once(reader, 'line', { signal });
  const port = lines.find(({ msg }) => msg === 'listening')?.port;
  return { port: Number(port), lines };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_DEADLINE_MS) });
  child.kill('SIGTERM');
  await exited;
}
