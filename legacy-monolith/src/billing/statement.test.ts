import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawUpStatement, type Movement, parseMonth } from './statement.ts';

const line = (kind: Movement['kind'], amount: string): Movement => ({
  at: '2026-10-03T08:12:44.000Z',
  kind,
  invoice_number: 'INV-00000000041',
  amount,
});

test('a statement adds its lines to what came before, also below zero', () => {
  const lines = [
    line('INVOICE', '896.00'),
    line('PAYMENT', '896.00'),
    line('REFUND', '0.01'),
    line('INVOICE', '0.10'),
    line('PAYMENT', '1000.00'),
  ];
  assert.deepEqual(drawUpStatement({ invoiced: '10.00', paid: '20.50', refunded: '0.00' }, lines), {
    opening_balance: '-10.50',
    invoiced: '896.10',
    paid: '1896.00',
    refunded: '0.01',
    closing_balance: '-1010.39',
    lines,
  });
});

test('sums far beyond what a double holds exactly stay exact', () => {
  const big = line('INVOICE', '9007199254740.93');
  assert.equal(
    drawUpStatement({ invoiced: '0.00', paid: '0.00', refunded: '0.00' }, [big, big, big]).invoiced,
    '27021597764222.79',
  );
});

test('a month is YYYY-MM and not in the future, in UTC', () => {
  const now = new Date('2026-12-01T00:00:00.000Z');
  assert.deepEqual(parseMonth('2026-12', now), {
    text: '2026-12',
    startsAt: new Date('2026-12-01T00:00:00.000Z'),
    endsAt: new Date('2027-01-01T00:00:00.000Z'),
  });
  for (const text of ['2027-01', '2026-00', '2026-13', '2026-1', '0999-01', '2026-12-01', ' 2026-12']) {
    assert.equal(parseMonth(text, now), null, text);
  }
});
