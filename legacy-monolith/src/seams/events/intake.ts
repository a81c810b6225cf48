import type { BookingCancelled, BookingPlaced, Event, InvoicePaid } from '@banyan/contracts/events/v1/events';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { type BookingEnd, endInvoice, queueCancellation } from '../../billing/end-invoice.ts';
import { issueInvoice } from '../../billing/issue-invoice.ts';
import { confirmBooking } from '../../bookings/confirm-booking.ts';
import { isoInstant, pause, plusMs } from '../../clock.ts';
import { type AfterCommit, inTransaction, nothingAfter } from '../../db/transaction.ts';
import type { Aggregate } from '../owners/owner-mirror.ts';
import { fareFromWire } from '../rpc/booking-wire.ts';
import { notTheOwner, RpcRefusal } from '../rpc/errors.ts';
import { centsFromWire } from '../rpc/money-wire.ts';
import { localInvoiceEvents } from './local-invoice-events.ts';
import { bury, exhume, lockBookingId } from './tombstones.ts';

export type Intake = {
  /** Does what follows from an event, once. Resolves when that is committed. */
  take(event: Event): Promise<{ duplicate: boolean }>;
  /** Waits for what is still being carried out. */
  settle(): Promise<void>;
};

/** The acknowledgement waits so long for what follows the commit, a refund with the acquirer. */
const AFTER_MS = 700;
const KEPT_MS = 30 * 86_400_000;
const PURGE_EVERY_MS = 3_600_000;

/** Events of the other side, for the context that is here. They come more than once, and in any order. */
export function createIntake(parts: {
  pool: Pool;
  clock: () => Date;
  owns: (aggregate: Aggregate) => Promise<boolean>;
  carryOutRefund: (refundId: string) => Promise<void>;
  logger: Logger;
}): Intake {
  const { pool, clock, owns, carryOutRefund, logger } = parts;
  const underWay = new Set<Promise<unknown>>();
  let purgedAt = clock().getTime();

  const effectOf = (event: Event, client: PoolClient, now: Date): Promise<AfterCommit> => {
    const end = (bookingId: bigint, how: BookingEnd): Promise<AfterCommit> =>
      endBooking(client, String(bookingId), how, now, carryOutRefund);
    const { body } = event;
    switch (body?.$case) {
      case 'bookingPlaced':
        return placeBooking(client, body.value, now);
      case 'bookingCancelled':
        return end(body.value.bookingId, { kind: 'cancelled', fare: fareOf(body.value) });
      case 'holdExpired':
        return end(body.value.bookingId, { kind: 'expired' });
      case 'invoicePaid':
        return payBooking(client, body.value, now);
      case 'bookingChanged':
      case 'invoiceRefunded':
      case 'flightChanged':
        // Nothing here shows what they change: flights are the monolith's own.
        return Promise.resolve(nothingAfter);
      default:
        throw unknownEvent();
    }
  };

  const purge = async (): Promise<void> => {
    if (clock().getTime() - purgedAt < PURGE_EVERY_MS) return;
    purgedAt = clock().getTime();
    const before = isoInstant(plusMs(clock(), -KEPT_MS));
    await pool.query(PURGE_INBOX, [before]);
    // They go with the bookings, and are the owner's.
    if (await owns('booking')) await pool.query(PURGE_CONSENTS, [before]);
  };

  return {
    async take(event) {
      const aggregate = receiverOf(event);
      if (!(await owns(aggregate))) throw notTheOwner(aggregate);
      const taken = await inTransaction(pool, async (client) => {
        const now = clock();
        const { rowCount } = await client.query(RECORD, [event.id, isoInstant(now)]);
        if (rowCount === 0) return { duplicate: true, after: nothingAfter };
        return { duplicate: false, after: await effectOf(event, client, now) };
      });
      const after = taken.after().finally(() => underWay.delete(after));
      underWay.add(after);
      const over = new AbortController();
      await Promise.race([after, pause(AFTER_MS, over.signal)]);
      over.abort();
      // The event is taken, and the owner may have changed since.
      await purge().catch((error) => logger.warn({ err: error }, 'what is old cannot be purged'));
      return { duplicate: taken.duplicate };
    },
    async settle() {
      await Promise.allSettled([...underWay]);
    },
  };
}

