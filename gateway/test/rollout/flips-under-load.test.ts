import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@banyan/stack/testing/until';
import { createRandom, seedOfRun } from '../datapath/fuzz/mutate.ts';
import { type Fleet, PATIENT_MS, readAudit, startFleet } from './fleet/fleet.ts';
import { type Flip, flip } from './fleet/flips.ts';
import { type Load, percentile, type Served, startLoad } from './fleet/load.ts';
import { canonical, type FlagsAt, replay, sideOf } from './fleet/oracle.ts';
import type { Adoption, Replica } from './fleet/replica.ts';
import { createStandstills, type Standstills } from './fleet/standstills.ts';

const FACTOR = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1);
/** As the issue has them: some seconds of each `npm test`, minutes of a soak. */
const SCENARIO =
  FACTOR === 1
    ? { names: ['one', 'two'], perSecond: 100, everyMs: 500, forMs: 15_000 }
    : { names: ['one', 'two', 'three', 'four'], perSecond: 500, everyMs: 200, forMs: 20_000 * FACTOR };
/** Every so many flips, two clients flip at once. */
const PAIR_EVERY = 4;
const EFFECTIVE_MS = 1_000;
/** What a client's clock and a log's, both in whole milliseconds, may differ by. */
const ROUNDING_MS = 1;
/** Flips that were in force everywhere when they were answered. */
const EFFECTIVE_PART = 0.9;
/** In the middle. By the poll alone, which is every second, it would be twice that. */
const PUSHED_MS = 250;
const FAULTS_SHOWN = 10;
/** The least that a replica keeps of its record when that grows too long. */
const RECORDED_MIN = 1_900;

it('a flip drops no request, is one decision for each, and is in force everywhere within a second (invariants 2, 3, 6)', {
  timeout: SCENARIO.forMs + 100_000,
}, async (t) => {
  const random = createRandom(seedOfRun());
  await using fleet = await startFleet({ names: SCENARIO.names });
  const { replicas, token, backends } = fleet;
  // The first one after a start waits for replicas that may still report.
  const flips = [await flip(replicas, random, 'the first')];
  using standstills = createStandstills();
  await using load = startLoad(replicas, { ...SCENARIO, random, token, revisionOf: backends.revisionOf });

  const beganMs = performance.now();
  const flipping: Promise<Flip>[] = [];
  for (let tick = 0; performance.now() - beganMs < SCENARIO.forMs; tick += 1) {
    const clients = tick % PAIR_EVERY === 0 ? 2 : 1;
    for (let client = 0; client < clients; client += 1) {
      const flipped = flip(replicas, random, `flip ${tick} of client ${client}`);
      // Looked at when all are there.
      flipped.catch(() => {});
      flipping.push(flipped);
    }
    await pause(Math.max(0, beganMs + (tick + 1) * SCENARIO.everyMs - performance.now()));
  }
  flips.push(...(await Promise.all(flipping)));
  await load.stop();
  flips.sort((one, other) => one.version - other.version);

  assertAllServed(load);
  const history = await assertAudit(fleet, flips);
  assertProofs(load.served, replicas, history);
  const pushed = assertConvergence(flips.slice(1), replicas, standstills);
  for (const line of report(load, flips.slice(1), pushed)) t.diagnostic(line);
});

function assertAllServed({ served, faults, sent }: Load): void {
  assert.deepEqual(faults.slice(0, FAULTS_SHOWN), [], `${faults.length} of ${sent()} requests`);
  assert.equal(served.length, sent());
  const inTime = (SCENARIO.forMs / 1_000) * SCENARIO.perSecond;
  assert.ok(sent() > inTime * 0.9, `only ${sent()} requests were sent of ${inTime}`);
}

