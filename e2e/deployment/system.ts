import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer, type TestServer } from '@banyan/stack/testing/processes';
import { createGround, startMonolith, type Undo } from '../parity/monolith.ts';
import {
  freePort,
  IDENTITY_KEYS,
  moveToService,
  prepareMonolith,
  prepareService,
  SERVICE_TOKEN,
} from '../parity/services.ts';
import { ROOT } from './worktree.ts';

/** Billing as services of its own, behind a gateway; the monolith keeps the rest. Everything a process but the monolith. */
export type System = {
  readonly gatewayPort: number;
  /** Of the accountant and of a customer, who pays for what is hers. */
  readonly cookies: { readonly accountant: string; readonly customer: string };
  readonly services: readonly ServiceProcess[];
  /** What the gateway logged so far. */
  readonly gatewayLines: readonly string[];
};

export type ServiceProcess = {
  readonly port: number;
  /** Asks it to stop, waits for its end, and starts it anew on the same port. */
  restart(): Promise<void>;
};

export type SystemOptions = {
  /** Folders of the builds to run. */
  readonly serviceFrom?: string;
  readonly gatewayFrom?: string;
  readonly serviceCount?: number;
  /** Works with the monolith while it still owns everything. */
  readonly before?: (port: number, cookies: System['cookies']) => Promise<void>;
  readonly undo: Undo;
};

const READY_DEADLINE_MS = 20_000;

export async function startSystem(options: SystemOptions): Promise<System> {
  const { serviceFrom = ROOT, gatewayFrom = ROOT, serviceCount = 1, undo } = options;
  const ground = await createGround(undo);
  const cookies = await askMonolith(ground, options);
  await prepareMonolith(ground);
  const own = await prepareService('billing', ground, undo);
  await moveToService('billing', ground, own);

  const seamPort = await freePort();
  const ports = await Promise.all(Array.from({ length: serviceCount }, freePort));
  // One address as most write it; several as gRPC writes a list.
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const target = addresses.length === 1 ? String(addresses[0]) : `ipv4:${addresses.join(',')}`;
  const monolith = await startMonolith(
    ground,
    {
      MONOLITH_SEAM_PORT: String(seamPort),
      MONOLITH_SEAM_TOKEN: SERVICE_TOKEN,
      BILLING_TARGET: String(addresses[0]),
    },
    undo,
  );
  const services = [];
  for (const port of ports) {
    const env = {
      BILLING_PORT: String(port),
      BILLING_DATABASE_URL: own.url,
      BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
      SERVICE_TOKEN,
      ACQUIRER_URL: ground.acquirerUrl,
      MONOLITH_SEAM_TARGET: `127.0.0.1:${seamPort}`,
    };
    services.push(await startService(serviceFrom, port, env, undo));
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-deployment-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const gateway = await startServer({
    args: ['gateway/src/main.ts'],
    folder: gatewayFrom,
    env: {
      PORT: '0',
      ADMIN_PORT: '0',
      MONOLITH_URL: `http://127.0.0.1:${monolith.port}`,
      BANYAN_CONFIG: 'banyan.config.ts',
      BANYAN_DATA_DIR: dataDir,
      BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
      BILLING_TARGET: target,
    },
  });
  undo.push(() => gateway.stop());
  const gatewayPort = Number(gateway.listening.port);
  await untilAnswered(gatewayPort, cookies.accountant);
  return { gatewayPort, cookies, services, gatewayLines: gateway.lines };
}

/** Sessions are rows of its database: they outlive this monolith. */
async function askMonolith(
  ground: Awaited<ReturnType<typeof createGround>>,
  { before }: SystemOptions,
): Promise<System['cookies']> {
  const undo: Undo = [];
  try {
    const { port } = await startMonolith(ground, {}, undo);
    const cookies = {
      accountant: await logIn(port, 'accounts@meridian.example'),
      customer: await logIn(port, 'alice@example.com'),
    };
    await before?.(port, cookies);
    return cookies;
  } finally {
    for (const release of undo.reverse()) await release();
  }
}

async function logIn(port: number, email: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: 'meridian' }),
  });
  if (answer.status !== 200) throw new Error(`the log-in of ${email} was answered with ${answer.status}`);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function startService(
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
  undo: Undo,
): Promise<ServiceProcess> {
  const start = (): Promise<TestServer> =>
    startServer({ args: ['extracted/billing/src/main.ts'], folder, env });
  let running = await start();
  undo.push(() => running.stop());
  return {
    port,
    async restart() {
      running.signal('SIGTERM');
      const status = await running.ended;
      if (status !== 0)
        throw new Error(`billing ended with ${status}: ${running.lines.slice(-5).join('\n')}`);
      running = await start();
    },
  };
}

async function untilAnswered(port: number, cookie: string): Promise<void> {
  const endAt = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/invoices?per_page=1`, {
      headers: { Cookie: cookie },
    });
    const text = await answer.text();
    if (answer.status === 200) return;
    if (performance.now() > endAt) throw new Error(`billing is not there: ${answer.status} ${text}`);
    await pause(50);
  }
}
