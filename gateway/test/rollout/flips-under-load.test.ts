import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, seedOfRun } from '../datapath/fuzz/mutate.ts';
import { assertAudit } from './fleet/assert-audit.ts';
import { assertConvergence } from './fleet/assert-convergence.ts';
import { assertProofs } from './fleet/assert-proofs.ts';
import { startFleet } from './fleet/fleet.ts';
import { type Flip, flip } from './fleet/flips.ts';
import {
  assertFewAskedInVain,
  introduceAccounts,
  type Load,
  percentile,
  startLoad,
  untilNobodyIsTold,
} from './fleet/load.ts';
import { createStandstills } from './fleet/standstills.ts';

const FACTOR = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1);
/** As the issue has them: some seconds of each `npm test`, minutes of a soak. */
const SCENARIO =
  FACTOR === 1
    ? { names: ['one', 'two'], perSecond: 100, everyMs: 500, forMs: 15_000 }
    : { names: ['one', 'two', 'three', 'four'], perSecond: 500, everyMs: 200, forMs: 20_000 * FACTOR };
/** Every so many flips, two clients flip at once. */
const PAIR_EVERY = 4;
/** At once, on a machine that does not keep up. */
const FLIPPING_MAX = 8;
const ALL_FLIGHTS = { path: '/carve-outs/flights', wish: { stage: 'service' } };
const FAULTS_SHOWN = 10;
/** So that a soak is heard of, and not taken for a test that hangs. */
const SAID_EVERY_MS = 60_000;

it('a flip drops no request, is one decision for each, and is in force everywhere within a second (invariants 2, 3, 6)', {
  timeout: SCENARIO.forMs + 100_000,
}, async (t) => {
  const random = createRandom(seedOfRun());
  await using fleet = await startFleet({ names: SCENARIO.names });
  const { replicas, token, backends } = fleet;
  // The first one after a start waits for replicas that may still report.
  const flips = [await flip(replicas, random, 'the first', ALL_FLIGHTS)];
  await Promise.all(replicas.map(introduceAccounts));
  using standstills = createStandstills();
  await using load = startLoad(replicas, { ...SCENARIO, random, token, revisionOf: backends.revisionOf });

  const beganMs = performance.now();
  let saidMs = beganMs;
  const flipping: Promise<Flip>[] = [];
  let underWay = 0;
  for (let tick = 0; performance.now() - beganMs < SCENARIO.forMs; tick += 1) {
    const clients = tick % PAIR_EVERY === 0 ? 2 : 1;
    for (let client = 0; client < clients && underWay < FLIPPING_MAX; client += 1) {
      underWay += 1;
      const flipped = flip(replicas, random, `flip ${tick} of client ${client}`).finally(() => {
        underWay -= 1;
      });
      // Looked at when all are there.
      flipped.catch(() => {});
      flipping.push(flipped);
    }
    if (performance.now() - saidMs >= SAID_EVERY_MS) {
      saidMs = performance.now();
      process.stdout.write(`flips under load: ${load.sent()} requests, ${flipping.length} flips\n`);
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
  // Where the flags have left them, nobody may need to know who is calling.
  await flip(replicas, random, 'the last', ALL_FLIGHTS);
  await untilNobodyIsTold(replicas);
  for (const line of report(load, flips.slice(1), pushed)) t.diagnostic(line);
});

function assertAllServed(load: Load): void {
  const { served, faults, sent, askedInVain } = load;
  assert.deepEqual(faults.slice(0, FAULTS_SHOWN), [], `${faults.length} of ${sent()} requests`);
  assert.equal(served.length + askedInVain(), sent());
  assertFewAskedInVain(load);
  const inTime = (SCENARIO.forMs / 1_000) * SCENARIO.perSecond;
  assert.ok(sent() > inTime * 0.9, `only ${sent()} requests were sent of ${inTime}`);
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
