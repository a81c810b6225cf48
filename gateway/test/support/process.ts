import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';

export const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
export const REPOSITORY = resolve(import.meta.dirname, '../../..');
const DEADLINE_MS = 45_000;

export type GatewayProcess = {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when a line has this `msg`. */
  logged(msg: string): Promise<Record<string, unknown>>;
  exited(): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Runs the gateway as people run it. Its environment holds nothing but what is given. */
export function spawnGateway(
  env: Record<string, string>,
  { args = [], folder = join(REPOSITORY, 'gateway', 'test') }: { args?: string[]; folder?: string } = {},
): GatewayProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...processEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const withDeadline = async <T>(promise: Promise<T>, what: string): Promise<T> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`${what} did not come: ${stdout}${stderr}`)),
      DEADLINE_MS,
    );
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  };
  const lineOf = (msg: string) =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line.msg === msg);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited: () => withDeadline(closed, 'the end of the process'),
    logged: async (msg) => {
      await until(() => lineOf(msg) !== undefined || hasEnded(), {
        deadlineMs: DEADLINE_MS,
        what: () => `the line ${msg}, with ${stdout}${stderr} so far,`,
        everyMs: 10,
      });
      // What it said last may come behind its end.
      if (lineOf(msg) === undefined) await closed;
      const found = lineOf(msg);
      if (found === undefined) throw new Error(`the process ended: ${stdout}${stderr}`);
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded()) child.kill('SIGKILL');
      await closed;
    },
  };
}
