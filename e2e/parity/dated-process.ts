import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { processEnvironment } from '@banyan/stack/testing/processes';
import type { Undo } from './monolith.ts';

/** Of the build that is tested here. */
const ROOT = resolve(import.meta.dirname, '../..');
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 60_000;

/** A program of a build, run as it is; only its clock is the test's. */
export type DatedProcess = {
  /** What its "listening" line says. */
  readonly listening: Readonly<Record<string, unknown>>;
  /** Its log so far, oldest first. */
  readonly lines: readonly Record<string, unknown>[];
  setTime(now: Date): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
};

export type DatedProgram = {
  /** Its path below a build's root. */
  readonly program: string;
  /** The build's root; the one of this checkout by default. */
  readonly build?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly now: Date;
};

export async function startDated(
  { program, build = ROOT, env, now }: DatedProgram,
  undo: Undo,
): Promise<DatedProcess> {
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'clock.ts'), join(build, program)],
    {
      cwd: build,
      env: { ...processEnvironment(), PARITY_NOW_MS: String(now.getTime()), ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  undo.push(() => stopChild(child));
  const lines: Record<string, unknown>[] = [];
  if (!child.stdout) throw new Error(`${program} has no output`);
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  while (!lines.some(({ msg }) => msg === 'listening')) {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${JSON.stringify(lines)}`);
    await Promise.race([once(reader, 'line', { signal }), once(child, 'exit', { signal })]);
  }
  return {
    listening: lines.find(({ msg }) => msg === 'listening') ?? {},
    lines,
    setTime: async (time) => {
      const told = once(child, 'message', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
      child.send(time.getTime());
      await told;
    },
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
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
