import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './worktree.ts';

const CONTRACTS = join(ROOT, 'extracted', 'contracts');
const BUF = join(ROOT, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf');

/** Whether the contracts in a folder may take the place of the released ones; else what they break. */
function breaking(folder: string): Promise<{ readonly status: number; readonly output: string }> {
  const args = [BUF, 'breaking', folder, '--against', join(CONTRACTS, 'released.binpb')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 300_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

test('contracts that would break a deployed peer are refused, and those that stand are not', async (t) => {
  assert.deepEqual(await breaking(CONTRACTS), { status: 0, output: '' });
  const folder = await mkdtemp(join(tmpdir(), 'banyan-contracts-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(CONTRACTS, folder, { recursive: true });
  const path = join(folder, 'proto', 'billing', 'v1', 'billing.proto');
  const proto = await readFile(path, 'utf8');
  await writeFile(path, proto.replace('string bill_to = 6;', 'string bill_to = 60;'));
  const { status, output } = await breaking(folder);
  assert.notEqual(status, 0);
  assert.match(output, /field "6" .*"bill_to".* on message "Invoice" was deleted/i);
  // What only adds breaks nobody.
  await writeFile(path, proto.replace('string bill_to = 6;', 'string bill_to = 6;\n  string added = 60;'));
  assert.deepEqual(await breaking(folder), { status: 0, output: '' });
});
