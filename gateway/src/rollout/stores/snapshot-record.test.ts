import assert from 'node:assert/strict';
import fs, { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, mock } from 'node:test';
import type { AuditEntry } from '../audit.ts';
import { createSnapshotRecord } from './snapshot-record.ts';

const lineOf = (id: string): { readonly entry: AuditEntry } => ({
  entry: {
    id,
    version: null,
    at: new Date(0).toISOString(),
    by: 'tester',
    reason: 'because',
    action: 'kill',
    target: 'getInvoice',
    from: {},
    to: {},
    replica: 'one',
    client: '127.0.0.1',
  },
});

it('a record whose compaction failed when the new file had its name already is written on there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-record-'));
  const path = join(folder, 'snapshots.jsonl');
  const faults: string[] = [];
  const record = createSnapshotRecord(path, (what) => faults.push(what), {
    linesMax: 3,
    bytesMax: 1_000_000,
    entriesKept: 2,
  });
  const ids = async () => (await record.entries()).map(({ id }) => id);
  try {
    await record.open();
    for (const id of ['a', 'b', 'c']) await record.append([lineOf(id)]);
    const { open } = fs;
    mock.method(fs, 'open', (name: string, ...more: [string, number]) => {
      if (name === folder) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
      return open(name, ...more);
    });
    syncBuiltinESMExports();
    await record.append([lineOf('d')]);
    mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual(faults, ['the record could not be compacted']);
    assert.deepEqual(await ids(), ['c', 'd']);
    await record.append([lineOf('e')]);
    assert.deepEqual(await ids(), ['c', 'd', 'e']);
    await record.append([lineOf('f')]);
    assert.deepEqual(await ids(), ['e', 'f']);
    assert.equal(faults.length, 1);
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
    await record.close();
    await rm(folder, { recursive: true });
  }
});
