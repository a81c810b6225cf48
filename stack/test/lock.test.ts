import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tryLock } from '../bootstrap/lock.mjs';
import { startProcess } from '../src/testing/processes.ts';
import { until } from '../src/testing/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-lock-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const lockModule = JSON.stringify(new URL('../bootstrap/lock.mjs', import.meta.url).href);
const program = (body: string) =>
  `const { acquireLock } = await import(${lockModule}); const folder = ${JSON.stringify(folder)}; ${body}`;
const run = (body: string) => startProcess({ args: ['--input-type=module', '-e', program(body)], env: {} });

test('a lock has one holder at a time, however many processes want it', async () => {
  const counter = join(folder, 'counter');
  writeFileSync(counter, '0');
  // Without the lock, turns are lost: between reading and writing lies a pause.
  const body = `
    const { readFileSync, writeFileSync } = await import('node:fs');
    for (let turn = 0; turn < 5; turn += 1) {
      const lock = await acquireLock(folder, 'counting', { deadlineMs: 120_000 });
      const value = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      writeFileSync(${JSON.stringify(counter)}, String(value + 1));
      lock.release();
    }`;
  const statuses = await Promise.all([run(body), run(body), run(body), run(body)].map(({ ended }) => ended));
  assert.deepEqual(statuses, [0, 0, 0, 0]);
  assert.equal(readFileSync(counter, 'utf8'), '20');
});

test('the lock of a process that was killed can be taken; that of a living one cannot', async () => {
  const holder = run(
    `await acquireLock(folder, 'held', { deadlineMs: 1000 }); console.log('held'); setInterval(() => {}, 1000);`,
  );
  try {
    await until(() => holder.lines.includes('held'), { deadlineMs: 60_000, what: 'the lock' });
    assert.equal(tryLock(folder, 'held').holder?.pid, holder.pid);
  } finally {
    holder.signal('SIGKILL');
    await holder.ended;
  }
  const { lock } = tryLock(folder, 'held');
  assert.ok(lock);
  lock.release();
  assert.ok(tryLock(folder, 'held').lock);
});
