import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '@banyan/stack/testing/processes';
import type { CommandContext, CommandOutput } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { runCommand } from '../../../src/cli/run-command.ts';

const LAUNCHER = fileURLToPath(new URL('../../../bin/banyan.mjs', import.meta.url));
const PROCESS_DEADLINE_MS = 60_000;

export type Environment = Readonly<Record<string, string>>;
export type Ended = { readonly status: number | null; readonly out: string; readonly err: string };

/** A stream that keeps what is written, and is told to be a terminal or none. */
export function createOutput(terminal?: { readonly columns: number; readonly rows: number }) {
  let text = '';
  const output: CommandOutput = {
    write: (added) => {
      text += added;
    },
    drained: () => Promise.resolve(),
    isTerminal: terminal !== undefined,
    columns: terminal?.columns ?? 80,
    rows: terminal?.rows,
  };
  return {
    output,
    text: () => text,
    forget: () => {
      text = '';
    },
  };
}

/** The command in this process, with nothing of its environment but what is given. */
export async function banyan(
  args: readonly string[],
  env: Environment = {},
  context: Partial<CommandContext> = {},
): Promise<Ended> {
  const [out, err] = [createOutput(), createOutput()];
  const status = await runCommand(args, COMMANDS, {
    env,
    folder: tmpdir(),
    out: out.output,
    err: err.output,
    now: () => performance.now(),
    wallClock: () => new Date(),
    signal: new AbortController().signal,
    ...context,
  });
  return { status, out: out.text(), err: err.text() };
}

export type BanyanProcess = {
  /** What it has written so far. */
  out(): string;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
};

/** The command as a process of its own, as people call it. */
export function startBanyan(args: readonly string[], env: Environment = {}): BanyanProcess {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: tmpdir(),
    env: { ...processEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PROCESS_DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const [out, err] = [createOutput(), createOutput()];
  child.stdout.setEncoding('utf8').on('data', out.output.write);
  child.stderr.setEncoding('utf8').on('data', err.output.write);
  return {
    out: out.text,
    signal: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([code]) => ({
      status: code as number | null,
      out: out.text(),
      err: err.text(),
    })),
  };
}
