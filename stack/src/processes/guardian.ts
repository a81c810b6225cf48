/**
 * A process that outlives the runner, to end what it started. Its standard input is a pipe from the runner: when
 * that ends, by whatever death, everything in the state file is stopped in order. A runner that has stopped all
 * by itself has removed the state file, and nothing is left to do.
 */
import { rmSync } from 'node:fs';
import { readRunState, removeRunState } from './run-state.ts';
import { stopProcesses } from './stop-processes.ts';

const [statePath] = process.argv.slice(2);
if (!statePath) throw new Error('usage: guardian.ts <state file>');

// Only the runner's end ends the guardian; a signal to "all of it" must not come before the work is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.stdin.resume();
process.stdin.on('error', finish);
process.stdin.on('close', finish);
process.stdout.write('watching\n');

let finishing = false;
async function finish(): Promise<void> {
  if (finishing) return;
  finishing = true;
  const path = statePath as string;
  const state = readRunState(path);
  // A later run's state is not ours to act on.
  if (state?.guardian?.pid !== process.pid) return process.exit(0);
  await stopProcesses(state);
  for (const folder of state.removeAtEnd) rmSync(folder, { recursive: true, force: true });
  removeRunState(path);
  process.exit(0);
}
