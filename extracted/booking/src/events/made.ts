import type { BookingPlaced, Event } from '@banyan/contracts/events/v1/events';
import { moneyOf } from '@banyan/service-kit/money';
import type { Booking } from '../domain/booking.ts';
import type { Price } from '../domain/price.ts';
import { FARE_CLASSES } from '../rpc/names.ts';

type Made = { readonly id: string; readonly at: Date };

/** The events that booking tells billing's owner. */
export function bookingPlaced(
  { id, at }: Made,
  placed: {
    readonly bookingId: bigint;
    readonly accountId: bigint;
    readonly billTo: string;
    readonly currency: string;
    readonly price: Price;
    readonly dueAt: Date;
  },
): Event {
  const { bookingId, accountId, billTo, currency, price, dueAt } = placed;
  const value: BookingPlaced = {
    bookingId,
    accountId,
    billTo,
    lines: price.lines.map(({ description, quantity, unitMinor, amountMinor }) => ({
      description,
      quantity,
      unitAmount: moneyOf(unitMinor, currency),
      amount: moneyOf(amountMinor, currency),
    })),
    net: moneyOf(price.baseMinor, currency),
    tax: moneyOf(price.taxMinor, currency),
    total: moneyOf(price.totalMinor, currency),
    placedAt: at,
    dueAt,
  };
  return { id, occurredAt: at, body: { $case: 'bookingPlaced', value } };
}

export function bookingChanged({ id, at }: Made, { id: bookingId, version }: Booking): Event {
  return { id, occurredAt: at, body: { $case: 'bookingChanged', value: { bookingId, version } } };
}

/** Of a booking as it was before. */
export function bookingCancelled({ id, at }: Made, booking: Booking): Event {
  const value = {
    bookingId: booking.id,
    fareClass: FARE_CLASSES[booking.fareClass],
    passengerCount: booking.passengers.length,
    wasConfirmed: booking.status === 'CONFIRMED',
  };
  return { id, occurredAt: at, body: { $case: 'bookingCancelled', value } };
}

export function holdExpired({ id, at }: Made, bookingId: bigint): Event {
  return { id, occurredAt: at, body: { $case: 'holdExpired', value: { bookingId } } };
}
