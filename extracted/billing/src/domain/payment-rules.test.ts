import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refundableMinor } from './fare-rules.ts';
import { INVOICE_STATUSES } from './invoice.ts';
import {
  ChargedTwiceError,
  decideClosing,
  decideRefund,
  maySettle,
  requirePayable,
} from './payment-rules.ts';

const approved = { kind: 'approved', ref: 'ch_1' } as const;

test('only an open invoice without a charge under way can be paid', () => {
  requirePayable({ status: 'OPEN', isUnderWay: false });
  assert.throws(() => requirePayable({ status: 'OPEN', isUnderWay: true }), {
    reason: 'PAYMENT_IN_PROGRESS',
  });
  for (const status of INVOICE_STATUSES) {
    if (status === 'OPEN') continue;
    const reason = status === 'VOID' ? 'INVOICE_VOID' : 'INVOICE_PAID';
    assert.throws(() => requirePayable({ status, isUnderWay: true }), { reason });
  }
});

test('an outcome is written once; only money is written over a payment that was given up', () => {
  const payment = { id: 2n, isOtherLive: false };
  const nothing = { kind: 'surely-not-charged', why: '' } as const;
  assert.ok(maySettle({ ...payment, result: 'PENDING' }, nothing));
  assert.ok(maySettle({ ...payment, result: 'FAILED' }, approved));
  assert.ok(!maySettle({ ...payment, result: 'FAILED' }, nothing));
  for (const result of ['APPROVED', 'DECLINED'] as const)
    assert.ok(!maySettle({ ...payment, result }, approved));
  assert.throws(
    () => maySettle({ ...payment, result: 'FAILED', isOtherLive: true }, approved),
    ChargedTwiceError,
  );
});

test('a refund gives back what is left, never more', () => {
  const payment = { result: 'APPROVED', leftMinor: 500n } as const;
  assert.equal(decideRefund(payment, null), 500n);
  assert.equal(decideRefund(payment, 500n), 500n);
  assert.throws(() => decideRefund(payment, 501n), { reason: 'MORE_THAN_LEFT', metadata: { left: '5.00' } });
  assert.throws(() => decideRefund({ ...payment, leftMinor: 0n }, 1n), { reason: 'NOTHING_LEFT' });
  for (const result of ['PENDING', 'DECLINED', 'FAILED'] as const) {
    assert.throws(() => decideRefund({ ...payment, result }, 1n), { reason: 'NOT_REFUNDABLE' });
  }
});

test('what a fare gives back is between nothing and all', () => {
  assert.equal(refundableMinor('CLASSIC', 89_600n, 2), 79_600n);
  assert.equal(refundableMinor('CLASSIC', 4_999n, 1), 0n);
  fc.assert(
    fc.property(
      fc.constantFrom('SAVER', 'CLASSIC', 'FLEX'),
      fc.bigInt(0n, 10n ** 12n),
      fc.integer({ min: 1, max: 9 }),
      (fare, total, passengers) => {
        const minor = refundableMinor(fare, total, passengers);
        return minor >= 0n && minor <= total;
      },
    ),
  );
});

test('the end of a booking: unpaid is void; paid goes back by the fare, or whole when nobody had heard of it', () => {
  const cancelled = { kind: 'cancelled', fareClass: 'CLASSIC', passengers: 2, wasConfirmed: true } as const;
  const paid = { status: 'PAID', totalMinor: 89_600n, leftMinor: 89_600n, isGivenBack: false } as const;
  const open = { status: 'OPEN', totalMinor: 89_600n, leftMinor: null, isGivenBack: false } as const;
  for (const closing of [cancelled, { kind: 'expired' } as const]) {
    assert.deepEqual(decideClosing(closing, open), { kind: 'void' });
  }
  const byFare = { kind: 'refund', amountMinor: 79_600n, reason: 'Booking cancelled' };
  assert.deepEqual(decideClosing(cancelled, paid), byFare);
  // The accountant gave some back before.
  assert.deepEqual(decideClosing(cancelled, { ...paid, leftMinor: 100n }), { ...byFare, amountMinor: 100n });
  assert.deepEqual(decideClosing(cancelled, { ...paid, leftMinor: 0n }), { kind: 'nothing' });
  // It was told before, to a database that this one was copied from: the fee is not given back by the second telling.
  const again = { ...paid, status: 'PARTIALLY_REFUNDED', leftMinor: 10_000n, isGivenBack: true } as const;
  assert.deepEqual(decideClosing(cancelled, again), { kind: 'nothing' });
  assert.deepEqual(decideClosing({ ...cancelled, fareClass: 'SAVER' }, paid), { kind: 'nothing' });
  const whole = { kind: 'refund', amountMinor: 89_600n, reason: 'Booking was no longer held' };
  assert.deepEqual(decideClosing({ ...cancelled, fareClass: 'SAVER', wasConfirmed: false }, paid), whole);
  assert.deepEqual(decideClosing({ kind: 'expired' }, paid), whole);
  assert.deepEqual(decideClosing({ kind: 'expired' }, { ...open, status: 'VOID' }), { kind: 'nothing' });
});
