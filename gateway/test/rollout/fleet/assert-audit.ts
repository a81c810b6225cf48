import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@banyan/stack/testing/until';
import { type Fleet, PATIENT_MS, readAudit } from './fleet.ts';
import type { Flip } from './flips.ts';
import { canonical, type FlagsAt, replay } from './oracle.ts';
import type { Replica } from './replica.ts';

/** The least that a replica keeps of its record when that grows too long. */
const RECORDED_MIN = 1_900;

/**
 * Every version once, each changing what the one before it left, and nothing but what was asked for. Gives the flags at
 * each version.
 */
export async function assertAudit({ replicas }: Fleet, flips: readonly Flip[]): Promise<readonly FlagsAt[]> {
  const [told = assert.fail('no audit'), ...others] = await Promise.all(replicas.map(readAudit));
  for (const other of others) assert.deepEqual(other, told);
  const { entries, isLocal } = told;
  assert.equal(isLocal, false);
  const history = replay(entries);
  const changes = entries.filter(({ version }) => version !== null);
  assert.deepEqual(
    changes.map(({ version, target, reason }) => [version, target, reason]),
    flips.map(({ version, path, reason }) => [version, path.split('/').at(-1), reason]),
  );
  for (const replica of replicas) {
    const { body } = await replica.admin('GET', '/snapshot');
    assert.equal(body.version, history.length - 1);
    assert.equal(canonical(body.flags), canonical(history.at(-1)));
    // What each has on disk is without a gap, and goes back as far as its bound lets it.
    await until(
      async () => {
        const recorded = await recordedVersions(replica);
        const [oldest = 0] = recorded;
        assert.deepEqual(
          recorded,
          Array.from({ length: history.length - oldest }, (_, each) => oldest + each),
        );
        return oldest === 1 || recorded.length >= RECORDED_MIN;
      },
      { deadlineMs: PATIENT_MS, what: `the record of ${replica.name}` },
    );
  }
  return history;
}

async function recordedVersions({ dataDir }: Replica): Promise<number[]> {
  const lines = (await readFile(join(dataDir, 'snapshots.jsonl'), 'utf8')).split('\n').filter(Boolean);
  const versions = lines.map(
    (line) => (JSON.parse(line) as { entry: { version: number | null } }).entry.version,
  );
  return [...new Set(versions.filter((version) => version !== null))].sort((one, other) => one - other);
}
