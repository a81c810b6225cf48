import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runCommand } from './command.mjs';
import { npmEnvironment } from './dependencies.mjs';
import { SetupError } from './setup-error.mjs';

/** What runs this entry. */
const ENTRY_MAJOR = 20;
/** What runs the system: it takes TypeScript as it is. */
const SYSTEM_MAJOR = 26;
const FETCH_DEADLINE_MS = 10 * 60_000;

export function requireEntryNode() {
  if (major(process.versions.node) >= ENTRY_MAJOR) return;
  throw new SetupError(`Node ${ENTRY_MAJOR} or newer is needed; this one is ${process.versions.node}.`, {
    mend: `npx --yes node@${ENTRY_MAJOR} stack/bootstrap/run.mjs start`,
  });
}

/** The path of a Node that can run the system, or null when it must be fetched first. */
export async function findSystemNode(root) {
  if (major(process.versions.node) >= SYSTEM_MAJOR) return process.execPath;
  const packaged = join(root, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(packaged)) return null;
  const { code, output } = await runCommand(packaged, ['--version'], { deadlineMs: 20_000 });
  return code === 0 && major(output.trim().slice(1)) >= SYSTEM_MAJOR ? packaged : null;
}

/** Does what the install script of the npm package `node` does: puts the binary for this machine in its place. */
export async function fetchSystemNode(root) {
  const { code, output } = await runCommand(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: join(root, 'node_modules', 'node'),
    env: npmEnvironment(root),
    deadlineMs: FETCH_DEADLINE_MS,
  });
  const node = code === 0 ? await findSystemNode(root) : null;
  if (node) {
    linkForScripts(root);
    return node;
  }
  throw new SetupError(`Node ${SYSTEM_MAJOR} is needed, and npm could not fetch it for this machine.`, {
    detail: lastLines(output, 10),
    mend: `npm install --global n && n ${SYSTEM_MAJOR}`,
  });
}

/** npm made no link while there was nothing to link to; `npx` and editors look for `node` there. */
function linkForScripts(root) {
  const link = join(root, 'node_modules', '.bin', 'node');
  rmSync(link, { force: true });
  symlinkSync(join('..', 'node', 'bin', 'node'), link);
}

function major(version) {
  return Number.parseInt(version, 10);
}
