import { setTimeout as pause } from 'node:timers/promises';
import { isSameProcess } from '../../bootstrap/process-identity.mjs';
import { findProcessesOfRun } from './run-processes.ts';
import type { RunState, TrackedProcess } from './run-state.ts';

const CHECK_EVERY_MS = 30;
const KILL_WAIT_MS = 5_000;
/** A package manager that is cut off needs a moment to leave its database whole. */
const STRAY_GRACE_MS = 15_000;

export type StopOptions = {
  /** Told of each process as it is asked, and when one had to be killed. */
  report?: (name: string, event: 'stopping' | 'killed') => void;
  /** Aborted when there is to be no more waiting: what is left is killed. */
  force?: AbortSignal;
};

/**
 * Ends all processes of a run, phase by phase: whoever uses another ends before it. Used by the runner, by its
 * guardian when the runner was killed, and by the next run when both were. Never touches a pid that has become
 * another process.
 */
export async function stopProcesses(
  { processes, runId }: Pick<RunState, 'processes' | 'runId'>,
  options: StopOptions = {},
): Promise<void> {
  const phases = [...new Set(processes.map((process) => process.stop.phase))].sort((a, b) => b - a);
  for (const phase of phases) {
    const members = processes.filter((process) => process.stop.phase === phase);
    await Promise.all(members.map((process) => stopOne(process, options)));
  }
  await stopStrays(runId);
}

async function stopOne(process: TrackedProcess, { report, force }: StopOptions): Promise<void> {
  const { identity, name, stop } = process;
  if (!isSameProcess(identity)) return;
  report?.(name, 'stopping');
  send(identity.pid, stop.signal);
  if (await endsWithin(identity, stop.graceMs, force)) return;
  report?.(name, 'killed');
  // The group first: once its leader is gone nothing tells whether a group of that number is still ours.
  send(-identity.pid, 'SIGKILL');
  send(identity.pid, 'SIGKILL');
  await endsWithin(identity, KILL_WAIT_MS);
}

/** Children of children that outlived their parent: they carry the run's id in their environment. */
async function stopStrays(runId: string): Promise<void> {
  const strays = findProcessesOfRun(runId);
  for (const identity of strays) send(identity.pid, 'SIGTERM');
  await Promise.all(
    strays.map(async (identity) => {
      if (await endsWithin(identity, STRAY_GRACE_MS)) return;
      send(identity.pid, 'SIGKILL');
      await endsWithin(identity, KILL_WAIT_MS);
    }),
  );
}

async function endsWithin(
  identity: TrackedProcess['identity'],
  limitMs: number,
  force?: AbortSignal,
): Promise<boolean> {
  const endAt = performance.now() + limitMs;
  while (isSameProcess(identity)) {
    if (performance.now() > endAt || force?.aborted) return false;
    await pause(CHECK_EVERY_MS);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal, or the group has no members.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
