import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureRedis } from '../setup/redis.ts';
import { prepareServiceUser, toolsFolderOf } from '../setup/service-user.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export type TestRedis = {
  readonly url: string;
  start(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** It comes back empty, whatever it keeps. Only while it is not running. */
  empty(): Promise<void>;
  /** It answers nobody until it is resumed, and connections are still accepted for it. */
  pause(): void;
  resume(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The URL of a Redis that tests may share; `npm test` sets it. */
export const TEST_REDIS_VARIABLE = 'BANYAN_TEST_REDIS_URL';

const DATA = process.env.STACK_DATA_DIR || fileURLToPath(new URL('../../../.data', import.meta.url));

/**
 * A real Redis of the test's own that can be killed and started again; it is not running yet. With `keepsData` it has
 * after a crash what it acknowledged, or with `everysec` what it wrote until a second before; else it comes back empty.
 */
export async function createTestRedis({
  keepsData = false,
}: {
  readonly keepsData?: boolean | 'everysec';
} = {}): Promise<TestRedis> {
  const tool = await ensureRedis(toolsFolderOf(prepareServiceUser(DATA)), () => {});
  const port = await freePort();
  const folder = keepsData ? await mkdtemp(join(tmpdir(), 'banyan-redis-')) : undefined;
  const fsync = keepsData === 'everysec' ? keepsData : 'always';
  const keeping =
    folder === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', fsync];
  const inFolder = folder === undefined ? [] : ['--dir', folder];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      child = spawn(
        tool.command,
        ['--bind', '127.0.0.1', '--port', String(port), '--save', '', ...keeping, ...inFolder],
        {
          ...(tool.argv0 === undefined ? {} : { argv0: tool.argv0 }),
          env: { PATH: process.env.PATH, ...tool.env },
          stdio: 'ignore',
        },
      );
      await until(() => answers(port), { deadlineMs: 60_000, what: 'the start of Redis' });
    },
    kill,
    empty: async () => {
      if (folder === undefined) return;
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
    pause: () => child?.kill('SIGSTOP'),
    resume: () => child?.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      await kill();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The Redis that all tests of a run share, or, where there is none, one of the test's own. Who shares it has a prefix
 * of its own for its keys.
 */
export async function sharedTestRedis(): Promise<Pick<TestRedis, 'url' | typeof Symbol.asyncDispose>> {
  const url = process.env[TEST_REDIS_VARIABLE];
  if (url) return { url, [Symbol.asyncDispose]: async () => {} };
  const redis = await createTestRedis();
  await redis.start();
  return redis;
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
