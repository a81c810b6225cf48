import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** One Ctrl-C arrives up to three times: from the terminal, from npm, from the shell between them. */
const SAME_SIGNAL_MS = 800;
const PARENT_CHECK_MS = 500;

/**
 * Runs what the set-up was for, and ends as it ends. The program stands in a session of its own, so that a signal
 * reaches it exactly once, from here; and it holds a pipe from here, whose end tells it that this process was
 * killed (`follow-parent.mjs`). `onStarted` is told its pid.
 */
export function handOver(node, args, { cwd, env, onStarted }) {
  const follow = new URL('./follow-parent.mjs', import.meta.url).href;
  const child = spawn(node, ['--import', follow, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  if (child.pid !== undefined) onStarted(child.pid);
  const forward = forwarder(child);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal));
  watchNpm(() => forward('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
}

function forwarder(child) {
  const last = new Map();
  return (signal) => {
    const now = performance.now();
    const isRepeat = now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_MS;
    last.set(signal, now);
    if (!isRepeat) child.kill(signal);
  };
}

/**
 * When npm is killed, nobody is there any more to end the program. (The scripts in package.json say `exec`, so
 * that npm is the parent: a shell between the two would keep signals to itself and outlive npm.)
 */
function watchNpm(onGone) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  timer.unref();
}
