import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import fc from 'fast-check';
import type { Difference } from '../differential/compare.ts';
import type { Findings } from '../differential/step.ts';
import { askBoth, headerOf, statusOf } from './ask.ts';
import { play } from './play.ts';
import { type GeneratedRequest, generatedRequest } from './requests.ts';
import { LOG_INS } from './steps.ts';
import { startWorlds, type Worlds } from './worlds.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
const FACTOR = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1);
const FOR_MS = 20_000 * FACTOR;
const SEED = Number(process.env.BANYAN_TEST_SEED ?? 20_261_122);
const RUNS_AT_ONCE = 10;
/** So many are to succeed; a machine that has much else to do takes longer for it. */
const OPERATIONS_MIN = 8;
const ENOUGH_MS = 300_000;
const SHORTENING_SETTLE_MS = 3_000;
const REQUESTS_MAX = 6;

describe('no client can tell, whatever it asks', { timeout: FOR_MS + 900_000 }, () => {
  let worlds: Worlds | undefined;
  const answers = new Map<string, Map<number, number>>();
  const onAnswer = (operation: string, status: number): void => {
    const statuses = answers.get(operation) ?? new Map<number, number>();
    answers.set(operation, statuses.set(status, (statuses.get(status) ?? 0) + 1));
  };
  const planted: Findings = { cookies: new Map(), values: new Map() };

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    worlds = await startWorlds({ booking: 'service', billing: 'service' }, NOW, planted);
    for (const each of LOG_INS) {
      const { direct } = await askBoth(worlds, each, planted);
      each.keep?.(
        { status: statusOf(direct), header: (name) => headerOf(direct, name), body: direct.body },
        planted,
      );
    }
    const { values } = planted;
    const start = {
      booking: 'overdue',
      adult: 'overdueAdult',
      infant: 'overdueInfant',
      invoice: 'overdueInvoice',
      payment: 'classicPayment',
    };
    for (const [name, from] of Object.entries(start)) values.set(name, String(values.get(from)));
    values.set('etag', `"${values.get('booking')}-7"`);
  });
  after(async () => {
    await worlds?.stop();
    mock.timers.reset();
  });

  it('sequences of requests made from the contract', async (t) => {
    const started = performance.now();
    let runs = 0;
    // Requests that never get past the first check would prove little.
    const succeeded = () =>
      [...answers.values()].filter((statuses) => [...statuses.keys()].some((status) => status < 300)).length;
    const isOver = () => {
      const forMs = performance.now() - started;
      return forMs >= FOR_MS && (succeeded() >= OPERATIONS_MIN || forMs >= FOR_MS + ENOUGH_MS);
    };
    for (let round = 0; !isOver(); round += 1) {
      const found = await search(SEED + round);
      assert.equal(found ?? '', '');
      runs += RUNS_AT_ONCE;
    }
    t.diagnostic(`${runs} sequences, seed ${SEED}`);
    for (const [operation, statuses] of [...answers].sort()) {
      t.diagnostic(
        `${operation}: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
      );
    }
    assert.ok(succeeded() >= OPERATIONS_MIN, `only ${succeeded()} operations ever succeeded`);
  });

  /** Undefined where nothing differed; else the shortest script that was found to show it. */
  async function search(seed: number): Promise<string | undefined> {
    let last: { script: readonly string[]; differences: readonly Difference[] } | undefined;
    const differs = async (requests: readonly GeneratedRequest[]): Promise<boolean> => {
      assert.ok(worlds);
      // A script that is being shortened need not be waited for as long as the one that was found.
      const settleMs = last === undefined ? undefined : SHORTENING_SETTLE_MS;
      const played = await play(worlds, planted, requests, onAnswer, settleMs);
      if (played.differences.length > 0) last = played;
      return played.differences.length === 0;
    };
    const sequences = fc.array(generatedRequest(), { minLength: 1, maxLength: REQUESTS_MAX });
    const result = await fc.check(fc.asyncProperty(sequences, differs), { seed, numRuns: RUNS_AT_ONCE });
    if (!result.failed) return undefined;
    if (last === undefined) return fc.defaultReportMessage(result) ?? 'a run failed and says nothing of it';
    return [
      `seed ${seed} finds a difference:`,
      ...last.script,
      JSON.stringify(last.differences, null, 2),
    ].join('\n');
  }
});
