import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

/** Path of a program, or nothing. Peers live in sbin, which is not on everybody's PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    try {
      if (readdirSync(folder).includes(name)) return join(folder, name);
    } catch {
      // A folder of the PATH that is not there holds no program.
    }
  }
  return undefined;
}

const TASKSET = findProgram('taskset');

/** Whether processes can be held to one core each. */
export const canPin = TASKSET !== undefined && availableParallelism() >= 2;

export type Pinned = { readonly child: ChildProcess; readonly pid: number; stop(): Promise<void> };

/** A command that holds a program to one core, where the system can. */
export function coreCommand(
  core: number,
  program: string,
  parameters: readonly string[],
): [file: string, parameters: string[]] {
  return canPin
    ? [TASKSET as string, ['-c', String(core), program, ...parameters]]
    : [program, [...parameters]];
}

/** Starts a process on one core, where the system can. */
export function startPinned(
  core: number,
  program: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
): Pinned {
  const [file, list] = coreCommand(core, program, parameters);
  const child = spawn(file, list, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(forced);
    },
  };
}

/** Runs a process on one core to its end and gives its output. */
export function runPinned(core: number, program: string, parameters: readonly string[]): Promise<string> {
  const [file, list] = coreCommand(core, program, parameters);
  const child = spawn(file, list, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}`)),
    );
  });
}

const TICK_US = ((): number => {
  try {
    return 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    return 10_000;
  }
})();

/** CPU time so far of a process and its children, in microseconds; NaN where there is no /proc. */
export function cpuMicroseconds(pid: number): number {
  try {
    return ownCpu(pid) + childrenOf(pid).reduce((sum, child) => sum + ownCpu(child), 0);
  } catch {
    return Number.NaN;
  }
}

function ownCpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Resident memory of a process in bytes; NaN where there is no /proc. */
export function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something answers HTTP on the port; gives the milliseconds it took. */
export async function untilAnswering(port: number, deadlineMs = 10_000): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
      await answer.arrayBuffer();
      if (answer.status === 200) return performance.now() - startedAt;
    } catch {
      // Not listening yet.
    }
    if (performance.now() - startedAt > deadlineMs) throw new Error(`nothing answers on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
