import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 60_000;
const LINES_MAX = 2_000;

export type TestProcess = {
  readonly pid: number;
  /** Everything it has written so far, its errors too. */
  readonly lines: readonly string[];
  /** The first JSON line that it logged with this message. */
  logged(msg: string): Record<string, unknown> | undefined;
  /** Fulfilled when it has ended: its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, then SIGKILL when it does not end in time, which is a failure. */
  stop(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
};

export type TestProcessOptions = {
  /** A program of this repo, by its path from the root, and its arguments. */
  args: readonly string[];
  /** Beside `processEnvironment()`; nothing else of the test's own environment is passed on. */
  env: Readonly<Record<string, string>>;
  /** Instead of this Node. */
  program?: string;
  /** Instead of the repo's root. */
  folder?: string;
};

/**
 * Starts a program of this repo with this Node. It stands in the group of the test, so that whoever ends the test
 * ends it as well.
 */
export function startProcess({
  args,
  env,
  program = process.execPath,
  folder = ROOT,
}: TestProcessOptions): TestProcess {
  const child = spawn(program, [...args], {
    cwd: folder,
    env: { ...processEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) collectLines(stream, lines);
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const logged = (msg: string) => lines.map(parseLine).find((line) => line?.msg === msg);
  return {
    pid: child.pid ?? 0,
    lines,
    logged,
    ended,
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      if (hasEnded()) return;
      child.kill('SIGTERM');
      try {
        await until(hasEnded, { deadlineMs: STOP_DEADLINE_MS, what: `the end of ${args.join(' ')}` });
      } finally {
        child.kill('SIGKILL');
      }
      await ended;
    },
  };
}

export type TestServer = TestProcess & {
  /** What its "listening" line says. */
  readonly listening: Readonly<Record<string, unknown>>;
};

/** Starts a program and waits for its "listening" line. */
export async function startServer(options: TestProcessOptions): Promise<TestServer> {
  const started = startProcess(options);
  let status: number | NodeJS.Signals | undefined;
  void started.ended.then((value) => {
    status = value;
  });
  try {
    await until(() => started.logged('listening') ?? status !== undefined, {
      deadlineMs: START_DEADLINE_MS,
      what: `the start of ${options.args.join(' ')}`,
    });
    const listening = started.logged('listening');
    if (listening) return { ...started, listening };
    throw new Error(`${options.args.join(' ')} ended with ${status}:\n${started.lines.join('\n')}`);
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** The monolith as a process of its own, on a free port, with nothing behind it but a database. */
export async function startMonolith(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestServer & { url: string }> {
  const server = await startServer({
    args: ['legacy-monolith/src/main.ts'],
    env: {
      MONOLITH_PORT: '0',
      MONOLITH_DATABASE_URL: databaseUrl,
      MERIDIAN_SESSION_SECRET: 'a secret of the tests',
      ...env,
    },
  });
  return { ...server, url: localUrl(server.listening.port) };
}

/** The gateway as a process of its own, on free ports. */
export async function startGateway(
  monolithUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestServer & { url: string; adminUrl: string }> {
  const server = await startServer({
    args: ['gateway/src/main.ts'],
    env: { PORT: '0', ADMIN_PORT: '0', MONOLITH_URL: monolithUrl, ...env },
  });
  const { port, adminPort } = server.listening;
  return { ...server, url: localUrl(port), adminUrl: localUrl(adminPort) };
}

function localUrl(port: unknown): string {
  return `http://127.0.0.1:${String(port)}`;
}

/**
 * What a process that a test starts needs of the test's own environment, and no more: LD_LIBRARY_PATH leads this
 * Node to a library on machines that lack it, STACK_RUN_ID lets the runner of the tests find what a killed test left.
 */
export function processEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME, TZ, LD_LIBRARY_PATH, STACK_RUN_ID } = process.env;
  return { PATH, HOME, TZ, LD_LIBRARY_PATH, STACK_RUN_ID };
}

function collectLines(stream: NodeJS.ReadableStream, lines: string[]): void {
  let partial = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts);
    if (lines.length > LINES_MAX) lines.splice(0, lines.length - LINES_MAX);
  });
  stream.on('end', () => {
    if (partial !== '') lines.push(partial);
  });
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // Not every line with a brace is JSON.
  }
}
