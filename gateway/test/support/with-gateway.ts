import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, type Gateway } from '../../src/compose.ts';
import { type ConfigSources, parseConfig } from '../../src/config/parse-config.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import { readTracing } from '../../src/telemetry/tracing-settings.ts';

export type RunningGateway = {
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
  readonly gateway: Gateway;
  /** Every line logged so far, parsed. */
  logLines(): Promise<Record<string, unknown>[]>;
};

export type GatewayOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources?: Partial<ConfigSources>;
};

/** Handles are closed moments after a stop; those of a busy machine, some seconds. */
const CLOSED_DEADLINE_MS = 15_000;
const HANDLE_KINDS = ['TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap', 'Timeout'];

/**
 * Runs the gateway in this process for as long as the work takes, on free ports. Fails when stopping leaves a
 * socket or a timer behind that was not there before.
 */
export async function withGateway<T>(
  options: GatewayOptions,
  work: (running: RunningGateway) => Promise<T>,
): Promise<T> {
  const parsed = parseConfig({
    ...options.sources,
    env: { PORT: '0', ADMIN_PORT: '0', DRAIN_TIMEOUT_MS: '2000', ...options.env },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const folder = await mkdtemp(join(tmpdir(), 'banyan-gateway-'));
  const logFile = join(folder, 'log');
  const log = createLogSink(parsed.config.logLevel, openSync(logFile, 'a'));
  const before = handles();
  const gateway = createGateway(parsed.config, {
    log,
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    processId: 'test',
    tracing: readTracing(options.env).settings,
  });
  const { port, adminPort } = await gateway.start();
  try {
    return await work({
      gateway,
      port,
      url: `http://127.0.0.1:${port}`,
      adminUrl: `http://127.0.0.1:${adminPort}`,
      logLines: async () => {
        await log.flush();
        const text = await readFile(logFile, 'utf8');
        return text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
      },
    });
  } finally {
    await gateway.stop();
    await log.close();
    await rm(folder, { recursive: true });
    await refuseLeaks(before);
  }
}

function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

async function refuseLeaks(before: Map<string, number>): Promise<void> {
  const leaked = () => HANDLE_KINDS.filter((kind) => (handles().get(kind) ?? 0) > (before.get(kind) ?? 0));
  const endAt = performance.now() + CLOSED_DEADLINE_MS;
  while (leaked().length > 0 && performance.now() < endAt) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (leaked().length > 0) throw new Error(`the gateway left behind: ${leaked().join(', ')}`);
}
