import { randomUUID } from 'node:crypto';
import { FareClass } from '@banyan/contracts/booking/v1/booking';
import type { Event } from '@banyan/contracts/events/v1/events';
import { moneyOf } from '@banyan/service-kit/money';

const AT = new Date('2026-11-22T19:30:00.123Z');

/** Of two adults; the tax is 12 % of the net. */
export function bookingPlaced(bookingId: bigint, { accountId = 1n, totalMinor = 89_600n } = {}): Event {
  const netMinor = (totalMinor * 100n) / 112n;
  const money = (minor: bigint) => moneyOf(minor, 'EUR');
  const line = {
    description: 'CLASSIC fare, adult',
    quantity: 2,
    unitAmount: money(netMinor / 2n),
    amount: money(netMinor),
  };
  return {
    id: randomUUID(),
    occurredAt: AT,
    body: {
      $case: 'bookingPlaced',
      value: {
        bookingId,
        accountId,
        billTo: 'Zoë Müller',
        lines: [line],
        net: money(netMinor),
        tax: money(totalMinor - netMinor),
        total: money(totalMinor),
        placedAt: AT,
        dueAt: new Date(AT.getTime() + 1_800_000),
      },
    },
  };
}

export function bookingCancelled(
  bookingId: bigint,
  { wasConfirmed = false, fareClass = FareClass.CLASSIC as FareClass, passengerCount = 2 } = {},
): Event {
  const value = { bookingId, fareClass, passengerCount, wasConfirmed };
  return { id: randomUUID(), occurredAt: AT, body: { $case: 'bookingCancelled', value } };
}

export function holdExpired(bookingId: bigint): Event {
  return { id: randomUUID(), occurredAt: AT, body: { $case: 'holdExpired', value: { bookingId } } };
}
