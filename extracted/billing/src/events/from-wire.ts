import { FareClass as WireFareClass } from '@banyan/contracts/booking/v1/booking';
import type { BookingPlaced, Event, PricedLine } from '@banyan/contracts/events/v1/events';
import type { Money } from '@banyan/contracts/money/v1/money';
import { minorOf } from '@banyan/service-kit/money';
import { FARE_CLASSES, type FareClass } from '../domain/fare-rules.ts';
import type { InvoiceLine } from '../domain/invoice.ts';
import type { Closing } from '../domain/payment-rules.ts';
import { Refusal } from '../domain/refusal.ts';
import { isStorable } from '../domain/text.ts';
import type { PlacedBooking } from '../storage/port.ts';

/** What an event means to billing. */
export type BookingNews =
  | { readonly kind: 'placed'; readonly booking: PlacedBooking }
  | { readonly kind: 'closed'; readonly bookingId: bigint; readonly closing: Closing }
  | { readonly kind: 'other' };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const QUANTITY_MAX = 2 ** 31 - 1;

const FARES = {
  SAVER: WireFareClass.SAVER,
  CLASSIC: WireFareClass.CLASSIC,
  FLEX: WireFareClass.FLEX,
} as const satisfies Record<FareClass, WireFareClass>;

/** Throws EVENT_MALFORMED: an event that makes no sense must not be lost as one that was taken. */
export function readEvent(event: Event | undefined): { readonly id: string; readonly news: BookingNews } {
  if (!event || !UUID.test(event.id)) throw malformed('id');
  return { id: event.id.toLowerCase(), news: readNews(event.body) };
}

function readNews(body: Event['body']): BookingNews {
  switch (body?.$case) {
    case 'bookingPlaced':
      return { kind: 'placed', booking: readPlaced(body.value) };
    case 'bookingCancelled': {
      const { bookingId, fareClass, passengerCount, wasConfirmed } = body.value;
      const fare = FARE_CLASSES.find((each) => FARES[each] === fareClass);
      if (!fare) throw malformed('fare_class');
      if (passengerCount < 1) throw malformed('passenger_count');
      const closing: Closing = {
        kind: 'cancelled',
        fareClass: fare,
        passengers: passengerCount,
        wasConfirmed,
      };
      return { kind: 'closed', bookingId: readId(bookingId), closing };
    }
    case 'holdExpired':
      return { kind: 'closed', bookingId: readId(body.value.bookingId), closing: { kind: 'expired' } };
    case 'bookingChanged':
      return { kind: 'other' };
    case 'flightChanged':
    case 'invoicePaid':
    case 'invoiceRefunded':
      // Booking's to take: taken here, as by a relay with wrong routes, they would be done with and done by nobody.
      throw malformed('body');
    case undefined:
      throw malformed('body');
    default:
      return body satisfies never;
  }
}

function readPlaced(placed: BookingPlaced): PlacedBooking {
  const currency = placed.total?.currencyCode ?? '';
  if (!/^[A-Z]{3}$/.test(currency)) throw malformed('total');
  const amount = (field: string, money: Money | undefined): bigint => {
    const minor = money?.currencyCode === currency ? minorOf(money) : null;
    if (minor === null || minor < 0n) throw malformed(field);
    return minor;
  };
  const line = (each: PricedLine): InvoiceLine => {
    if (each.quantity < 1 || each.quantity > QUANTITY_MAX || !isStorable(each.description)) {
      throw malformed('lines');
    }
    return {
      description: each.description,
      quantity: each.quantity,
      unitMinor: amount('lines', each.unitAmount),
      amountMinor: amount('lines', each.amount),
    };
  };
  const netMinor = amount('net', placed.net);
  const taxMinor = amount('tax', placed.tax);
  const totalMinor = amount('total', placed.total);
  if (netMinor + taxMinor !== totalMinor) throw malformed('total');
  if (!isStorable(placed.billTo)) throw malformed('bill_to');
  return {
    bookingId: readId(placed.bookingId),
    accountId: placed.accountId,
    billTo: placed.billTo,
    currency,
    netMinor,
    taxMinor,
    totalMinor,
    lines: placed.lines.map(line),
    placedAt: readTime('placed_at', placed.placedAt),
    dueAt: readTime('due_at', placed.dueAt),
  };
}

function readId(id: bigint): bigint {
  // Its reference has six characters.
  if (id < 1n || id >= 1n << 30n) throw malformed('booking_id');
  return id;
}

function readTime(field: string, at: Date | undefined): Date {
  if (!at || Number.isNaN(at.getTime())) throw malformed(field);
  return at;
}

function malformed(field: string): Refusal {
  return new Refusal('EVENT_MALFORMED', { metadata: { field } });
}
