import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyAggregate } from '@banyan/mover/copy-aggregate';
import { installOwnership } from '@banyan/mover/install-ownership';
import { tablesOf } from '@banyan/mover/tables-of';
import { signIdentity, TEST_KEYS_TEXT } from '@banyan/service-kit/testing/sign-identity';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { billingDataPlan } from '@meridian/billing/data-plan';
import { migrateBilling } from '@meridian/billing/migrate';
import pg from 'pg';
import { freePort, type Pinned, startPinned } from '../system.ts';
import { fillWithInvoices } from './fill.ts';

/** One of the processes that requests are sent to. */
export type Front = { readonly name: string; readonly port: number; readonly pid: number };

/** A monolith and a billing service with equal invoices, and what can stand before them. */
export type World = {
  /** A session of the accountant, who may see all. */
  readonly cookie: string;
  /** An invoice with a payment. */
  readonly invoicePath: string;
  readonly service: Front;
  readonly monolith: Front;
  /** The gateway before the real service, before the ready-made one, and with nothing carved out. */
  readonly translated: Front;
  readonly translatedReadyMade: Front;
  readonly passedOn: Front;
  /** The bare server before the real service, and before the ready-made one. */
  readonly bare: Front;
  readonly bareReadyMade: Front;
};

export type WorldOptions = {
  readonly folder: string;
  readonly frontCore: number;
  readonly backCore: number;
  readonly invoices: number;
  /** Undone in reverse. */
  readonly releases: (() => Promise<unknown>)[];
  /** Arguments of Node for the gateways, such as --cpu-prof. */
  readonly nodeArguments?: readonly string[];
};

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const server = (name: string): string => fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url));
const READY_DEADLINE_MS = 30_000;
const ACCOUNTANT = { email: 'accounts@meridian.example', password: 'meridian' };
const IDENTITY = { accountId: 4n, role: 'accountant', name: 'Arthur Clarke', via: 'session' } as const;

export async function startWorld(options: WorldOptions): Promise<World> {
  const { releases, folder, frontCore, backCore, nodeArguments = [] } = options;
  const { monolithUrl, billingUrl, invoiceId } = await makeDatabases(options);
  const start = async (
    name: string,
    core: number,
    file: string,
    env: (port: number) => Record<string, string>,
    ready?: { path: string; cookie?: string },
  ): Promise<Front> => {
    const port = await freePort();
    const isGateway = file.includes('gateway');
    const pinned: Pinned = startPinned(
      core,
      process.execPath,
      [...(isGateway ? nodeArguments : []), join(ROOT, file)],
      {
        NODE_ENV: 'production',
        ...env(port),
      },
    );
    releases.push(() => pinned.stop());
    if (ready) await untilOk(`http://127.0.0.1:${port}${ready.path}`, ready.cookie);
    return { name, port, pid: pinned.pid };
  };

  const monolith = await start(
    'monolith, directly',
    backCore,
    'legacy-monolith/src/main.ts',
    (port) => ({
      MONOLITH_PORT: String(port),
      MONOLITH_DATABASE_URL: monolithUrl,
      MERIDIAN_SESSION_SECRET: 'a secret of the benchmarks',
    }),
    { path: '/' },
  );
  const cookie = await logIn(monolith.port);
  const invoicePath = `/api/v1/invoices/${invoiceId}`;
  const ready = { path: invoicePath, cookie };
  const service = await start('billing', backCore, 'extracted/billing/src/main.ts', (port) => ({
    BILLING_PORT: String(port),
    BILLING_DATABASE_URL: billingUrl,
    BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT,
    SERVICE_TOKEN: 'token-of-the-benchmarks',
  }));
  const identity = signIdentity(IDENTITY, { audience: 'billing', now: new Date(), lifetimeSeconds: 86_400 });
  const asked = (port: number) => ({
    SERVICE_PORT: String(port),
    IDENTITY: identity,
    INVOICE_ID: String(invoiceId),
  });
  const bare = (name: string, target: () => number) =>
    start(
      name,
      frontCore,
      relativeToRoot(server('bare')),
      (port) => ({ PORT: String(port), ...asked(target()) }),
      ready,
    );
  const gateway = (name: string, target: (() => number) | null) =>
    start(
      name,
      frontCore,
      'gateway/src/main.ts',
      (port) => ({
        PORT: String(port),
        ADMIN_PORT: '0',
        MONOLITH_URL: `http://127.0.0.1:${monolith.port}`,
        BANYAN_CONFIG: join(ROOT, 'banyan.config.ts'),
        BANYAN_DATA_DIR: join(folder, `gateway-${port}`),
        BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT,
        ...(target ? { BILLING_TARGET: `127.0.0.1:${target()}` } : {}),
      }),
      ready,
    );
  // The gateway waits for the service to know who owns what; the others are started when it is there.
  const translated = await gateway('Banyan, translating', () => service.port);
  const readyMade = await start(
    'ready-made service',
    backCore,
    relativeToRoot(server('ready-made-service')),
    (port) => ({
      PORT: String(port),
      ...asked(service.port),
    }),
  );
  await untilListening(readyMade.port);
  return {
    cookie,
    invoicePath,
    service,
    monolith,
    translated,
    translatedReadyMade: await gateway('Banyan, translating', () => readyMade.port),
    passedOn: await gateway('Banyan, to the monolith', null),
    bare: await bare('bare node:http and grpc-js', () => service.port),
    bareReadyMade: await bare('bare node:http and grpc-js', () => readyMade.port),
  };
}

