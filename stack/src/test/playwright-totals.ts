import type { Totals } from './totals.ts';

type Report = { stats: { expected: number; unexpected: number; flaky: number; skipped: number } };

/** From the report of Playwright's json reporter. A test that passed only when tried again counts as failed. */
export function readPlaywrightTotals(json: string): Totals {
  const { expected, unexpected, flaky, skipped } = (JSON.parse(json) as Report).stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}
