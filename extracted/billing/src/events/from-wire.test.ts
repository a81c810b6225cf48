import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FareClass } from '@banyan/contracts/booking/v1/booking';
import type { Event } from '@banyan/contracts/events/v1/events';
import { moneyOf } from '@banyan/service-kit/money';
import { readEvent } from './from-wire.ts';

const ID = '6a0d5a3e-1f0b-4c3e-9d3a-0123456789ab';
const AT = new Date('2026-11-22T19:30:00.123Z');
const eur = (minor: bigint) => moneyOf(minor, 'EUR');
const PLACED = {
  bookingId: 41n,
  accountId: 7n,
  billTo: 'Zoë',
  lines: [{ description: 'CLASSIC fare, adult', quantity: 2, unitAmount: eur(4_000n), amount: eur(8_000n) }],
  net: eur(8_000n),
  tax: eur(960n),
  total: eur(8_960n),
  placedAt: AT,
  dueAt: AT,
};
const event = (body: Event['body']): Event => ({ id: ID, occurredAt: AT, body });
const placed = (change: object) => event({ $case: 'bookingPlaced', value: { ...PLACED, ...change } });

test('a placed booking: every field of it', () => {
  assert.deepEqual(readEvent(placed({})), {
    id: ID,
    news: {
      kind: 'placed',
      booking: {
        bookingId: 41n,
        accountId: 7n,
        billTo: 'Zoë',
        currency: 'EUR',
        netMinor: 8_000n,
        taxMinor: 960n,
        totalMinor: 8_960n,
        lines: [{ description: 'CLASSIC fare, adult', quantity: 2, unitMinor: 4_000n, amountMinor: 8_000n }],
        placedAt: AT,
        dueAt: AT,
      },
    },
  });
});

test('what closes a booking, with the fare', () => {
  for (const fareClass of ['SAVER', 'CLASSIC', 'FLEX'] as const) {
    const value = { bookingId: 41n, fareClass: FareClass[fareClass], passengerCount: 2, wasConfirmed: true };
    assert.deepEqual(readEvent(event({ $case: 'bookingCancelled', value })).news, {
      kind: 'closed',
      bookingId: 41n,
      closing: { kind: 'cancelled', fareClass, passengers: 2, wasConfirmed: true },
    });
  }
  assert.deepEqual(readEvent(event({ $case: 'holdExpired', value: { bookingId: 41n } })).news, {
    kind: 'closed',
    bookingId: 41n,
    closing: { kind: 'expired' },
  });
  const changed = { bookingId: 41n, version: 2 };
  assert.deepEqual(readEvent(event({ $case: 'bookingChanged', value: changed })).news, { kind: 'other' });
});

test('an event that makes no sense is refused with the field that makes none', () => {
  const cancelled = {
    bookingId: 41n,
    fareClass: FareClass.UNSPECIFIED,
    passengerCount: 1,
    wasConfirmed: false,
  };
  for (const [wrong, field] of [
    [undefined, 'id'],
    [{ ...placed({}), id: 'x' }, 'id'],
    [event(undefined), 'body'],
    [
      event({ $case: 'invoicePaid', value: { invoiceId: 2n, bookingId: 41n, paymentId: 4n, paidAt: AT } }),
      'body',
    ],
    [event({ $case: 'flightChanged', value: { flightId: 7n, revision: 1 } }), 'body'],
    [placed({ bookingId: 0n }), 'booking_id'],
    [placed({ bookingId: 1n << 30n }), 'booking_id'],
    [placed({ total: undefined }), 'total'],
    [placed({ total: eur(8_961n) }), 'total'],
    [placed({ tax: moneyOf(960n, 'USD') }), 'tax'],
    [placed({ net: { currencyCode: 'EUR', units: 80n, nanos: 1 } }), 'net'],
    [placed({ billTo: 'a\0' }), 'bill_to'],
    [placed({ placedAt: undefined }), 'placed_at'],
    [placed({ lines: [{ ...PLACED.lines[0], quantity: 0 }] }), 'lines'],
    [event({ $case: 'bookingCancelled', value: cancelled }), 'fare_class'],
  ] as const) {
    assert.throws(
      () => readEvent(wrong as Event | undefined),
      { reason: 'EVENT_MALFORMED', metadata: { field } },
      field,
    );
  }
});
