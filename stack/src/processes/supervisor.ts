import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readProcessIdentity } from '../../bootstrap/process-identity.mjs';
import { followLog, type LogTail } from './log-tail.ts';
import { RUN_ID_VARIABLE } from './run-processes.ts';
import type { StopPlan, TrackedProcess } from './run-state.ts';

const READY_POLL_MS = 40;
const LAST_LINES_SHOWN = 20;
/** Commands use everything else, so they end first. */
const COMMAND_STOP: StopPlan = { phase: 9, signal: 'SIGTERM', graceMs: 5_000 };

/** Looked at again and again until it gives something: the lines logged so far are at hand. */
export type Readiness<T> = (lines: readonly string[]) => T | null | Promise<T | null>;

export type ChildSpec<T> = {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  cwd?: string;
  argv0?: string;
  uid?: number;
  gid?: number;
  stop: StopPlan;
  ready: Readiness<T>;
  readyDeadlineMs: number;
};

export type CommandSpec = {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  onOutput: (text: string) => void;
  /** Kills the command and its group. */
  abort?: AbortSignal;
};

export type Supervisor = {
  /** Starts a child and gives what its readiness gave. Throws a `ChildFailure` when it ends or is late. */
  start<T>(spec: ChildSpec<T>): Promise<T>;
  /** Runs a command that ends by itself, in a group of its own; gives its exit status. */
  runToEnd(spec: CommandSpec): Promise<number>;
  /** From here on the end of a child is what was asked for. */
  expectEnds(): void;
  release(): void;
};

export class ChildFailure extends Error {
  readonly childName: string;
  readonly logPath: string;
  readonly lastLines: string[];
  constructor(childName: string, what: string, logPath: string, lastLines: string[]) {
    super(`${childName} ${what}`);
    this.childName = childName;
    this.logPath = logPath;
    this.lastLines = lastLines;
  }
}

export type SupervisorOptions = {
  logsFolder: string;
  runId: string;
  /** Called as soon as a child exists, so that it is written down before anything else happens. */
  onStarted: (tracked: TrackedProcess) => void;
  /**
   * Called for each child that ends although nobody stopped it, also when its start waits for it; `left` is how
   * many run on.
   */
  onEnded: (failure: ChildFailure, left: number) => void;
  onLine: (name: string, line: string) => void;
};

/** Starts children, each in a group and a log file of its own, and notices when one ends. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { logsFolder, runId, onStarted, onEnded, onLine } = options;
  const tails: LogTail[] = [];
  let endsExpected = false;
  let runningCount = 0;
  mkdirSync(logsFolder, { recursive: true });

  const start = async <T>(spec: ChildSpec<T>): Promise<T> => {
    if (endsExpected) throw new Error(`${spec.name} is not started: everything is being stopped`);
    const logPath = join(logsFolder, `${spec.name}.log`);
    const { child, tail } = launch(spec, logPath);
    tails.push(tail);
    const failure = (what: string) => {
      tail.read();
      return new ChildFailure(spec.name, what, logPath, tail.last(LAST_LINES_SHOWN));
    };
    let ended: ChildFailure | undefined;
    child.on('error', (error) => {
      ended = failure(`could not be started: ${error.message}`);
    });
    child.on('spawn', () => {
      runningCount += 1;
    });
    child.on('exit', (code, signal) => {
      runningCount -= 1;
      ended ??= failure(signal ? `was ended by ${signal}` : `ended with exit status ${code}`);
      if (!endsExpected) onEnded(ended, runningCount);
    });

    const endAt = performance.now() + spec.readyDeadlineMs;
    for (;;) {
      tail.read();
      const value = await spec.ready(tail.last(Number.POSITIVE_INFINITY));
      if (ended) throw ended;
      if (value !== null) return value;
      if (performance.now() > endAt) throw failure(`was not ready within ${spec.readyDeadlineMs / 1000} s`);
      await pause(READY_POLL_MS);
    }
  };

  const launch = (spec: ChildSpec<unknown>, logPath: string): { child: ChildProcess; tail: LogTail } => {
    if (existsSync(logPath)) renameSync(logPath, `${logPath}.previous`);
    const log = openSync(logPath, 'a');
    try {
      const tail = followLog(logPath, (line) => onLine(spec.name, line));
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        env: { ...spec.env, [RUN_ID_VARIABLE]: runId },
        argv0: spec.argv0,
        uid: spec.uid,
        gid: spec.gid,
        detached: true,
        stdio: ['ignore', log, log],
      });
      const identity = child.pid === undefined ? null : readProcessIdentity(child.pid);
      if (identity) onStarted({ name: spec.name, identity, stop: spec.stop });
      return { child, tail };
    } finally {
      closeSync(log);
    }
  };

  const runToEnd = ({ name, command, args, cwd, env, onOutput, abort }: CommandSpec): Promise<number> => {
    if (endsExpected) throw new Error(`${name} is not started: everything is being stopped`);
    const child = spawn(command, args, {
      cwd,
      env: { ...env, [RUN_ID_VARIABLE]: runId },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const identity = child.pid === undefined ? null : readProcessIdentity(child.pid);
    if (identity) onStarted({ name, identity, stop: COMMAND_STOP });
    abort?.addEventListener('abort', () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    });
    child.stdout.setEncoding('utf8').on('data', onOutput);
    child.stderr.setEncoding('utf8').on('data', onOutput);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (signal) onOutput(`\n${name} was ended by ${signal}\n`);
        resolve(code ?? 1);
      });
    });
  };

  return {
    start,
    runToEnd,
    expectEnds: () => {
      endsExpected = true;
    },
    release: () => {
      for (const tail of tails) tail.stop();
    },
  };
}
