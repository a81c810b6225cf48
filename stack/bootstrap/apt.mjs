import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runCommand } from './command.mjs';

const UPDATE_DEADLINE_MS = 5 * 60_000;
const INSTALL_DEADLINE_MS = 15 * 60_000;
/** A C library works only with its own loader, and that is the system's. */
const NEVER_UNPACKED = /^libc6(:|$)|^libc-bin/;
const SYSTEM_LISTS = '/var/lib/apt/lists';

/** What Debian's package manager can do for this user. */
export async function findApt() {
  if ((await runCommand('apt-get', ['--version'], { deadlineMs: 10_000 })).code !== 0)
    return { kind: 'absent' };
  if (process.getuid?.() === 0) return { kind: 'installs', prefix: [] };
  // -n: never ask for a password; a set-up that stops to ask is no one-command set-up.
  const sudo = await runCommand('sudo', ['-n', 'true'], { deadlineMs: 10_000 });
  return sudo.code === 0 ? { kind: 'installs', prefix: ['sudo', '-n'] } : { kind: 'unpacks' };
}

/** Installs packages for the whole machine. Package lists are fetched when there are none or they are too old. */
export async function installPackages(prefix, packages, note) {
  const apt = (args, deadlineMs) =>
    run(
      [
        ...prefix,
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'apt-get',
        '-o',
        'DPkg::Lock::Timeout=300',
        ...args,
      ],
      deadlineMs,
    );
  const install = () => {
    note('installing with apt-get');
    return apt(['install', '--yes', '--no-install-recommends', ...packages], INSTALL_DEADLINE_MS);
  };
  if (hasLists(SYSTEM_LISTS) && (await install()).code === 0) return { ok: true };
  note('fetching package lists');
  const update = await apt(['update'], UPDATE_DEADLINE_MS);
  const { code, output } = await install();
  return code === 0 ? { ok: true } : failure(update, output);
}

/**
 * Fetches packages and what they need beyond what the machine has, and unpacks them into a folder, without root.
 * Package lists of our own are fetched for it when the machine has none, or none that still hold.
 */
export async function unpackPackages(packages, folder, workFolder, note) {
  if (hasLists(SYSTEM_LISTS)) {
    const result = await fetchAndUnpack(packages, folder, workFolder, [], note);
    if (result.ok) return result;
  }
  const lists = join(workFolder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::lists=${lists}`];
  note('fetching package lists');
  const update = await run(['apt-get', ...own, ...cacheIn(workFolder), 'update'], UPDATE_DEADLINE_MS);
  const result = await fetchAndUnpack(packages, folder, workFolder, own, note);
  return result.ok ? result : failure(update, result.output);
}

async function fetchAndUnpack(packages, folder, workFolder, options, note) {
  const apt = ['apt-get', ...options, ...cacheIn(workFolder)];
  const plan = await run([...apt, 'install', '--simulate', '--no-install-recommends', ...packages], 60_000);
  if (plan.code !== 0) return { ok: false, output: lastLines(plan.output, 10) };
  const wanted = [...plan.output.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)]
    .filter(([, name]) => !NEVER_UNPACKED.test(name))
    .map(([, name, version]) => `${name}=${version}`);
  const downloads = join(workFolder, 'packages');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  note(`fetching ${wanted.length} packages`);
  const fetched = await run([...apt, 'download', ...wanted], INSTALL_DEADLINE_MS, downloads);
  if (fetched.code !== 0) return { ok: false, output: lastLines(fetched.output, 10) };

  note(`unpacking ${wanted.length} packages`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const file of readdirSync(downloads)) {
    const unpacked = await run(['dpkg-deb', '--extract', join(downloads, file), unfinished], 120_000);
    if (unpacked.code !== 0) return { ok: false, output: `${file}: ${lastLines(unpacked.output, 5)}` };
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  rmSync(downloads, { recursive: true, force: true });
  return { ok: true };
}

/** Where the loader finds the libraries of unpacked packages. */
export function libraryPath(folder) {
  const roots = [join(folder, 'usr', 'lib'), join(folder, 'lib')].filter(existsSync);
  const triplets = roots.flatMap((root) =>
    readdirSync(root)
      .filter((entry) => /-linux-gnu/.test(entry))
      .map((entry) => join(root, entry)),
  );
  const below = triplets.flatMap((triplet) =>
    readdirSync(triplet, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(triplet, entry.name))
      .filter((path) => readdirSync(path).some((name) => /\.so(\.|$)/.test(name))),
  );
  return [...triplets, ...below].join(':');
}

/** apt wants to write its cache and lock, which an ordinary user may not do in the system's places. */
function cacheIn(workFolder) {
  const cache = join(workFolder, 'cache');
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  return ['-o', `Dir::Cache=${cache}`, '-o', 'Debug::NoLocking=1'];
}

function hasLists(folder) {
  return existsSync(folder) && readdirSync(folder).some((entry) => entry.includes('_Packages'));
}

/** When the lists could not be fetched, that is the cause, and what came after only its consequence. */
function failure(update, output) {
  return { ok: false, output: lastLines(update.code === 0 ? output : update.output, 10) };
}

function run([command = '', ...args], deadlineMs, cwd) {
  return runCommand(command, args, { deadlineMs, cwd, env: { ...process.env, LC_ALL: 'C' } });
}
