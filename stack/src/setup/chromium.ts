import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findApt, installPackages, libraryPath, unpackPackages } from '../../bootstrap/apt.mjs';
import { runCommand } from '../../bootstrap/command.mjs';
import type { Note } from '../../bootstrap/screen.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import { firstThatRuns, toolVersion } from './tool.ts';

/**
 * Debian's, each with the program it brings. The shell is Chromium without its windows: the journeys take 139 s with it
 * where they take 228 s with the whole.
 */
const PACKAGES = ['chromium-headless-shell', 'chromium'] as const;
type Program = (typeof PACKAGES)[number];

const NAMES_ON_PATH = [...PACKAGES, 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATION = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
const DOWNLOAD_DEADLINE_MS = 10 * 60_000;
const TRIAL_DEADLINE_MS = 60_000;

/**
 * Finds a Chromium for Playwright, or gets one. Gives the path of the program, or null where Playwright has fetched
 * its own.
 */
export async function ensureChromium(root: string, toolsFolder: string, note: Note): Promise<string | null> {
  const path = (await findChromium(toolsFolder)) ?? (await getChromium(root, toolsFolder, note));
  note(path === null ? "Playwright's own" : await describeBrowser(path));
  return path;
}

/** Its version, where it tells one. */
async function describeBrowser(path: string): Promise<string> {
  const version = await toolVersion({ command: path, env: {} });
  return version?.match(/\d+(\.\d+)+/)?.[0] ?? path;
}

async function findChromium(toolsFolder: string): Promise<string | null> {
  const wrappers = PACKAGES.map((program) => wrapperPath(toolsFolder, program));
  const commands = [...NAMES_ON_PATH, MAC_APPLICATION, ...wrappers];
  const tool = await firstThatRuns(commands.map((command) => ({ command, env: {} })));
  if (!tool) return null;
  return tool.command.includes('/') ? tool.command : whichPath(tool.command);
}

async function getChromium(root: string, toolsFolder: string, note: Note): Promise<string | null> {
  const said: string[] = [];
  for (const program of PACKAGES) {
    const path = await getPackage(program, toolsFolder, note, (text) => said.push(text));
    if (path !== null) return path;
  }
  note("fetching Playwright's own");
  const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const fetched = await runCommand(process.execPath, [playwright, 'install', 'chromium'], {
    deadlineMs: DOWNLOAD_DEADLINE_MS,
  });
  if (fetched.code === 0) return null;
  throw new SetupError('Chromium is missing, and could not be got; the browser tests need it.', {
    detail: said.join('\n'),
    mend:
      process.platform === 'darwin'
        ? 'brew install --cask google-chrome'
        : 'sudo apt-get update && sudo apt-get install chromium-headless-shell',
  });
}

/** Gives the path of the program, or null where the system's packages do not bring it to run. */
async function getPackage(
  program: Program,
  toolsFolder: string,
  note: Note,
  say: (text: string) => void,
): Promise<string | null> {
  const apt = await findApt();
  if (apt.kind === 'absent') return null;
  if (apt.kind === 'installs') {
    const result = await installPackages(apt.prefix, [program], note);
    if (!result.ok) say(result.output);
    const path = await findChromium(toolsFolder);
    if (path) return path;
  }
  const result = await unpackPackages([program], folderOf(toolsFolder), join(toolsFolder, 'apt'), note);
  if (!result.ok) {
    say(result.output);
    return null;
  }
  writeWrapper(toolsFolder, program);
  const path = wrapperPath(toolsFolder, program);
  const fault = await tryPage(path);
  if (fault === null) return path;
  say(fault);
  return null;
}

function folderOf(toolsFolder: string): string {
  return join(toolsFolder, 'chromium');
}

function wrapperPath(toolsFolder: string, program: Program): string {
  return join(folderOf(toolsFolder), `run-${program}`);
}

/** Unpacked and not installed, the browser must be told where its libraries and fonts are. */
function writeWrapper(toolsFolder: string, program: Program): void {
  const folder = folderOf(toolsFolder);
  const cache = join(folder, 'font-cache');
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'usr', 'share', 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${cache}</cachedir>
</fontconfig>
`,
  );
  const path = wrapperPath(toolsFolder, program);
  writeFileSync(
    path,
    `#!/bin/sh
export LD_LIBRARY_PATH='${libraryPath(folder)}'
export FONTCONFIG_FILE='${join(folder, 'fonts.conf')}'
export XDG_DATA_DIRS='${join(folder, 'usr', 'share')}:/usr/local/share:/usr/share'
exec '${join(folder, 'usr', 'lib', 'chromium', program)}' "$@"
`,
  );
  chmodSync(path, 0o755);
}

/** Shows one page; gives what went wrong, or null. */
async function tryPage(command: string): Promise<string | null> {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', 'data:text/html,it+works'];
  const { code, output } = await runCommand(command, args, { deadlineMs: TRIAL_DEADLINE_MS });
  return code === 0 && output.includes('it+works') ? null : output.slice(-2_000);
}

function whichPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? null;
}
