import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressBar, progressText } from './progress-text.ts';

const facts = { step: 'copy', table: 'invoices', rows: 30_000, rowsTotal: 120_000, rowsBefore: 0 };

test('progress tells rows, share, rate and the time that is left', () => {
  assert.equal(
    progressText({ ...facts, elapsedMs: 2_000 }),
    'copy  invoices  30,000 of 120,000 rows (25 %), 15,000 rows/s, 0:06 left',
  );
});

test('the rate is that of this run: rows of an earlier one do not count', () => {
  assert.match(
    progressText({ ...facts, rowsBefore: 20_000, elapsedMs: 10_000 }),
    / 1,000 rows\/s, 1:30 left$/,
  );
});

test('no rate is told while there is nothing to tell it from', () => {
  assert.equal(progressText({ ...facts, elapsedMs: 10 }), 'copy  invoices  30,000 of 120,000 rows (25 %)');
  assert.match(progressText({ ...facts, rows: 0, rowsTotal: 0, elapsedMs: 9_000 }), /0 of 0 rows \(100 %\)$/);
});

test('a bar is no wider than the terminal', () => {
  assert.match(
    progressBar({ ...facts, elapsedMs: 0 }, 200),
    /^\[######------------------\] copy {2}invoices/,
  );
  assert.equal(progressBar({ ...facts, elapsedMs: 0 }, 20).length, 19);
});
