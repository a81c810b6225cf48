import type { Import, SourceFile } from './imports.ts';
import { isTestFile } from './imports.ts';

/** A rule of the layout. `breaks` says what is wrong with an import, or nothing. */
export type ImportRule = {
  readonly name: string;
  readonly breaks: (imported: Import) => boolean;
};

const PRODUCT = /^(gateway\/src|mover)\//;
const REFERENCE = /^(legacy-monolith|extracted|gateway\/bff|stack)\/|^banyan\.config\.ts$/;
/** Folders that decide and do not act. */
const PURE = /^(gateway\/src\/(routing|resilience)|gateway\/src\/rollout(?!\/stores)|.*\/domain)\//;
/** The gateway's side of a carve-out lies in its folder, beside the service's own `src`. */
const SERVICE = /^extracted\/(?!contracts\/|service-kit\/|habits\/|identity\/)([^/]+)\/src\//;
const CARVE_OUT = /^extracted\/(?:(?!contracts\/|service-kit\/)[^/]+\/(?!src\/)|(?:habits|identity)\/)/;

export const importRules: readonly ImportRule[] = [
  {
    name: 'nothing imports a composition root or a main but a main and tests',
    breaks: ({ from, target }) =>
      /(^|\/)(compose|main)\.ts$/.test(target) && !/(^|\/)main\.ts$/.test(from) && !isTestFile(from),
  },
  {
    name: 'production never imports tests',
    breaks: ({ from, target }) =>
      !isTestFile(from) && isTestFile(target) && !target.startsWith('stack/src/testing/'),
  },
  {
    name: 'the test kit is imported by tests alone',
    breaks: ({ from, target }) =>
      target.startsWith('stack/src/testing/') && !isTestFile(from) && !from.startsWith('stack/src/test/'),
  },
  {
    name: 'the product never imports the reference',
    breaks: ({ from, target }) => PRODUCT.test(from) && !isTestFile(from) && REFERENCE.test(target),
  },
  {
    name: "the reference sees one entry of the gateway, '@banyan/gateway/carve-out'",
    breaks: ({ from, target, specifier }) =>
      REFERENCE.test(from) &&
      !isTestFile(from) &&
      target.startsWith('gateway/src/') &&
      specifier !== '@banyan/gateway/carve-out',
  },
  {
    name: 'pure folders import the standard library without effects, and each other',
    breaks: ({ from, target, typeOnly }) =>
      PURE.test(from) && !isTestFile(from) && !typeOnly && !isPureTarget(from, target),
  },
  {
    name: 'a service imports contracts, service-kit and its own folder',
    breaks: ({ from, target }) => {
      const service = SERVICE.exec(from)?.[1];
      if (service === undefined || isTestFile(from) || !isOurs(target)) return false;
      return !new RegExp(`^extracted/(contracts|service-kit|${service})/`).test(target);
    },
  },
  {
    name: "a carve-out's side of the gateway imports contracts, openapi, habits and its own folder",
    breaks: ({ from, target }) => {
      if (!CARVE_OUT.test(from) || isTestFile(from) || !isOurs(target)) return false;
      const folder = workspaceOf(from);
      return !(
        target.startsWith('extracted/contracts/') ||
        target.startsWith('extracted/habits/') ||
        target.startsWith('openapi/') ||
        target.startsWith('gateway/src/carve-out') ||
        (target.startsWith(`${folder}/`) && !SERVICE.test(target))
      );
    },
  },
  {
    name: 'the monolith knows nothing of the gateway; contracts only under src/seams',
    breaks: ({ from, target }) => {
      if (!from.startsWith('legacy-monolith/') || isTestFile(from) || !isOurs(target)) return false;
      if (target.startsWith('legacy-monolith/')) return false;
      return !(target.startsWith('extracted/contracts/') && from.startsWith('legacy-monolith/src/seams/'));
    },
  },
  {
    name: 'workspaces are imported by their package name, never by a path across',
    breaks: ({ from, specifier, target }) => {
      if (!specifier.startsWith('.') || from.startsWith('tests/') || !from.includes('/')) return false;
      return workspaceOf(from) !== workspaceOf(target);
    },
  },
];

const OURS = /^(gateway|mover|legacy-monolith|extracted|openapi|stack|e2e|bench|tests)\//;
const isOurs = (target: string): boolean => OURS.test(target);

function workspaceOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'extracted' ? `${top}/${second}` : top;
}

const PURE_STANDARD_LIBRARY = ['node:assert', 'node:buffer', 'node:url', 'node:util'];

function isPureTarget(from: string, target: string): boolean {
  if (PURE_STANDARD_LIBRARY.includes(target)) return true;
  if (!isOurs(target)) return false;
  return PURE.test(target) || workspaceOf(from) !== workspaceOf(target);
}

/** Globals that a pure folder is handed instead of taking. */
export const impureGlobals: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.env\b/, 'process.env'],
  [/\bDate\.now\(/, 'Date.now()'],
  [/\bnew Date\(\)/, 'new Date()'],
  [/\bMath\.random\(/, 'Math.random()'],
  [/\bperformance\.now\(/, 'performance.now()'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'timers'],
];

export const isPure = (path: string): boolean => PURE.test(path) && !isTestFile(path);

/** Cycles among files by imports that exist at run time, each as the paths along it. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const edges = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((entry) => !entry.typeOnly).map((entry) => entry.target),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) {
      cycles.push([...trail.slice(at), path]);
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path) ?? []) if (edges.has(target)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}
