import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlaywrightTotals } from './playwright-totals.ts';
import { addTotals, closingLine, NO_TOTALS } from './totals.ts';

const spec = (title: string, status: string, message?: string) => ({
  title,
  file: 'seats.spec.ts',
  line: 3,
  tests: [{ status, projectName: 'gateway', results: [{ ...(message ? { error: { message } } : {}) }] }],
});

test('a report of Playwright gives its totals, and in brief what failed', () => {
  const report = {
    stats: { expected: 1, unexpected: 1, flaky: 1, skipped: 0 },
    suites: [
      {
        specs: [spec('goes well', 'expected')],
        suites: [{ specs: [spec('fails', 'unexpected', '\u001b[31mno\u001b[0m\n\nat 3')] }],
      },
      { specs: [spec('wavers', 'flaky', 'late')] },
    ],
  };
  const totals = addTotals(NO_TOTALS, readPlaywrightTotals(JSON.stringify(report)));
  assert.equal(closingLine(totals), '1 passed, 2 failed');
  assert.deepEqual(totals.failures, [
    '✗ [gateway] seats.spec.ts:3  fails\n    no\n    at 3',
    '✗ [gateway] seats.spec.ts:3  wavers\n    late',
  ]);
});
