import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitsPayment } from './awaits-payment.ts';

const invoice = (status: string, ...results: string[]) =>
  ({ status, payments: results.map((result) => ({ result })) }) as unknown as Parameters<
    typeof awaitsPayment
  >[1];

test('a held booking awaits a charge that is under way, and news of one that was made', () => {
  for (const [booking, found, awaits] of [
    ['HELD', invoice('OPEN', 'DECLINED', 'PENDING'), true],
    ['HELD', invoice('PAID', 'APPROVED'), true],
    ['HELD', invoice('OPEN', 'DECLINED'), false],
    ['HELD', null, false],
    ['CONFIRMED', invoice('PAID', 'APPROVED'), false],
    ['CANCELLED', invoice('PAID', 'APPROVED'), false],
  ] as const) {
    assert.equal(awaitsPayment({ status: booking }, found), awaits, booking);
  }
});
