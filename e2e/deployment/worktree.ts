import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Step } from '../differential/step.ts';

const run = promisify(execFile);
export const ROOT = resolve(import.meta.dirname, '../..');
/** The build that ran before, for whoever releases: a tag. */
const VARIABLE = 'BANYAN_PREVIOUS_REF';

const git = async (...args: string[]): Promise<string> =>
  (await run('git', args, { cwd: ROOT, maxBuffer: 16_777_216 })).stdout.trim();

/**
 * The commit of the build before this one: what BANYAN_PREVIOUS_REF names, else the one before the last that changed
 * one of `paths`. Null where there is no history, as in an archive of the sources.
 */
export async function previousCommit(...paths: string[]): Promise<string | null> {
  const ref = process.env[VARIABLE];
  if (ref) return git('rev-parse', '--verify', `${ref}^{commit}`);
  try {
    const last = await git('rev-list', '-1', 'HEAD', '--', ...paths);
    return await git('rev-parse', '--verify', '--quiet', `${last}^`);
  } catch {
    return null; // No git, no repository, or no second commit in it.
  }
}

/** What a checkout's own parity suite asks, in its order. */
export async function parityStepsOf(folder: string): Promise<readonly Step[]> {
  const steps = (await import(join(folder, 'e2e/parity/steps.ts'))) as { PARITY_STEPS: readonly Step[] };
  return steps.PARITY_STEPS;
}

export type Checkout = { readonly folder: string; remove(): Promise<void> };

/**
 * The sources of a commit in a folder of their own, which run with the libraries that are installed here and with
 * the workspaces of that commit.
 */
export async function checkOut(commit: string): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-previous-'));
  const archive = join(folder, 'sources.tar');
  await git('archive', '--output', archive, commit);
  await run('tar', ['-xf', archive, '-C', folder]);
  await rm(archive);
  await linkLibraries(folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function linkLibraries(folder: string): Promise<void> {
  const here = join(ROOT, 'node_modules');
  const there = join(folder, 'node_modules');
  mkdirSync(there);
  const manifests = globSync('{*,extracted/*}/package.json', { cwd: folder });
  const workspaces = new Map<string, string>();
  for (const manifest of manifests) {
    const { name } = JSON.parse(await readFile(join(folder, manifest), 'utf8')) as { name: string };
    workspaces.set(name, join(folder, manifest, '..'));
  }
  const scopes = new Set([...workspaces.keys()].map((name) => name.split('/')[0]));
  for (const entry of readdirSync(here)) {
    if (!scopes.has(entry)) symlinkSync(join(here, entry), join(there, entry));
  }
  for (const scope of scopes) mkdirSync(join(there, scope ?? ''));
  for (const [name, path] of workspaces) {
    symlinkSync(path, join(there, name));
    // A library that a workspace has in a version of its own.
    const own = join(ROOT, path.slice(folder.length), 'node_modules');
    if (existsSync(own) && !existsSync(join(path, 'node_modules')))
      symlinkSync(own, join(path, 'node_modules'));
  }
}
