import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findApt, installPackages, libraryPath, unpackPackages } from './apt.mjs';
import { lastLines, runCommand } from './command.mjs';
import { npmEnvironment } from './dependencies.mjs';
import { SetupError } from './setup-error.mjs';

/** What runs this entry. */
const ENTRY_MAJOR = 20;
/** What runs the system: it takes TypeScript as it is. */
const SYSTEM_MAJOR = 26;
/** Debian packages of the libraries that Node's binary wants and a small Debian does not have. */
const LIBRARIES = ['libatomic1'];
const FETCH_DEADLINE_MS = 10 * 60_000;

export function requireEntryNode() {
  if (major(process.versions.node) >= ENTRY_MAJOR) return;
  throw new SetupError(`Node ${ENTRY_MAJOR} or newer is needed; this one is ${process.versions.node}.`, {
    mend: `npx --yes node@${ENTRY_MAJOR} stack/bootstrap/run.mjs start`,
  });
}

/**
 * A Node that can run the system, as `{ command, env }`, or null when something of it must be fetched first. Its
 * environment holds where the libraries are that it needs and the machine does not have.
 */
export async function findSystemNode(root) {
  if (major(process.versions.node) >= SYSTEM_MAJOR) return { command: process.execPath, env: {} };
  const command = packagedNode(root);
  if (!existsSync(command)) return null;
  const candidates = [{}, withLibraries(root)];
  for (const env of candidates) {
    const { code, output } = await tryNode(command, env);
    if (code === 0 && major(output.trim().slice(1)) >= SYSTEM_MAJOR) return { command, env };
  }
  return null;
}

/** Does what the install script of the npm package `node` does, and gets the libraries that it does not bring. */
export async function fetchSystemNode(root, note) {
  const said = [];
  if (!existsSync(packagedNode(root))) {
    const { code, output } = await runCommand(process.execPath, ['installArchSpecificPackage.js'], {
      cwd: join(root, 'node_modules', 'node'),
      env: npmEnvironment(root),
      deadlineMs: FETCH_DEADLINE_MS,
    });
    if (code !== 0) said.push(lastLines(output, 10));
  }
  const trial = existsSync(packagedNode(root)) ? await tryNode(packagedNode(root), {}) : null;
  if (trial?.code === 127 && trial.output.includes('shared libraries')) {
    said.push(trial.output.trim(), ...(await getLibraries(root, note)));
  }
  const node = await findSystemNode(root);
  if (node) {
    linkForScripts(root, node);
    return node;
  }
  throw new SetupError(`Node ${SYSTEM_MAJOR} is needed, and it could not be made to run here.`, {
    detail: said.join('\n'),
    mend: `sudo apt-get update && sudo apt-get install ${LIBRARIES.join(' ')}`,
  });
}

/** Gives what went wrong, if anything did. */
async function getLibraries(root, note) {
  const said = [];
  const apt = await findApt();
  if (apt.kind === 'installs') {
    const result = await installPackages(apt.prefix, LIBRARIES, note);
    if (result.ok) return said;
    said.push(result.output);
  }
  if (apt.kind !== 'absent') {
    const tools = join(root, '.data', 'tools');
    const result = await unpackPackages(LIBRARIES, librariesFolder(root), join(tools, 'apt'), note);
    if (!result.ok) said.push(result.output);
  }
  return said;
}

function tryNode(command, env) {
  return runCommand(command, ['--version'], { env: { ...process.env, ...env }, deadlineMs: 20_000 });
}

function withLibraries(root) {
  const paths = [libraryPath(librariesFolder(root)), process.env.LD_LIBRARY_PATH];
  return { LD_LIBRARY_PATH: paths.filter(Boolean).join(':') };
}

function librariesFolder(root) {
  return join(root, '.data', 'tools', 'node-libraries');
}

function packagedNode(root) {
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

/**
 * npm made no link while there was nothing to link to; `npx` and editors look for `node` there. Where it needs
 * libraries of ours, a script says so.
 */
function linkForScripts(root, { env }) {
  const link = join(root, 'node_modules', '.bin', 'node');
  rmSync(link, { force: true });
  if (env.LD_LIBRARY_PATH === undefined) {
    symlinkSync(join('..', 'node', 'bin', 'node'), link);
    return;
  }
  const libraries = libraryPath(librariesFolder(root));
  const path = `'${libraries}'"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`;
  const script = `#!/bin/sh\nLD_LIBRARY_PATH=${path} exec '${packagedNode(root)}' "$@"\n`;
  writeFileSync(link, script, { mode: 0o755 });
}

function major(version) {
  return Number.parseInt(version, 10);
}
