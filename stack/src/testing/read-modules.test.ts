import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readModules } from './read-modules.ts';

test('modules are followed however they are imported, in circles too; packages and types are not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-read-modules-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = {
    'main.ts': [
      `import pg from 'pg';`,
      `import type { Type } from './type.ts';`,
      `import {\n  type Other,\n  several,\n} from './deep/several.ts';`,
      `import './effect.ts';`,
      `export * from './all.ts';`,
      `export const path = './no-module.ts';`,
    ],
    'deep/several.ts': [`export { main } from '../main.ts';`, `import * as last from './last.ts';`],
    'deep/last.ts': [],
    'effect.ts': [],
    'all.ts': [`export type { Type } from './type.ts';`],
  };
  for (const [name, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), lines.join('\n'));
  }
  const modules = await readModules([join(folder, 'main.ts')]);
  const names = [...modules.keys()].map((file) => relative(folder, file));
  assert.deepEqual(names.sort(), Object.keys(files).sort());
  assert.equal(modules.get(join(folder, 'all.ts')), files['all.ts'].join('\n'));
});

test('what the seed is made from reaches to the prices, fares, money and passwords of the monolith', async () => {
  const source = fileURLToPath(new URL('../../../legacy-monolith/src/', import.meta.url));
  const modules = await readModules([join(source, 'seed/seed.ts')]);
  for (const file of [
    'bookings/price.ts',
    'billing/fare-rules.ts',
    'money.ts',
    'clock.ts',
    'auth/passwords.ts',
  ]) {
    assert.ok(modules.has(join(source, file)), file);
  }
});
