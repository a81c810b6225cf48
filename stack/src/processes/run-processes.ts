import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessIdentity, readProcessIdentity } from '../../bootstrap/process-identity.mjs';

/** Set for every process of a run, and inherited by whatever these start. */
export const RUN_ID_VARIABLE = 'STACK_RUN_ID';

/** Every living process that carries the run's id. Empty where there is no /proc to ask. */
export function findProcessesOfRun(runId: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const mark = `\0${RUN_ID_VARIABLE}=${runId}\0`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => `\0${readEnvironment(entry)}`.includes(mark))
    .map((entry) => readProcessIdentity(Number(entry)))
    .filter((identity) => identity !== null);
}

function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // It has ended, or belongs to another user: not of this run.
  }
}
