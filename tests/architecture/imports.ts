import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One import of one file, type imports included. `target` is a repository path, a package name, or `node:…`. */
export type Import = {
  readonly from: string;
  readonly specifier: string;
  readonly target: string;
  readonly typeOnly: boolean;
};

export type SourceFile = {
  readonly path: string;
  readonly source: string;
  readonly imports: readonly Import[];
};

/** Our own packages by name, and the folder each stands for. */
const WORKSPACES: Readonly<Record<string, string>> = {
  '@banyan/gateway': 'gateway/src',
  '@banyan/openapi': 'openapi',
  '@banyan/stack': 'stack/src',
  '@banyan/mover': 'mover/src',
  '@banyan/e2e': 'e2e',
  '@banyan/contracts': 'extracted/contracts',
  '@banyan/service-kit': 'extracted/service-kit',
  '@meridian/billing': 'extracted/billing',
  '@meridian/habits': 'extracted/habits',
  '@meridian/booking': 'extracted/booking',
  '@meridian/identity': 'extracted/identity',
  '@meridian/monolith': 'legacy-monolith/src',
};

/** Reads every TypeScript file of the repository with what it imports. `root` is an absolute path. */
export function readSources(root: string): SourceFile[] {
  return globSync('{gateway,mover,legacy-monolith,extracted,openapi,stack,e2e,bench,tests,*.ts}{/**/*.ts,}', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|test-results|playwright-report|\.data)$/.test(path),
  })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}

/** Pure: the imports of one file. Throws when the file does not parse. */
export function readSource(path: string, source: string): SourceFile {
  const { module, errors } = parseSync(path, source);
  const [fault] = errors;
  if (fault) throw new Error(`${path}: ${fault.message}`);
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean) =>
    imports.push({ from: path, specifier, target: resolve(path, specifier), typeOnly });
  for (const statement of module.staticImports) {
    const typeOnly = statement.entries.length > 0 && statement.entries.every((entry) => entry.isType);
    add(statement.moduleRequest.value, typeOnly);
  }
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      if (entry.moduleRequest) add(entry.moduleRequest.value, entry.isType);
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^['"]([^'"]+)['"]$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[1]) add(literal[1], false);
  }
  return { path, source, imports };
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  if (specifier.startsWith('/')) return relative('/', specifier);
  const name = specifier.startsWith('@')
    ? specifier.split('/', 2).join('/')
    : (specifier.split('/')[0] ?? '');
  const folder = WORKSPACES[name];
  if (folder === undefined) return specifier;
  const path = normalize(`${folder}/${specifier.slice(name.length + 1)}`);
  return /\.\w+$/.test(path) ? path : `${path}.ts`;
}

export function isTestFile(path: string): boolean {
  return (
    /\.(test|spec)\.ts$/.test(path) ||
    /(^|\/)(test|tests|testing)\//.test(path) ||
    path.startsWith('e2e/') ||
    path.startsWith('bench/')
  );
}