const relativeToRoot = (path: string): string => path.slice(ROOT.length);

async function makeDatabases({ releases, invoices }: WorldOptions) {
  const [monolith, billing] = [await createTestDatabase('small'), await createTestDatabase('empty')];
  releases.push(
    () => monolith.drop(),
    () => billing.drop(),
  );
  await fillWithInvoices(monolith.url, invoices);
  await migrateBilling(billing.url);
  await installOwnership(monolith.url, {
    side: 'monolith',
    aggregates: { billing: tablesOf(billingDataPlan, 'monolith') },
    initialOwner: 'monolith',
  });
  await installOwnership(billing.url, {
    side: 'service',
    aggregates: { billing: tablesOf(billingDataPlan, 'service') },
    initialOwner: 'monolith',
  });
  await copyAggregate({
    plan: billingDataPlan,
    monolithUrl: monolith.url,
    serviceUrl: billing.url,
    to: 'service',
  });
  return {
    monolithUrl: monolith.url,
    billingUrl: billing.url,
    invoiceId: await keepMonolithReading(monolith.url),
  };
}

/** The monolith is to answer too, beside the service, which no two sides of a running system may: nobody writes here. */
async function keepMonolithReading(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("UPDATE banyan.own SET owner = 'monolith', copy_id = NULL");
    // An id of one byte, as the ready-made service writes it.
    const { rows } = await client.query<{ id: string }>(
      `SELECT i.id FROM invoices i JOIN payments p ON p.invoice_id = i.id
       WHERE i.status = 'PAID' AND i.id < 128 ORDER BY i.id LIMIT 1`,
    );
    return Number(rows[0]?.id);
  } finally {
    await client.end();
  }
}

async function logIn(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(ACCOUNTANT),
  });
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  if (answer.status !== 200) throw new Error(`the log-in was answered with ${answer.status}`);
  return cookie;
}

async function untilOk(url: string, cookie = ''): Promise<void> {
  const endAt = performance.now() + READY_DEADLINE_MS;
  let last = 'nothing answers';
  while (performance.now() < endAt) {
    try {
      const answer = await fetch(url, { headers: { Cookie: cookie, Connection: 'close' } });
      last = `${answer.status} ${(await answer.text()).slice(0, 200)}`;
      if (answer.status === 200) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} is not there: ${last}`);
}

async function untilListening(port: number): Promise<void> {
  const endAt = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > endAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
}
