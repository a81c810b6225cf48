import { Writable } from 'node:stream';
import { createTestDatabase, type Template } from '@banyan/stack/testing/database';
import { createMonolith, type Monolith } from '../../src/compose.ts';
import { parseMonolithConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log/logger.ts';

/** Noon of the day that the templates are seeded for. */
export const NOON = new Date('2026-11-22T12:00:00Z');

export const KEYS = { globetrotter: 'mk_demo_globetrotter_0001', skyways: 'mk_demo_skyways_0002' };

export type TestMonolith = {
  url: string;
  port: number;
  monolith: Monolith;
  databaseUrl: string;
  /** Everything that was logged so far. */
  log(): string;
  /** Moves the monolith's clock; sessions and connections live by the real one. */
  setNow(now: Date): void;
};

type Options = { template?: Template; env?: Record<string, string>; databaseUrl?: string };

/** A monolith of the test's own on a database of its own; stopped and dropped when the test ends. */
export async function startMonolith(
  t: { after: (release: () => Promise<void>) => void },
  options: Options = {},
): Promise<TestMonolith> {
  const database = await createTestDatabase(options.template ?? 'small');
  let now = NOON;
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  const config = parseMonolithConfig({
    MONOLITH_PORT: '0',
    MONOLITH_DATABASE_URL: options.databaseUrl ?? database.url,
    MERIDIAN_SESSION_SECRET: 'a secret of the tests',
    MERIDIAN_DRAIN_MS: '2000',
    MERIDIAN_WORKER_INTERVAL_MS: '3600000',
    ...options.env,
  });
  const monolith = createMonolith(config, { clock: () => now, logger: createLogger('debug', sink) });
  t.after(async () => {
    await monolith.stop();
    await database.drop();
  });
  const { port } = await monolith.listen();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    monolith,
    databaseUrl: database.url,
    log: () => logged,
    setNow: (at) => {
      now = at;
    },
  };
}
