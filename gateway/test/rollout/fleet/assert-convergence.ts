import assert from 'node:assert/strict';
import type { Flip } from './flips.ts';
import { percentile } from './load.ts';
import type { Adoption, Replica } from './replica.ts';
import type { Standstills } from './standstills.ts';

const EFFECTIVE_MS = 1_000;
/** What a client's clock and a log's, both in whole milliseconds, may differ by. */
const ROUNDING_MS = 1;
/** Flips that were not yet in force everywhere when they were answered: a tenth, and of a few flips three. */
const LATE_PART = 0.1;
const LATE_OF_FEW = 3;
/** In the middle. By the poll alone, which is every second, it would be twice that. */
const PUSHED_MS = 250;

/**
 * In force everywhere within a second, by each replica's log, and acknowledged as that: by asking too. An answer that
 * waited for a slow disk may say that a flip is not yet effective, but not often. Gives how long each took, in ms.
 */
export function assertConvergence(
  flips: readonly Flip[],
  replicas: readonly Replica[],
  standstills: Standstills,
): readonly number[] {
  const adoptions = replicas.map((replica) => replica.adoptions());
  const lags: number[] = [];
  const own: number[] = [];
  for (const { version, sentAt, effective, tookMs, behind } of flips) {
    const everywhereAt = Math.max(
      ...adoptions.map((adopted) => firstWith(version, adopted)?.atMs ?? Number.POSITIVE_INFINITY),
    );
    const lag = everywhereAt - sentAt;
    const ownMs = lag - standstills.between(sentAt, everywhereAt);
    const what = `version ${version}, effective: ${effective} after ${tookMs} ms, everywhere after ${lag} ms`;
    assert.ok(ownMs <= EFFECTIVE_MS + ROUNDING_MS, what);
    if (effective) assert.deepEqual(behind, [], what);
    lags.push(lag);
    own.push(ownMs);
  }
  const late = flips.filter((each) => !each.effective).length;
  const lateMax = Math.max(flips.length * LATE_PART, LATE_OF_FEW);
  assert.ok(late <= lateMax, `${late} of ${flips.length} were not yet effective`);
  const usually = percentile(own, 0.5);
  assert.ok(usually < PUSHED_MS, `it took ${usually} ms to be everywhere: as long as without a push`);
  return lags;
}

function firstWith(version: number, adopted: readonly Adoption[]): Adoption | undefined {
  return adopted.find((each) => each.version >= version);
}
