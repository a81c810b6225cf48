import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './command.mjs';
import { SetupError } from './setup-error.mjs';

const INSTALL_DEADLINE_MS = 15 * 60_000;

/**
 * Whether node_modules holds what the lockfile asks for, by whomever it was installed: npm writes what it has
 * put there into node_modules/.package-lock.json, as its last act.
 */
export function dependenciesAreCurrent(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || installed === null) return false;
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
  note('by package-lock.json');
}

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

function readPackages(lockfile) {
  let text;
  try {
    text = readFileSync(lockfile, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  return JSON.parse(text).packages ?? null;
}
