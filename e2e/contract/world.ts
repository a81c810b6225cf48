import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase, TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { createMonolith } from '@meridian/monolith/compose';
import { parseMonolithConfig } from '@meridian/monolith/config';
import pg from 'pg';
import { type Api, type Caller, createApi } from './api.ts';
import { type Contract, loadContract } from './contract.ts';
import { setSession } from './exchange.ts';
import { createRawClient, type RawClient } from './raw-client.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { createValidator } from './validator.ts';

/** One of each role, a second customer and a second partner: those whose things are foreign. */
export const CALLERS = ['alice', 'bob', 'agent', 'accountant', 'partner', 'skyways'] as const;
export type CallerName = (typeof CALLERS)[number];

/** The real monolith with a database and an acquirer of its own, and all that a suite needs to drive it. */
export type World = {
  readonly contract: Contract;
  readonly api: Api;
  readonly raw: RawClient;
  readonly callers: Readonly<Record<CallerName, Caller>>;
  readonly database: TcpProxy;
  /** The monolith's own time. */
  now(): Date;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  logIn(email: string, password?: string): Promise<Caller>;
  stop(): Promise<void>;
};

const PASSWORD = 'meridian';
const EMAILS = {
  alice: 'alice@example.com',
  bob: 'bob@example.com',
  agent: 'agent@meridian.example',
  accountant: 'accounts@meridian.example',
} as const;
const KEYS = { partner: 'mk_demo_globetrotter_0001', skyways: 'mk_demo_skyways_0002' } as const;

export async function startWorld(): Promise<World> {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const release of undo.splice(0).reverse()) await release();
  };
  try {
    const database = await createTestDatabase('small');
    undo.push(() => database.drop());
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    undo.push(() => pool.end());

    const url = new URL(database.url);
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    undo.push(() => proxy.cut());
    url.host = `127.0.0.1:${proxy.port}`;
    const acquirer = await createAcquirer({ port: 0 });
    undo.push(() => acquirer.stop());

    // The seed is anchored at a day; the monolith must live on that day for flights to be ahead.
    const seeded = Date.parse(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
    const clock = () => new Date(seeded + performance.now());
    const config = parseMonolithConfig({
      MONOLITH_PORT: '0',
      MONOLITH_DATABASE_URL: url.href,
      ACQUIRER_URL: acquirer.url,
      SMTP_URL: 'smtp://127.0.0.1:1',
      MERIDIAN_SESSION_SECRET: 'a secret for the contract test',
      // What runs beside the requests must not change what a suite is looking at.
      MERIDIAN_CLEANUP_INTERVAL_MS: '86400000',
      MERIDIAN_WORKER_INTERVAL_MS: '86400000',
      MERIDIAN_LOG_LEVEL: process.env.CONTRACT_LOG_LEVEL ?? 'silent',
    });
    const monolith = createMonolith(config, { clock });
    undo.push(() => monolith.stop());
    const { port } = await monolith.listen();
    const raw = createRawClient(port);
    undo.push(() => raw.close());

    const contract = loadContract();
    const api = createApi(contract, createValidator(contract), raw);
    const logIn = async (email: string, password = PASSWORD): Promise<Caller> => {
      const { exchange } = await api.expect('createSession', 200, { json: { email, password } });
      return { name: email, headers: { Cookie: setSession(exchange) ?? '' }, session: true };
    };
    const keyCaller = (name: keyof typeof KEYS): Caller => ({
      name,
      headers: { 'X-Api-Key': KEYS[name] },
      session: false,
    });
    const callers = {
      alice: await logIn(EMAILS.alice),
      bob: await logIn(EMAILS.bob),
      agent: await logIn(EMAILS.agent),
      accountant: await logIn(EMAILS.accountant),
      partner: keyCaller('partner'),
      skyways: keyCaller('skyways'),
    };
    return {
      contract,
      api,
      raw,
      callers,
      database: proxy,
      now: clock,
      sql: async (text, values) => (await pool.query(text, values)).rows,
      logIn,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
