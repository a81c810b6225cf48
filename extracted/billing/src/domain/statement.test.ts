import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawUpStatement, endOf, firstDayOf, isStatementMonth, monthOf, startOf } from './statement.ts';

const at = new Date('2026-11-03T10:00:00Z');
const line = (kind: 'INVOICE' | 'PAYMENT' | 'REFUND', amountMinor: bigint) => ({
  at,
  kind,
  invoiceNumber: 'INV-00000000001',
  amountMinor,
});

test('a balance is what was invoiced less what was paid, and what was refunded', () => {
  const before = { invoicedMinor: 10_000n, paidMinor: 4_000n, refundedMinor: 500n };
  const lines = [
    line('INVOICE', 89_600n),
    line('PAYMENT', 89_600n),
    line('REFUND', 10_000n),
    line('REFUND', 1n),
  ];
  const { lines: _, ...figures } = drawUpStatement(before, lines);
  assert.deepEqual(figures, {
    openingMinor: 6_500n,
    invoicedMinor: 89_600n,
    paidMinor: 89_600n,
    refundedMinor: 10_001n,
    closingMinor: 16_501n,
  });
});

test('amounts beyond 2^53 keep their last digit', () => {
  const nothing = { invoicedMinor: 0n, paidMinor: 0n, refundedMinor: 0n };
  assert.equal(
    drawUpStatement(nothing, [line('INVOICE', 9_007_199_254_740_993n)]).closingMinor,
    9_007_199_254_740_993n,
  );
});

test('a month runs from its first instant to that of the next, and none lies in the future', () => {
  const december = { year: 2026, month: 12 };
  assert.deepEqual(
    [startOf(december), endOf(december)].map((each) => each.toISOString()),
    ['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  );
  assert.deepEqual(monthOf(firstDayOf({ year: 2026, month: 3 })), { year: 2026, month: 3 });
  assert.ok(isStatementMonth({ year: 2026, month: 11 }, at));
  for (const [year, month] of [
    [2026, 12],
    [2026, 0],
    [2026, 13],
    [0, 1],
    [10_000, 1],
  ] as const) {
    assert.ok(!isStatementMonth({ year, month }, at), `${year}-${month}`);
  }
});
