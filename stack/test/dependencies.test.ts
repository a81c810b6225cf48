import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProcess, type TestProcess } from '../src/testing/processes.ts';
import { until } from '../src/testing/until.ts';

const BOOTSTRAP = fileURLToPath(new URL('../bootstrap', import.meta.url));
/** Stands for the gateway: says that it runs, and drains when it is asked to end, for as long as a file is there. */
const PROGRAM = `
  import { existsSync } from 'node:fs';
  console.log('running');
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => setInterval(() => existsSync('draining') || process.exit(), 20));`;
const INSTALL_MS = 120_000;

describe('the set-up of a clone', { concurrency: false }, () => {
  const root = mkdtempSync(join(tmpdir(), 'banyan-clone-'));
  const lockfile = join(root, 'package-lock.json');
  const started: TestProcess[] = [];

  /** A clone of which nothing is installed, without dependencies from elsewhere. */
  before(() => {
    cpSync(BOOTSTRAP, join(root, 'stack', 'bootstrap'), { recursive: true });
    const files = {
      'package.json': { name: 'clone', private: true, workspaces: ['gateway'] },
      'gateway/package.json': { name: 'gateway', version: '1.0.0', type: 'module' },
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), JSON.stringify(content));
    }
    mkdirSync(join(root, 'gateway', 'src'));
    writeFileSync(join(root, 'gateway', 'src', 'main.ts'), PROGRAM);
    execFileSync('npm', ['install', '--package-lock-only', '--offline', '--ignore-scripts'], { cwd: root });
  });

  after(async () => {
    for (const each of started) each.signal('SIGKILL');
    for (const each of started) await each.ended;
    rmSync(root, { recursive: true, force: true });
  });

  function run(): TestProcess {
    const process = startProcess({ args: ['stack/bootstrap/run.mjs', 'gateway'], env: {}, folder: root });
    started.push(process);
    return process;
  }

  async function runs(process: TestProcess): Promise<void> {
    await until(() => process.lines.includes('running'), { deadlineMs: INSTALL_MS, what: 'the program' });
  }

  /** That it does not run instead. */
  async function isRefused(process: TestProcess): Promise<void> {
    let status: unknown;
    void process.ended.then((value) => {
      status = value;
    });
    await until(() => status !== undefined, { deadlineMs: INSTALL_MS, what: 'the refusal' });
    assert.equal(status, 1);
  }

  /** Adds what no install shows: an entry that nobody depends on. */
  function addToLockfile(name: string): void {
    const lock = JSON.parse(readFileSync(lockfile, 'utf8'));
    lock.packages[`node_modules/${name}`] = { version: '1.0.0', extraneous: true };
    writeFileSync(lockfile, JSON.stringify(lock));
  }

  const installs = ({ lines }: TestProcess): boolean => lines.some((line) => line.includes('installing'));

  test('a lockfile that holds more than an install shows is installed once', async () => {
    addToLockfile('never-shown');
    const first = run();
    await runs(first);
    assert.ok(installs(first));
    const second = run();
    await runs(second);
    assert.ok(!installs(second), second.lines.join('\n'));
    for (const each of [first, second]) {
      each.signal('SIGINT');
      await each.ended;
    }
  });

  test('what others run on is not replaced; they are named, also when only the program itself is left', async () => {
    const user = run();
    await runs(user);
    addToLockfile('new');
    const mark = join(root, 'node_modules', 'mark');
    writeFileSync(mark, '');

    const refused = run();
    await isRefused(refused);
    const said = refused.lines.join('\n');
    assert.match(
      said,
      new RegExp(`npm run gateway \\(process ${user.pid}\\) runs on the ones of now: stop it`),
    );
    assert.match(said, new RegExp(`Mend it with: +kill ${user.pid}$`, 'm'));

    const draining = join(root, 'draining');
    writeFileSync(draining, '');
    user.signal('SIGKILL');
    const refusedToo = run();
    await isRefused(refusedToo);
    assert.doesNotMatch(refusedToo.lines.join('\n'), new RegExp(`kill ${user.pid}$`, 'm'));
    assert.ok(existsSync(mark), 'nothing was replaced');
    rmSync(draining);
    await user.ended;

    const next = run();
    await runs(next);
    assert.ok(installs(next));
    assert.ok(!existsSync(mark));
    next.signal('SIGINT');
    await next.ended;
  });

  test('what npm was told by hand to put there is looked at anew', async () => {
    const list = join(root, 'node_modules', '.package-lock.json');
    writeFileSync(list, readFileSync(list, 'utf8').replace('{', '{ '));
    const process = run();
    await runs(process);
    assert.ok(installs(process), 'the lockfile holds what the list does not');
    process.signal('SIGINT');
    await process.ended;
  });
});
