/**
 * The first thing that `npm start`, `npm test` and `npm run gateway` run, on a machine with Node 20 and nothing
 * installed. It makes dependencies and Node 26 be there, and hands over to the program in TypeScript.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopCommands } from './command.mjs';
import { dependenciesAreCurrent, installDependencies } from './dependencies.mjs';
import { handOver } from './hand-over.mjs';
import { acquireLock } from './lock.mjs';
import { refuseWhileUsed, registerUser } from './node-modules-users.mjs';
import { fetchSystemNode, findSystemNode, requireEntryNode } from './node-runtime.mjs';
import { createScreen } from './screen.mjs';
import { SetupError } from './setup-error.mjs';

const PROGRAMS = {
  start: 'stack/src/main.ts',
  test: 'stack/src/test/main.ts',
  gateway: 'gateway/src/main.ts',
  bench: 'bench/src/main.ts',
};
const SETUP_DEADLINE_MS = 20 * 60_000;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const screen = createScreen();

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  screen.fail(error);
  process.exitCode = 1;
}

async function main([name, ...args]) {
  const program = PROGRAMS[name];
  if (!program) {
    throw new SetupError(`Nothing is called "${name ?? ''}" here.`, { mend: 'npm start' });
  }
  requireEntryNode();
  const { node, user } = await useNode(name);
  try {
    const env = { ...process.env, ...node.env, STACK_STARTED_AT: String(performance.timeOrigin) };
    const options = { cwd: root, env, onStarted: user.handTo };
    return await handOver(node.command, [join(root, program), ...args], options);
  } finally {
    user.release();
  }
}

/**
 * What runs the system, and the word that it is in use. It is looked at again once the word is out: a set-up that
 * begins later finds the word, and one that began before shows.
 */
async function useNode(name) {
  const node = (await whatIsThere()) ?? (await interruptible(setUp));
  const user = registerUser(root, name);
  if (dependenciesAreCurrent(root)) return { node, user };
  user.release();
  throw new SetupError('The dependencies changed while this was starting.', { mend: `npm run ${name}` });
}

async function whatIsThere() {
  return dependenciesAreCurrent(root) ? findSystemNode(root) : null;
}

/** A signal ends what the set-up is running; the step that was at it fails, and the lock is released. */
async function interruptible(work) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let interrupted = false;
  const onSignal = () => {
    interrupted = true;
    stopCommands();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work();
  } catch (error) {
    throw interrupted
      ? new SetupError('The set-up was interrupted; the next one goes on from there.')
      : error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** One set-up at a time in a checkout: `npm start` and `npm test` may begin together. */
async function setUp() {
  const locks = join(root, '.data', 'locks');
  mkdirSync(locks, { recursive: true });
  const lock = await acquireLock(locks, 'set-up', {
    deadlineMs: SETUP_DEADLINE_MS,
    onWait: (holder) => screen.line(`… waiting for the set-up that process ${holder.pid} is running`),
  });
  try {
    const there = await whatIsThere();
    if (there) return there;
    if (!dependenciesAreCurrent(root)) {
      refuseWhileUsed(root);
      await screen.step('installing dependencies', (note) => installDependencies(root, note));
    }
    const node = await findSystemNode(root);
    return node ?? (await screen.step('fetching Node 26', (note) => fetchSystemNode(root, note)));
  } finally {
    lock.release();
  }
}