/** The aggregate that an event is for. */
function receiverOf({ id, body }: Event): Aggregate {
  if (!UUID.test(id)) throw new RpcRefusal('INVALID_ARGUMENT', 'REQUEST_MALFORMED');
  switch (body?.$case) {
    case 'bookingPlaced':
    case 'bookingChanged':
    case 'bookingCancelled':
    case 'holdExpired':
      return 'billing';
    case 'invoicePaid':
    case 'invoiceRefunded':
    case 'flightChanged':
      return 'booking';
    default:
      throw unknownEvent();
  }
}

function unknownEvent(): RpcRefusal {
  return new RpcRefusal('INVALID_ARGUMENT', 'EVENT_UNKNOWN');
}

/** The invoice of a booking; void from the start where the booking has ended before. */
async function placeBooking(client: PoolClient, placed: BookingPlaced, now: Date): Promise<AfterCommit> {
  const bookingId = String(placed.bookingId);
  await lockBookingId(client, bookingId);
  const known = await client.query('SELECT 1 FROM invoices WHERE booking_id = $1', [bookingId]);
  if (known.rowCount !== 0) return nothingAfter;
  const ended = await exhume(client, bookingId);
  await issueInvoice(client, {
    bookingId,
    accountId: String(placed.accountId),
    currency: placed.total?.currencyCode ?? '',
    billTo: placed.billTo,
    status: ended === undefined ? 'OPEN' : 'VOID',
    price: {
      netCents: centsFromWire(placed.net),
      taxCents: centsFromWire(placed.tax),
      totalCents: centsFromWire(placed.total),
      lines: placed.lines.map(({ description, quantity, unitAmount, amount }) => ({
        description,
        quantity,
        unitCents: centsFromWire(unitAmount),
        amountCents: centsFromWire(amount),
      })),
    },
    issuedAt: required(placed.placedAt),
    dueAt: required(placed.dueAt),
  });
  if (ended === 'cancelled') await queueCancellation(client, bookingId, now);
  return nothingAfter;
}

async function endBooking(
  client: PoolClient,
  bookingId: string,
  end: BookingEnd,
  now: Date,
  carryOutRefund: (refundId: string) => Promise<void>,
): Promise<AfterCommit> {
  await lockBookingId(client, bookingId);
  const refundId = await endInvoice(client, bookingId, end, now);
  if (refundId === undefined) await bury(client, bookingId, end.kind, now);
  return typeof refundId === 'string' ? () => carryOutRefund(refundId) : nothingAfter;
}

/** Not confirmed, but paid: the money has come too late, and the fare has no say in it. */
function fareOf({ wasConfirmed, fareClass, passengerCount }: BookingCancelled) {
  return wasConfirmed ? { fareClass: fareFromWire(fareClass), passengers: passengerCount } : null;
}

/** Confirms a booking that is still held. Of another one its end was told, and billing gives the money back. */
async function payBooking(client: PoolClient, paid: InvoicePaid, now: Date): Promise<AfterCommit> {
  const id = String(paid.bookingId);
  const booking = await localInvoiceEvents.lockBooking(client, id);
  if (booking === null) throw new Error('the booking of a paid invoice is not here');
  if (booking.status !== 'HELD') return nothingAfter;
  const { contactEmail } = booking;
  await confirmBooking(client, { id, contactEmail, invoiceId: String(paid.invoiceId), now });
  return nothingAfter;
}

function required(at: Date | undefined): Date {
  if (!at) throw new RpcRefusal('INVALID_ARGUMENT', 'REQUEST_MALFORMED');
  return at;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const RECORD = 'INSERT INTO seam_inbox (event_id, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING';

const PURGE_INBOX = 'DELETE FROM seam_inbox WHERE received_at < $1';
const PURGE_CONSENTS = 'DELETE FROM seam_consents WHERE granted_at < $1';
