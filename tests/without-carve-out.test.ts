import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startProcess } from '@banyan/stack/testing/processes';

const root = dirname(import.meta.dirname);
const temporary = mkdtempSync(join(tmpdir(), 'banyan-without-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

const SCOPES = ['@banyan', '@meridian'];
/** What compares the services with the monolith, or measures them, is about them and goes with them. */
const ABOUT_SERVICES = ['e2e/parity', 'e2e/events', 'e2e/idempotency', 'e2e/jobs', 'e2e/deployment', 'bench'];

/** The repository without a carve-out's folder; in the configuration its events are the monolith's, the rest is gone. */
function copyWithout(name: string): string {
  const folder = join(temporary, name);
  const left = ['node_modules', '.data', '.git', 'test-results', 'playwright-report'];
  mkdirSync(folder);
  for (const entry of readdirSync(root)) {
    if (left.includes(entry)) continue;
    cpSync(join(root, entry), join(folder, entry), {
      recursive: true,
      filter: (path) => !left.includes(basename(path)),
    });
  }
  for (const path of [`extracted/${name}`, ...ABOUT_SERVICES]) {
    rmSync(join(folder, path), { recursive: true, force: true });
  }
  linkPackages(folder);
  const configFile = join(folder, 'banyan.config.ts');
  const config = readFileSync(configFile, 'utf8')
    .replace(new RegExp(`^import .*/${name}/carve-out';\n`, 'm'), '')
    .replace(new RegExp(`(carveOuts: \\[.*?)\\b${name}\\b,? ?`), '$1')
    // What happens is then told to the monolith, which has no jobs.
    .replace(new RegExp(`^.*consumer: '${name}', takes: 'jobs'.*\n`, 'm'), '')
    .replace(`consumer: '${name}'`, "consumer: 'monolith'");
  assert.doesNotMatch(config, new RegExp(`\\b${name}/|\\[.*\\b${name}\\b|'${name}'`));
  writeFileSync(configFile, config);
  return folder;
}

/** Packages of others where they are, our own in the copy. */
function linkPackages(folder: string): void {
  for (const modules of ['node_modules', ...readdirSync(root).map((entry) => join(entry, 'node_modules'))]) {
    if (!existsSync(join(root, modules))) continue;
    mkdirSync(join(folder, modules), { recursive: true });
    for (const entry of readdirSync(join(root, modules))) {
      if (!SCOPES.includes(entry)) symlinkSync(join(root, modules, entry), join(folder, modules, entry));
    }
  }
  for (const scope of SCOPES) {
    cpSync(join(root, 'node_modules', scope), join(folder, 'node_modules', scope), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

async function succeeds(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const started = startProcess({ args, env, folder });
  const status = await started.ended;
  const said = started.lines.join('\n');
  assert.equal(status, 0, `${args.join(' ')}:\n${said.slice(-4_000)}`);
  return said;
}

/** In the configuration's order. */
const CARVE_OUTS = ['billing', 'booking'];

/** Deleting `extracted/<name>` and its line in the configuration is all that there is to it. */
for (const name of CARVE_OUTS) {
  const others = CARVE_OUTS.filter((each) => each !== name);

  describe(`without ${name}`, { concurrency: false, timeout: 900_000 }, () => {
    const folder = copyWithout(name);

    it('everything else compiles', async () => {
      await succeeds(folder, [
        join(root, 'node_modules/typescript/bin/tsc'),
        ...['--noEmit', '--project', folder],
      ]);
    });

    it('the gateway takes the configuration', async () => {
      const env = {
        ...Object.fromEntries(others.map((other) => [`${other.toUpperCase()}_TARGET`, '127.0.0.1:1'])),
        BANYAN_IDENTITY_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64url')}`,
      };
      await succeeds(folder, ['gateway/src/main.ts', '--check-config'], env);
    });

    it('the stack offers the others, and not this one', async () => {
      const said = await succeeds(folder, ['stack/src/main.ts', '--help']);
      assert.match(said, new RegExp(`\\(${others.join(', ')}, or none`));
      assert.doesNotMatch(said, new RegExp(`the service ${name}`));
    });

    it('the unit tests of what knows carve-outs pass', async () => {
      const folders = [
        'gateway/src/config',
        ...others.map((other) => `extracted/${other}/src`),
        'mover/src',
        'stack/src',
      ];
      const files = folders.flatMap((each) => globSync(`${each}/**/*.test.ts`, { cwd: folder }));
      assert.ok(files.length > 10, `${files.length} files`);
      await succeeds(folder, ['--test', '--test-concurrency=2', ...files]);
    });
  });
}
