import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ensureRedis } from '@banyan/stack/setup/redis';
import { prepareServiceUser, toolsFolderOf } from '@banyan/stack/setup/service-user';
import { until } from '@banyan/stack/testing/until';
import { atEnd } from '../kit.ts';

export type TestRedis = {
  readonly url: string;
  start(): Promise<void>;
  /** As a crash does. Started again, it has what it wrote to its file. */
  kill(): Promise<void>;
  /** Of a Redis that does not run. */
  loseData(): Promise<void>;
  /** Connections stand, and are made; nobody answers on them. */
  pause(): void;
  resume(): void;
};

const DATA = process.env.STACK_DATA_DIR || fileURLToPath(new URL('../../../../.data', import.meta.url));
const FILES = 'appendonlydir';

/** A Redis of the test's own, as queues want it, already running. */
export async function startRedis(t: TestContext): Promise<TestRedis> {
  const tool = await ensureRedis(toolsFolderOf(prepareServiceUser(DATA)), () => {});
  const folder = await mkdtemp(join(tmpdir(), 'banyan-queues-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  const start = async (): Promise<void> => {
    child = spawn(
      tool.command,
      [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
        ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
      ],
      {
        ...(tool.argv0 === undefined ? {} : { argv0: tool.argv0 }),
        env: { PATH: process.env.PATH, ...tool.env },
        stdio: 'ignore',
      },
    );
    await until(() => answers(port), { deadlineMs: 20_000, what: 'the start of Redis' });
  };
  atEnd(t, async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    loseData: () => rm(join(folder, FILES), { recursive: true, force: true }),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => end(data.toString('latin1').startsWith('+PONG')));
    socket.on('error', () => end(false));
    socket.on('close', () => resolve(false));
  });
}
