import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../bootstrap/process-identity.mjs';

/** How a process is asked to end. Higher phases end first; within a phase all are asked at once. */
export type StopPlan = {
  phase: number;
  signal: 'SIGTERM' | 'SIGINT';
  /** How long it may take before it is killed. */
  graceMs: number;
};

export type TrackedProcess = { name: string; identity: ProcessIdentity; stop: StopPlan };

/** What a run has going on, written down so that somebody else can end it when the runner was killed. */
export type RunState = {
  runId: string;
  runner: ProcessIdentity;
  guardian: ProcessIdentity | null;
  processes: TrackedProcess[];
  /** Folders of this run alone, to be removed when everything has stopped. */
  removeAtEnd: string[];
};

export function runStatePath(dataDir: string): string {
  return join(dataDir, 'run-state.json');
}

export function readRunState(path: string): RunState | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read; see that nothing of the run is left, then remove it`, {
      cause: error,
    });
  }
}

/** Replaced as a whole, so that a reader never meets half a file. */
export function writeRunState(path: string, state: RunState): void {
  const unfinished = `${path}.unfinished`;
  writeFileSync(unfinished, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
}

export function removeRunState(path: string): void {
  rmSync(path, { force: true });
}
