import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryLock } from '../../bootstrap/lock.mjs';
import { isSameProcess, readProcessIdentity } from '../../bootstrap/process-identity.mjs';
import type { Screen } from '../../bootstrap/screen.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import { RUN_ID_VARIABLE } from './run-processes.ts';
import { type RunState, readRunState, removeRunState, runStatePath, writeRunState } from './run-state.ts';
import { type StopOptions, stopProcesses } from './stop-processes.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

const GUARDIAN_START_MS = 20_000;
const GUARDIAN_END_MS = 90_000;

export type Run = {
  runId: string;
  supervisor: Supervisor;
  /** Stops every child in order, then ends the guardian. Can be called once. */
  stop(options?: StopOptions): Promise<void>;
};

export type RunOptions = {
  dataDir: string;
  screen: Screen;
  onLine: (name: string, line: string) => void;
  /** Folders to remove when all has stopped, by whomever. */
  removeAtEnd?: string[];
};

/**
 * Takes a data folder for this process alone, clears away what an earlier run left there, and gives the means to
 * run children that will not outlive this process.
 */
export async function openRun({ dataDir, screen, onLine, removeAtEnd = [] }: RunOptions): Promise<Run> {
  mkdirSync(dataDir, { recursive: true });
  const { lock, holder } = tryLock(join(dataDir, 'locks'), 'run');
  if (!lock) {
    throw new SetupError(`The stack is already running in ${dataDir} (process ${holder.pid}).`, {
      mend: 'STACK_DATA_DIR=.data-second STACK_PORT_OFFSET=100 npm start',
    });
  }
  const statePath = runStatePath(dataDir);
  await clearLeftOvers(statePath, screen);

  const logsFolder = join(dataDir, 'logs');
  mkdirSync(logsFolder, { recursive: true });
  const runner = readProcessIdentity(process.pid);
  if (!runner) throw new Error('this process cannot be found in the process table');
  const state: RunState = { runId: randomUUID(), runner, guardian: null, processes: [], removeAtEnd };
  const guardian = await startGuardian(statePath, join(logsFolder, 'guardian.log'));
  state.guardian = readProcessIdentity(guardian.pid);
  writeRunState(statePath, state);
  // Commands that the set-up runs by itself inherit it, so that none of them is left behind either.
  process.env[RUN_ID_VARIABLE] = state.runId;

  const supervisor = createSupervisor({
    logsFolder,
    runId: state.runId,
    onLine,
    onStarted: (tracked) => {
      state.processes.push(tracked);
      writeRunState(statePath, state);
    },
  });
  return {
    runId: state.runId,
    supervisor,
    stop: async (options) => {
      supervisor.expectEnds();
      await stopProcesses(state, options);
      supervisor.release();
      removeRunState(statePath);
      await guardian.end();
      lock.release();
      for (const folder of removeAtEnd) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The lock is ours, so the runner of that state is dead; its guardian may be at work still. */
async function clearLeftOvers(statePath: string, screen: Screen): Promise<void> {
  const state = readRunState(statePath);
  if (!state) return;
  const { guardian } = state;
  if (guardian && isSameProcess(guardian)) {
    await screen.step('waiting for the earlier run to stop', async () => {
      const endAt = performance.now() + GUARDIAN_END_MS;
      while (isSameProcess(guardian) && performance.now() < endAt) await pause(50);
      if (isSameProcess(guardian)) process.kill(guardian.pid, 'SIGKILL');
    });
  }
  const left = readRunState(statePath);
  if (!left) return;
  if (left.processes.some(({ identity }) => isSameProcess(identity))) {
    await screen.step('stopping what a killed run has left', (note) =>
      stopProcesses(left, { report: (name) => note(name) }),
    );
  }
  for (const folder of left.removeAtEnd) rmSync(folder, { recursive: true, force: true });
  removeRunState(statePath);
}

async function startGuardian(
  statePath: string,
  logPath: string,
): Promise<{ pid: number; end(): Promise<void> }> {
  const program = fileURLToPath(new URL('./guardian.ts', import.meta.url));
  const log = openSync(logPath, 'a');
  const child = spawn(process.execPath, [program, statePath], {
    detached: true,
    env: { ...process.env, [RUN_ID_VARIABLE]: undefined },
    stdio: ['pipe', 'pipe', log],
  });
  closeSync(log);
  const { pid, stdin, stdout } = child;
  if (pid === undefined || !stdin || !stdout)
    throw new Error(`the guardian could not be started: ${process.execPath}`);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Without it nothing may be started: nobody would end it.
  await Promise.race([
    new Promise((resolve) => stdout.once('data', resolve)),
    ended.then(() => Promise.reject(new Error(`the guardian ended at once; see ${logPath}`))),
    pause(GUARDIAN_START_MS, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`the guardian was not ready within ${GUARDIAN_START_MS / 1000} s`)),
    ),
  ]);
  child.unref();
  stdout.destroy();
  return {
    pid,
    end: async () => {
      stdin.end();
      child.ref();
      await ended;
    },
  };
}
