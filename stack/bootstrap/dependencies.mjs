import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './command.mjs';
import { SetupError } from './setup-error.mjs';

const INSTALL_DEADLINE_MS = 15 * 60_000;

/**
 * Whether node_modules holds what the lockfile asks for. An install of ours says so by what it remembered. One that
 * somebody made by hand is compared by the list that npm writes into node_modules/.package-lock.json as its last
 * act; that list can be shorter than the lockfile for good, so it can say yes, and not no, after an install of ours.
 */
export function dependenciesAreCurrent(root) {
  const lockfile = readText(lockfilePath(root));
  const list = readText(installedPath(root));
  if (lockfile === null || list === null) return false;
  return readText(rememberedPath(root)) === fingerprint(lockfile, list) || holdsAll(lockfile, list);
}

function holdsAll(lockfile, list) {
  const wanted = JSON.parse(lockfile).packages ?? {};
  const installed = JSON.parse(list).packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link || entry.optional || entry.devOptional) return true;
    return installed[path]?.version === entry.version;
  });
}

/**
 * Install scripts are left out: what they do differs with npm's version, its settings and the user it runs as.
 * The two that matter (Node's binary, Postgres' symbolic links) are done by the set-up itself.
 */
export async function installDependencies(root, note) {
  requireWritable(root);
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const { code, output } = await runCommand('npm', args, {
    cwd: root,
    env: npmEnvironment(root),
    deadlineMs: INSTALL_DEADLINE_MS,
  });
  if (code === null) {
    throw new SetupError('npm is not on the PATH.', { mend: 'apt-get install npm', detail: output });
  }
  if (code !== 0) {
    throw new SetupError('npm could not install the dependencies.', {
      detail: whatNpmSaid(output),
      mend: 'npm ci',
    });
  }
  rememberInstall(root);
  note('by package-lock.json');
}

/** In node_modules, so that it goes when that goes. */
function rememberInstall(root) {
  const list = readText(installedPath(root));
  const lockfile = readText(lockfilePath(root));
  if (list !== null && lockfile !== null) writeFileSync(rememberedPath(root), fingerprint(lockfile, list));
}

/** Of both, since npm run by hand may put something else there afterwards. */
function fingerprint(lockfile, list) {
  return createHash('sha256').update(lockfile).update('\0').update(list).digest('hex');
}

const lockfilePath = (root) => join(root, 'package-lock.json');
const installedPath = (root) => join(root, 'node_modules', '.package-lock.json');
const rememberedPath = (root) => join(root, 'node_modules', '.banyan-install');

/** npm puts the cause first, and behind it its usage. */
function whatNpmSaid(output) {
  const errors = output.split('\n').filter((line) => line.startsWith('npm error'));
  return errors.slice(0, 10).join('\n');
}

/**
 * npm gets the environment without node_modules/.bin on the PATH: there stands a `node` that the install is
 * about to replace.
 */
export function npmEnvironment(root) {
  const bin = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== bin);
  return { ...process.env, PATH: path.join(delimiter) };
}

function requireWritable(root) {
  try {
    accessSync(root, constants.W_OK);
  } catch (cause) {
    throw new SetupError(`This user may not write to ${root}, where the dependencies go.`, {
      cause,
      mend: `sudo chown -R "$(id -u)" '${root}'`,
    });
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
