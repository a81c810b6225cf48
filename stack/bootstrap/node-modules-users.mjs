import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, readProcessIdentity } from './process-identity.mjs';
import { SetupError } from './setup-error.mjs';

const PREFIX = 'node-modules-user.';

/**
 * Writes down that `npm run <command>` runs on this clone's node_modules, so that no other set-up replaces them under
 * it. Holds while this process or the one given to `handTo` runs, or until `release`.
 */
export function registerUser(root, command) {
  const path = join(folderOf(root), `${PREFIX}${process.pid}`);
  const processes = [readProcessIdentity(process.pid)];
  const write = () => {
    try {
      mkdirSync(folderOf(root), { recursive: true });
      writeFileSync(`${path}.unfinished`, JSON.stringify({ command, processes }));
      renameSync(`${path}.unfinished`, path);
    } catch (error) {
      // Who may not write here, may still run what somebody else has installed.
      if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    }
  };
  write();
  return {
    handTo: (pid) => {
      processes.push(readProcessIdentity(pid));
      write();
    },
    release: () => rmSync(path, { force: true }),
  };
}

/** Throws, naming what to stop, while something runs on what an install would replace. */
export function refuseWhileUsed(root) {
  const users = findUsers(root);
  if (users.length === 0) return;
  const names = users.map(({ command, pid }) => `npm run ${command} (process ${pid})`);
  const [verb, them] = users.length === 1 ? ['runs', 'it'] : ['run', 'them'];
  throw new SetupError(
    `The dependencies must be installed anew, and ${names.join(' and ')} ${verb} on the ones of now: stop ${them} first.`,
    { mend: `kill ${users.map(({ pid }) => pid).join(' ')}` },
  );
}

function findUsers(root) {
  const entries = readOr([], () => readdirSync(folderOf(root))).filter((name) => /\.\d+$/.test(name));
  return entries
    .filter((name) => name.startsWith(PREFIX))
    .flatMap((name) => {
      const path = join(folderOf(root), name);
      const { command, processes } = readOr({ processes: [] }, () => JSON.parse(readFileSync(path, 'utf8')));
      const living = processes.filter((identity) => identity !== null && isSameProcess(identity));
      if (living.length === 0) rmSync(path, { force: true });
      return living.slice(0, 1).map(({ pid }) => ({ command, pid }));
    });
}

function folderOf(root) {
  return join(root, '.data', 'locks');
}

/** What is read may have been removed meanwhile by the process it was about. */
function readOr(otherwise, read) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
