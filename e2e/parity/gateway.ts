import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { processEnvironment } from '@banyan/stack/testing/processes';

const ROOT = resolve(import.meta.dirname, '../..');
const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;

export type ParityGateway = {
  readonly port: number;
  readonly adminPort: number;
  /** Its log so far, oldest first. */
  readonly lines: readonly Record<string, unknown>[];
  setTime(now: Date): Promise<void>;
};

/** The gateway as it is run, a process of its own; only its clock is the test's. */
export async function startGateway(
  options: { monolithUrl: string; now: Date; env: Readonly<Record<string, string>> },
  undo: (() => unknown)[],
): Promise<ParityGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-parity-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'clock.ts'), resolve(ROOT, 'gateway/src/main.ts')],
    {
      cwd: ROOT,
      env: {
        ...processEnvironment(),
        PORT: '0',
        ADMIN_PORT: '0',
        MONOLITH_URL: options.monolithUrl,
        BANYAN_CONFIG: 'banyan.config.ts',
        BANYAN_DATA_DIR: dataDir,
        PARITY_NOW_MS: String(options.now.getTime()),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  undo.push(() => stopChild(child));
  const lines: Record<string, unknown>[] = [];
  if (!child.stdout) throw new Error('the gateway has no output');
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  while (!lines.some(({ msg }) => msg === 'listening')) {
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${JSON.stringify(lines)}`);
    await Promise.race([once(reader, 'line', { signal }), once(child, 'exit', { signal })]);
  }
  const { port, adminPort } = lines.find(({ msg }) => msg === 'listening') ?? {};
  return {
    port: Number(port),
    adminPort: Number(adminPort),
    lines,
    setTime: async (now) => {
      const told = once(child, 'message', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
      child.send(now.getTime());
      await told;
    },
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_DEADLINE_MS) });
  child.kill('SIGTERM');
  try {
    await exited;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
