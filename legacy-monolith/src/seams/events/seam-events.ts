import { Event } from '@banyan/contracts/events/v1/events';
import type { PoolClient } from 'pg';
import type { InvoiceEvents } from '../../billing/invoice-events.ts';
import type { BookingEvents } from '../../bookings/booking-events.ts';
import type { AfterCommit } from '../../db/transaction.ts';
import { toCents } from '../../money.ts';
import { fareToWire } from '../rpc/booking-wire.ts';
import { moneyToWire } from '../rpc/money-wire.ts';
import type { EventCarrier } from './carrier.ts';
import { idsOnTheirWay, writeOutbox } from './outbox.ts';

type Body = NonNullable<Event['body']>;

export type SeamEventsParts = {
  newId: () => string;
  carrier: Pick<EventCarrier, 'untilTaken'>;
  /** The traceparent on behalf of which this is written. */
  traceParent: () => string | null;
};

/** Billing is elsewhere: what happens is written down, in the booking's transaction, for it to be told. */
export function createSeamBookingEvents(parts: SeamEventsParts): BookingEvents {
  const write = createWriter(parts);
  return {
    isBeingPaidSql: WAITS_FOR_NEWS_OF_MONEY,
    async bookingPlaced(client, { bookingId, accountId, currency, price, placedAt, dueAt }) {
      const money = (cents: bigint) => moneyToWire(cents, currency);
      const value = {
        bookingId: BigInt(bookingId),
        accountId: BigInt(accountId),
        billTo: await nameOf(client, accountId),
        lines: price.lines.map(({ description, quantity, unitCents, amountCents }) => ({
          description,
          quantity,
          unitAmount: money(unitCents),
          amount: money(amountCents),
        })),
        net: money(price.netCents),
        tax: money(price.taxCents),
        total: money(price.totalCents),
        placedAt,
        dueAt,
      };
      return write(client, [{ bookingId, body: { $case: 'bookingPlaced', value } }], placedAt);
    },
    async bookingPlacedBefore(client, bookingId) {
      const ids = await idsOnTheirWay(client, bookingId);
      return () => parts.carrier.untilTaken(ids);
    },
    bookingChanged: (client, { bookingId, version, at }) => {
      const value = { bookingId: BigInt(bookingId), version };
      return write(client, [{ bookingId, body: { $case: 'bookingChanged', value } }], at);
    },
    async bookingCancelled(client, { bookingId, fareClass, passengers, wasConfirmed, at }) {
      const value = {
        bookingId: BigInt(bookingId),
        fareClass: fareToWire(fareClass),
        passengerCount: passengers,
        wasConfirmed,
      };
      return write(client, [{ bookingId, body: { $case: 'bookingCancelled', value } }], at);
    },
    holdExpired: (client, { bookingIds, at }) =>
      write(
        client,
        bookingIds.map((bookingId) => ({
          bookingId,
          body: { $case: 'holdExpired', value: { bookingId: BigInt(bookingId) } },
        })),
        at,
      ),
  };
}

/**
 * Payments are elsewhere, too. Who began one waits for a day to hear of it: news may be late, as when Redis is away,
 * and a seat that is paid for is not to be sold again. `$1` is the wall clock.
 */
const WAITS_FOR_NEWS_OF_MONEY = `
  EXISTS (SELECT 1 FROM seam_consents c
          WHERE c.booking_id = b.id AND c.granted_at > $1::timestamp AT TIME ZONE 'UTC' - interval '1 day')`;

/** Bookings are elsewhere: what happens is written down, in the payment's transaction, for them to be told. */
export function createSeamInvoiceEvents(parts: SeamEventsParts): InvoiceEvents {
  const write = createWriter(parts);
  return {
    lockBooking: async () => null,
    contactOf: async () => null,
    invoicePaid: (client, { invoiceId, bookingId, paymentId, at }) => {
      const value = {
        invoiceId: BigInt(invoiceId),
        bookingId: BigInt(bookingId),
        paymentId: BigInt(paymentId),
        paidAt: at,
      };
      return write(client, [{ bookingId, body: { $case: 'invoicePaid', value } }], at);
    },
    invoiceRefunded: (client, { invoiceId, bookingId, refundId, amount, currency, whole, at }) => {
      const value = {
        invoiceId: BigInt(invoiceId),
        bookingId: BigInt(bookingId),
        refundId: BigInt(refundId),
        amount: moneyToWire(toCents(amount), currency),
        whole,
      };
      return write(client, [{ bookingId, body: { $case: 'invoiceRefunded', value } }], at);
    },
  };
}

function createWriter({ newId, carrier, traceParent }: SeamEventsParts) {
  return async (
    client: PoolClient,
    events: readonly { bookingId: string; body: Body }[],
    now: Date,
  ): Promise<AfterCommit> => {
    const ids: string[] = [];
    for (const { bookingId, body } of events) {
      const id = newId();
      await writeOutbox(client, {
        id,
        type: body.$case,
        bookingId,
        body: Event.encode({ id, occurredAt: now, body }).finish(),
        now,
        traceParent: traceParent(),
      });
      ids.push(id);
    }
    return () => carrier.untilTaken(ids);
  };
}

async function nameOf(client: PoolClient, accountId: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM accounts WHERE id = $1', [
    accountId,
  ]);
  if (!rows[0]) throw new Error('an account that was there is gone');
  return rows[0].name;
}