/** Every version once, each changing what the one before it left, and nothing but what was asked for. */
async function assertAudit({ replicas }: Fleet, flips: readonly Flip[]): Promise<readonly FlagsAt[]> {
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

/** Each was answered by the side that the flags in force at that replica meanwhile say, and proves it. */
function assertProofs(
  served: readonly Served[],
  replicas: readonly Replica[],
  history: readonly FlagsAt[],
): void {
  const faults: string[] = [];
  for (const { name, adoptions } of replicas) {
    const adopted = adoptions();
    const versions = adopted.map(({ version }) => version);
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((one, other) => one - other),
      `adopted by ${name}`,
    );
    const places = new Map(versions.map((version, at) => [version, at]));
    for (const each of served.filter(({ replica }) => replica === name)) {
      const { version, floor, startedAt, endedAt, operation, account, servedBy } = each;
      const what = `${operation.operationId} of ${account} by ${servedBy} at version ${version} of ${name}`;
      const at = places.get(version);
      const from = at === undefined ? undefined : adopted[at];
      const until = at === undefined ? undefined : adopted[at + 1];
      if (from === undefined) faults.push(`${what}: it never had that`);
      else if (from.atMs > endedAt + ROUNDING_MS) faults.push(`${what}: it was not in force yet`);
      else if (until !== undefined && until.atMs < startedAt - ROUNDING_MS) {
        faults.push(`${what}: it was over ${startedAt - until.atMs} ms before`);
      }
      if (version < floor) faults.push(`${what}: ${floor} was in force before`);
      const expected = sideOf(operation, history[version] ?? {}, account);
      if (servedBy !== expected) faults.push(`${what}: the flags say ${expected}`);
    }
  }
  assert.deepEqual(faults.slice(0, FAULTS_SHOWN), [], `${faults.length} of ${served.length} requests`);
  // Neither side was out of it, nor the flips beside the traffic.
  const byService = served.filter(({ servedBy }) => servedBy !== 'monolith').length;
  assert.ok(
    byService > served.length / 20 && byService < (served.length * 19) / 20,
    `${byService} by services`,
  );
  assert.ok(new Set(served.map(({ version }) => version)).size > history.length / 2);
}

/**
 * In force everywhere within a second, by each replica's log, and acknowledged as that: by asking too. An answer that
 * waited for a slow disk may say that a flip is not yet effective, but not often.
 */
function assertConvergence(
  flips: readonly Flip[],
  replicas: readonly Replica[],
  standstills: Standstills,
): readonly number[] {
  const adoptions = replicas.map((replica) => replica.adoptions());
  const lags: number[] = [];
  for (const { version, sentAt, effective, tookMs, behind } of flips) {
    const everywhereAt = Math.max(
      ...adoptions.map((adopted) => firstWith(version, adopted)?.atMs ?? Number.POSITIVE_INFINITY),
    );
    const lag = everywhereAt - sentAt;
    const limit = EFFECTIVE_MS + ROUNDING_MS + standstills.between(sentAt, everywhereAt);
    const what = `version ${version}, effective: ${effective} after ${tookMs} ms, everywhere after ${lag} ms`;
    assert.ok(lag <= limit, what);
    if (effective) assert.deepEqual(behind, [], what);
    lags.push(lag);
  }
  const effective = flips.filter((each) => each.effective).length;
  assert.ok(effective >= flips.length * EFFECTIVE_PART, `${effective} of ${flips.length} were effective`);
  const usually = percentile(lags, 0.5);
  assert.ok(usually < PUSHED_MS, `it took ${usually} ms to be everywhere: as long as without a push`);
  return lags;
}

function firstWith(version: number, adopted: readonly Adoption[]): Adoption | undefined {
  return adopted.find((each) => each.version >= version);
}

function report(load: Load, flips: readonly Flip[], lags: readonly number[]): readonly string[] {
  const spread = (values: readonly number[]) =>
    [0.5, 0.99, 1].map((part) => percentile(values, part).toFixed(0)).join(' / ');
  const byService = load.served.filter(({ servedBy }) => servedBy !== 'monolith').length;
  return [
    `${load.sent()} requests, ${byService} of them by services; p50 / p99 / max ${spread(load.served.map(({ tookMs }) => tookMs))} ms`,
    `${flips.length} flips, ${flips.reduce((sum, { stale }) => sum + stale, 0)} times somebody was quicker`,
    `push, from the request for a flip to its adoption by the last replica: p50 / p99 / max ${spread(lags)} ms`,
    `effective, as answered, in all ${SCENARIO.names.length} replicas: p50 / p99 / max ${spread(flips.map(({ tookMs }) => tookMs))} ms`,
  ];
}
