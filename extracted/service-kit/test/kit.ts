import { randomUUID } from 'node:crypto';
import { after, type TestContext } from 'node:test';
import { createTestDatabase, type TestDatabase } from '@banyan/stack/testing/database';
import pg from 'pg';
import { createDatabase, type Database, type DatabaseOptions } from '../src/database.ts';
import { createIdentityKeys, createIdentityVerifier, type Identity } from '../src/identity.ts';
import { silentLogger } from '../src/logger.ts';
import { migrate } from '../src/migrations.ts';
import { createReleaseStack, type Release, type ReleaseStack } from '../src/release-stack.ts';
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from '../src/server.ts';
import { TEST_KEYS_TEXT } from '../src/testing/sign-identity.ts';

export const HOST = '127.0.0.1';
export const TOKEN = 'token of the tests';
export const AUDIENCE = 'billing';
export const ALICE: Identity = { accountId: 7n, role: 'customer', name: 'Älice', via: 'session' };
export const now = (): Date => new Date();
/** A test waits so long for what takes a moment on a machine that has nothing else to do. */
export const LONG = { deadlineMs: 60_000 } as const;

const releases = new WeakMap<TestContext, ReleaseStack>();

/** Runs when the test ends, the latest registered first; `t.after` would run the earliest first. */
export function atEnd(t: TestContext, release: Release): void {
  let stack = releases.get(t);
  if (!stack) {
    stack = createReleaseStack();
    releases.set(t, stack);
    t.after(stack.unwind);
  }
  stack.push('a part of the test', release);
}

/** A server on a free port, stopped when the test ends. */
export async function startServer(
  t: TestContext,
  options: Partial<GrpcServerOptions> & Pick<GrpcServerOptions, 'services'>,
  onPort = 0,
): Promise<{ server: GrpcServer; target: string; port: number }> {
  const keys = createIdentityKeys(TEST_KEYS_TEXT, { now, logger: silentLogger });
  const server = createGrpcServer({
    identity: createIdentityVerifier({ keys, audience: AUDIENCE, now }),
    serviceToken: TOKEN,
    logger: silentLogger,
    now,
    newId: randomUUID,
    ...options,
    limits: { drainMs: 1_000, ...options.limits },
  });
  const { port } = await server.listen({ port: onPort, host: HOST });
  atEnd(t, () => server.stop());
  return { server, port, target: `${HOST}:${port}` };
}

export type TestSchema = {
  readonly url: string;
  readonly database: Database;
  /** Another pool on the same database, as another process has it. */
  open(options?: Partial<DatabaseOptions>): Database;
};

/** Of earlier tests of the file, emptied. */
const spares: TestDatabase[] = [];
after(async () => {
  for (const { drop } of spares.splice(0)) await drop();
});

const EMPTY = `
  SET lock_timeout = '10s';
  DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I.%I', schemaname, tablename), ',') FROM pg_tables
             WHERE schemaname = 'billing' AND tablename NOT LIKE '%migrations');
  END $$`;

async function makeDatabase(): Promise<TestDatabase> {
  const made = await createTestDatabase('empty');
  await migrate({ databaseUrl: made.url, folder: `${import.meta.dirname}/migrations`, schema: 'billing' });
  return made;
}

async function giveBack(made: TestDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: made.url });
  await client.connect();
  await client.query(EMPTY).finally(() => client.end());
  spares.push(made);
}

/**
 * A database of the test's own with the kit's tables in schema `billing`, plus what `sql` makes. Tests that change no
 * table get it one after another.
 */
export async function startDatabase(t: TestContext, sql?: string): Promise<TestSchema> {
  const made = (sql === undefined ? spares.pop() : undefined) ?? (await makeDatabase());
  const opened: Database[] = [];
  atEnd(t, async () => {
    await Promise.all(opened.map((database) => database.end()));
    await (sql === undefined ? giveBack(made) : made.drop());
  });
  const open = (options: Partial<DatabaseOptions> = {}): Database => {
    const database = createDatabase(made.url, {
      schema: 'billing',
      name: 'test',
      logger: silentLogger,
      ...options,
    });
    opened.push(database);
    return database;
  };
  const database = open();
  if (sql !== undefined) await database.query(sql);
  return { url: made.url, database, open };
}
