import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readStages, type Stage } from './dockerfile.ts';

export type Image = {
  /** Stands for the root of the image's files; WORKDIR lies in it. */
  readonly folder: string;
  readonly workdir: string;
  readonly stage: Stage;
};

type PackageFile = { readonly name: string; readonly dependencies?: Readonly<Record<string, string>> };

/**
 * Lays out what a Dockerfile's COPY lines put into an image, with exactly the packages that its `npm ci` installs for
 * code to import: a dependency that is not declared, or a file that is not copied, is missing here too.
 */
export function layOutImage(
  root: string,
  folder: string,
  dockerfile: string,
  target: string | undefined,
): Image {
  const stages = readStages(join(root, dockerfile));
  const stage = target ? stages.find((each) => each.name === target) : stages.at(-1);
  if (!stage) throw new Error(`${dockerfile} has no stage ${target}`);
  const place = (workdir: string, path: string) => join(folder, workdir, path);
  for (const { from, sources, to } of stage.copies) {
    const source = from === null ? undefined : stages.find((each) => each.name === from);
    if (from !== null && !source) throw new Error(`${dockerfile} copies from ${from}, which is no stage`);
    if (source) layOutDependencies(root, place(stage.workdir, to), source);
    else copyAll(root, sources, to, (path) => place(stage.workdir, path));
  }
  return { folder, workdir: join(folder, stage.workdir), stage };
}

function copyAll(
  root: string,
  sources: readonly string[],
  to: string,
  place: (path: string) => string,
): void {
  const included = readIgnoreFile(root);
  for (const source of sources) {
    const from = join(root, source);
    if (!existsSync(from)) throw new Error(`${source} is copied and is not there`);
    const target =
      to.endsWith('/') && statSync(from).isFile() ? join(to, source.split('/').at(-1) ?? '') : to;
    let files = 0;
    cpSync(from, place(target), {
      recursive: true,
      filter: (path) => {
        if (statSync(path).isDirectory()) return true;
        const isIncluded = included(relative(root, path));
        if (isIncluded) files += 1;
        return isIncluded;
      },
    });
    if (files === 0) throw new Error(`${source} is copied, and .dockerignore leaves nothing of it`);
  }
}

/**
 * Links to the packages of the workspaces that are installed, and to those workspaces themselves. A workspace is a
 * link into the image, where its code is only if it was copied.
 */
function layOutDependencies(root: string, folder: string, stage: Stage): void {
  const install = stage.runs.find((run) => run.startsWith('npm ci '));
  const named = [...(install ?? '').matchAll(/--workspace[ =]([\w/-]+)/g)].map((match) => match[1] ?? '');
  // As a shell expands `$(printf -- '--workspace=%s ' extracted/*)`.
  const listed = /--workspace=%s ' ([^)]+)\)/.exec(install ?? '')?.[1]?.split(' ') ?? [];
  const installed = [...named, ...globSync(listed, { cwd: root })];
  if (installed.length === 0 || !install?.includes('--omit=dev'))
    throw new Error(`no install of a workspace: ${install}`);
  const workspaces = new Map(findWorkspaces(root).map((path) => [readPackage(join(root, path)).name, path]));
  const link = (name: string, target: string) => {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    // A stage that is built upon another may bring what that has, and more.
    rmSync(path, { force: true });
    symlinkSync(target, path);
  };
  const done = new Set<string>();
  const add = (workspace: string) => {
    const manifest = readPackage(join(root, workspace));
    if (done.has(manifest.name)) return;
    done.add(manifest.name);
    link(manifest.name, join(folder, workspace));
    // Where it lies decides whether Node takes a file for a module.
    cpSync(join(root, workspace, 'package.json'), join(folder, workspace, 'package.json'));
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const other = workspaces.get(name);
      if (other !== undefined) {
        add(other);
      } else if (!done.has(name)) {
        done.add(name);
        const own = join(root, workspace, 'node_modules', name);
        link(name, existsSync(own) ? own : join(root, 'node_modules', name));
      }
    }
  };
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const workspace of installed) add(workspace);
}

/** Every workspace's folder, from the root. */
export function findWorkspaces(root: string): string[] {
  return globSync(readPackage(root).workspaces ?? [], { cwd: root }).filter((path) =>
    existsSync(join(root, path, 'package.json')),
  );
}

export function readPackage(folder: string): PackageFile & { readonly workspaces?: readonly string[] } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The rules of `.dockerignore`: the last one that matches a file, or a folder above it, decides. */
export function readIgnoreFile(root: string): (path: string) => boolean {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ includes: line.startsWith('!'), matcher: matcherOf(line.replace(/^!/, '')) }));
  return (path) => {
    const parts = path.split('/');
    const selfAndAbove = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ matcher }) => selfAndAbove.some((each) => matcher.test(each)));
    return last?.includes ?? true;
  };
}

/** Unlike a shell's, this `*` matches a name that begins with a dot. */
function matcherOf(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^$()|[\]{}]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${text}$`);
}

/** Every TypeScript file of an image, as one text. */
export function readSourcesOf(image: Image): string {
  return globSync('**/*.ts', { cwd: image.workdir, exclude: ['**/node_modules'] })
    .map((path) => readFileSync(join(image.workdir, path), 'utf8'))
    .join('\n');
}
