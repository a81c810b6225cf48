import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { isTestFile, readSource, readSources } from './architecture/imports.ts';
import { findCycles, importRules, impureGlobals, isPure } from './architecture/rules.ts';

const root = dirname(import.meta.dirname);
const files = readSources(root);

describe('the layout of docs/ARCHITECTURE.md holds', () => {
  it('sees the repository', () => {
    assert.ok(files.length > 20, `only ${files.length} files were found`);
  });

  for (const rule of importRules) {
    it(rule.name, () => {
      const broken = files
        .flatMap((file) => file.imports)
        .filter(rule.breaks)
        .map((imported) => `${imported.from} imports '${imported.specifier}'`);
      assert.deepEqual(broken, []);
    });
  }

  it('pure folders take no clock, randomness, timer or environment', () => {
    const broken = files
      .filter((file) => isPure(file.path))
      .flatMap((file) =>
        impureGlobals
          .filter(([pattern]) => pattern.test(file.source))
          .map(([, name]) => `${file.path}: ${name}`),
      );
    assert.deepEqual(broken, []);
  });

  it('no file imports itself through others', () => {
    assert.deepEqual(
      findCycles(files).map((cycle) => cycle.join(' → ')),
      [],
    );
  });

  it('production code has named exports only', () => {
    const broken = files
      .filter((file) => !isTestFile(file.path) && !/(^|\/)[^/]+\.config\.ts$/.test(file.path))
      .filter((file) => /^export default\b/m.test(file.source))
      .map((file) => file.path);
    assert.deepEqual(broken, []);
  });
});

/** Each rule is shown one import that it must name, and one that it must let pass. */
const planted: Readonly<
  Record<string, { breaks: readonly [string, string]; holds: readonly [string, string] }>
> = {
  'nothing imports a composition root or a main but a main and tests': {
    breaks: ['gateway/src/http/a.ts', '../compose.ts'],
    holds: ['gateway/src/main.ts', './compose.ts'],
  },
  'production never imports tests': {
    breaks: ['gateway/src/http/a.ts', '../../test/upstream.ts'],
    holds: ['gateway/test/a.test.ts', './upstream.ts'],
  },
  'the test kit is imported by tests alone': {
    breaks: ['gateway/src/http/a.ts', '@banyan/stack/testing/until'],
    holds: ['gateway/test/a.test.ts', '@banyan/stack/testing/until'],
  },
  'the product never imports the reference': {
    breaks: ['gateway/src/http/a.ts', '@meridian/monolith/compose'],
    holds: ['gateway/src/http/a.ts', '../routing/matcher.ts'],
  },
  "the reference sees one entry of the gateway, '@banyan/gateway/carve-out'": {
    breaks: ['extracted/billing/carve-out.ts', '@banyan/gateway/compose'],
    holds: ['extracted/billing/carve-out.ts', '@banyan/gateway/carve-out'],
  },
  'pure folders import the standard library without effects, and each other': {
    breaks: ['gateway/src/routing/a.ts', 'express'],
    holds: ['gateway/src/routing/a.ts', './matcher.ts'],
  },
  "a carve-out's side of the gateway imports contracts, openapi, habits and its own folder": {
    breaks: ['extracted/billing/carve-out.ts', '@banyan/service-kit/server'],
    holds: ['extracted/billing/rest/invoices.ts', '@meridian/habits/answers'],
  },
  'a service imports contracts, service-kit and its own folder': {
    breaks: ['extracted/billing/src/a.ts', '@meridian/monolith/money'],
    holds: ['extracted/billing/src/a.ts', '@banyan/contracts/billing'],
  },
  'the monolith knows nothing of the gateway; contracts only under src/seams': {
    breaks: ['legacy-monolith/src/a.ts', '@banyan/contracts/billing'],
    holds: ['legacy-monolith/src/seams/a.ts', '@banyan/contracts/billing'],
  },
  'workspaces are imported by their package name, never by a path across': {
    breaks: ['stack/src/a.ts', '../../legacy-monolith/src/main.ts'],
    holds: ['stack/src/a.ts', '@meridian/monolith/db/migrate'],
  },
};

describe('each rule can fail', () => {
  for (const rule of importRules) {
    it(rule.name, () => {
      const example = planted[rule.name];
      assert.ok(example, 'the rule has no planted example');
      const breaks = (from: string, specifier: string) =>
        readSource(from, `import { x } from '${specifier}';`).imports.some(rule.breaks);
      assert.equal(breaks(...example.breaks), true);
      assert.equal(breaks(...example.holds), false);
    });
  }

  it('a cycle is found', () => {
    const cycle = findCycles([
      readSource('a/x.ts', "import { y } from './y.ts';"),
      readSource('a/y.ts', "export { x } from './x.ts';"),
    ]);
    assert.deepEqual(cycle, [['a/x.ts', 'a/y.ts', 'a/x.ts']]);
  });
});
