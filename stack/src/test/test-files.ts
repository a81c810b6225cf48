import { globSync } from 'node:fs';
import { join } from 'node:path';

export type TestFiles = { unit: string[]; component: string[]; browser: string[] };

/** Unit tests stand beside what they test in src/; every other test file may use processes and databases. */
export function findTestFiles(root: string, filters: string[]): TestFiles {
  const find = (pattern: string) =>
    globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '.*/**'] })
      .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)))
      .sort();
  const files = find('**/*.test.ts').filter((path) => path !== ARCHITECTURE_TEST);
  return {
    unit: files.filter((path) => isUnit(path)),
    component: files.filter((path) => !isUnit(path)),
    browser: find('e2e/**/*.spec.ts'),
  };
}

/** Runs with the checks: it looks at the sources only. */
export const ARCHITECTURE_TEST = join('tests', 'architecture.test.ts');

function isUnit(path: string): boolean {
  return path.split('/').includes('src');
}
