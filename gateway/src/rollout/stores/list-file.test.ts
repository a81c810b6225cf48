import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createListFile } from './list-file.ts';

it('a list that is written as another one has just been written waits for the one that is next', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-list-'));
  try {
    const path = join(folder, 'list.json');
    const file = createListFile(path, (value) => value as number);
    const first = file.write([1]);
    const next = file.write([2]);
    const last = first.then(() => file.write([3]));
    await Promise.all([first, next, last]);
    assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), [3]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
