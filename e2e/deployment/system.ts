import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@banyan/stack/testing/free-port';
import { startServer, type TestServer } from '@banyan/stack/testing/processes';
import { type createGround, startMonolith, type Undo } from '../parity/monolith.ts';
import { openQueues, startRelay } from '../parity/queues.ts';
import type { Aggregate } from '../parity/sequences.ts';
import {
  IDENTITY_KEYS,
  moveToService,
  prepareMonolith,
  prepareService,
  SERVICE_TOKEN,
  type ServiceGround,
} from '../parity/services.ts';

/** A carve-out in processes of its own, behind a gateway; the monolith, in this process, keeps the rest. */
export type System = {
  readonly gatewayPort: number;
  /** Of the accountant, and of an agent. */
  readonly cookies: { readonly accountant: string; readonly agent: string };
  readonly services: readonly ServiceProcess[];
  /** On the service's database. */
  readonly pool: ServiceGround['pool'];
  /** What the gateway logged so far. */
  readonly gatewayLines: readonly string[];
};

export type ServiceProcess = {
  readonly port: number;
  /** How many of its own calls it has answered well since it was started last. */
  calls(): Promise<number>;
  /** Asks it to stop, waits for its end, and starts it anew on the same port. */
  restart(): Promise<void>;
};

export type Ground = Awaited<ReturnType<typeof createGround>>;

export type SystemOptions = {
  /** The carve-out, which owns its data. */
  readonly name: Aggregate;
  /** The monolith's database; what it holds moves along. */
  readonly ground: Ground;
  readonly processes: number;
  /** Answered by the service, for the accountant, when all is there. */
  readonly probe: string;
  readonly undo: Undo;
};

const READY_DEADLINE_MS = 120_000;

export async function startSystem(options: SystemOptions): Promise<System> {
  const { name, ground, processes, probe, undo } = options;
  const prefix = name.toUpperCase();
  await prepareMonolith(ground);
  const own = await prepareService(name, ground, undo);
  await moveToService(name, ground, own);

  const seamPort = await freePort();
  const ports = await Promise.all(Array.from({ length: processes }, freePort));
  // One address as most write it; several as gRPC writes a list.
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const target = addresses.length === 1 ? String(addresses[0]) : `ipv4:${addresses.join(',')}`;
  const queues = await openQueues(undo);
  await startRelay({ source: 'monolith', ...ground }, queues, undo);
  await startRelay({ source: name, ...own }, queues, undo);
  const monolith = await startMonolith(
    ground,
    {
      MONOLITH_SEAM_PORT: String(seamPort),
      MONOLITH_SEAM_TOKEN: SERVICE_TOKEN,
      [`${prefix}_TARGET`]: String(addresses[0]),
      ...queues,
    },
    undo,
  );
  const cookies = {
    accountant: await logIn(monolith.port, 'accounts@meridian.example'),
    agent: await logIn(monolith.port, 'agent@meridian.example'),
  };
  const services = [];
  for (const port of ports) {
    const env = {
      [`${prefix}_PORT`]: String(port),
      [`${prefix}_METRICS_PORT`]: '0',
      [`${prefix}_DATABASE_URL`]: own.url,
      BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
      SERVICE_TOKEN,
      ACQUIRER_URL: ground.acquirerUrl,
      MONOLITH_SEAM_TARGET: `127.0.0.1:${seamPort}`,
      ...queues,
    };
    services.push(await startService(name, { port, env }, undo));
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-deployment-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const gateway = await startServer({
    args: ['gateway/src/main.ts'],
    env: {
      PORT: '0',
      ADMIN_PORT: '0',
      MONOLITH_URL: `http://127.0.0.1:${monolith.port}`,
      BANYAN_CONFIG: 'banyan.config.ts',
      BANYAN_DATA_DIR: dataDir,
      BANYAN_IDENTITY_KEYS: IDENTITY_KEYS,
      [`${prefix}_TARGET`]: target,
    },
  });
  undo.push(() => gateway.stop());
  const gatewayPort = Number(gateway.listening.port);
  await untilAnswered(`http://127.0.0.1:${gatewayPort}${probe}`, cookies.accountant);
  return { gatewayPort, cookies, services, pool: own.pool, gatewayLines: gateway.lines };
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
  name: Aggregate,
  { port, env }: { readonly port: number; readonly env: Readonly<Record<string, string>> },
  undo: Undo,
): Promise<ServiceProcess> {
  const start = (): Promise<TestServer> => startServer({ args: [`extracted/${name}/src/main.ts`], env });
  let running = await start();
  undo.push(() => running.stop());
  const answered = new RegExp(`^rpc_calls_total\\{method="/${name}\\.[^}]*code="OK"[^}]*\\} (\\d+)$`, 'gm');
  return {
    port,
    async calls() {
      const metrics = await fetch(`http://127.0.0.1:${String(running.listening.metricsPort)}/metrics`);
      return (await metrics.text()).matchAll(answered).reduce((sum, [, count]) => sum + Number(count), 0);
    },
    async restart() {
      running.signal('SIGTERM');
      const status = await running.ended;
      if (status !== 0)
        throw new Error(`${name} ended with ${status}: ${running.lines.slice(-5).join('\n')}`);
      running = await start();
    },
  };
}

async function untilAnswered(url: string, cookie: string): Promise<void> {
  const endAt = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    const answer = await fetch(url, { headers: { Cookie: cookie } });
    const text = await answer.text();
    if (answer.status === 200) return;
    if (performance.now() > endAt) throw new Error(`the service is not there: ${answer.status} ${text}`);
    await pause(50);
  }
}
