import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createOwnerFile } from '../../src/ownership/owner-file.ts';

describe('the file of owners', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'banyan-owners-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => createOwnerFile(join(folder, 'owners.json'), (cause) => assert.fail(String(cause)));

  it('gives back owner, epoch, and what the service can read', async () => {
    const owners = (['shared', 'followed', 'none'] as const).map((data, index) => ({
      aggregate: `a${index}`,
      owner: 'monolith' as const,
      epoch: 9_007_199_254_740_993n,
      data,
      knownAtMs: 1_700_000_000_000,
    }));
    await open().write(owners);
    assert.deepEqual(await open().read(), owners);
  });

  it('takes it that a service can read nothing where an older gateway did not keep it', async () => {
    await open().write([{ aggregate: 'a', owner: 'monolith', epoch: 1n, data: 'shared', knownAtMs: 0 }]);
    const path = join(folder, 'owners.json');
    const text = await readFile(path, 'utf8');
    assert.match(text, /"data": "shared"/);
    await writeFile(path, text.replace('"data": "shared",', ''));
    assert.deepEqual((await open().read())[0]?.data, 'none');
  });
});
