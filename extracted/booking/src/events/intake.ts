import type { Event } from '@banyan/contracts/events/v1/events';
import { wholeSeconds } from '../domain/booking.ts';
import type { Flight } from '../domain/flight.ts';
import { Refusal } from '../domain/refusal.ts';
import type { BookingStorage, BookingTransaction } from '../storage/port.ts';

export type IntakeParts = {
  /** The service's own, or NOT_THE_OWNER: an event must not count as done by who may not do it. */
  readonly storage: () => BookingStorage;
  /** The flight as the directory knows it. Throws while it is away. */
  readonly fetchFlight: (id: bigint) => Promise<Flight | null>;
  readonly now: () => Date;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Takes an event: its effect and the record of it are one transaction. Events come again and in any order; each
 * effect looks at the state it meets. Nothing is committed once `signal` is aborted: somebody else may have the event.
 */
export async function takeEvent(
  parts: IntakeParts,
  event: Event | undefined,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ duplicate: boolean }> {
  if (!event?.body || !UUID.test(event.id)) throw new Refusal('EVENT_MALFORMED');
  const storage = parts.storage();
  const effect = await effectOfEvent(parts, storage, event.body);
  return storage.write(async (tx) => {
    const taken = await tx.once(event.id, () => effect(tx));
    signal?.throwIfAborted();
    return taken;
  });
}

type Effect = (tx: BookingTransaction) => Promise<void>;

async function effectOfEvent(
  parts: IntakeParts,
  storage: BookingStorage,
  body: NonNullable<Event['body']>,
): Promise<Effect> {
  switch (body.$case) {
    case 'invoicePaid':
      return (tx) => confirm(tx, body.value.bookingId, parts.now());
    case 'invoiceRefunded':
      // A booking does not show what was given back of its price.
      return async () => {};
    case 'flightChanged': {
      const { flightId, revision } = body.value;
      const copied = await storage.findFlight(flightId);
      if (copied !== null && copied.revision >= revision) return async () => {};
      const flight = await parts.fetchFlight(flightId);
      return (tx) => tx.refreshFlights(flight === null ? [] : [flight], parts.now());
    }
    case 'bookingPlaced':
    case 'bookingChanged':
    case 'bookingCancelled':
    case 'holdExpired':
      // Booking's own, which it tells and is not told.
      throw new Refusal('EVENT_MALFORMED');
    default:
      return body satisfies never;
  }
}

/** A booking that is held no longer stays as it is; billing gives the money back when it hears of that. */
async function confirm(tx: BookingTransaction, bookingId: bigint, now: Date): Promise<void> {
  const booking = await tx.lockBooking(bookingId);
  if (!booking) throw new Refusal('BOOKING_NOT_FOUND');
  if (booking.status !== 'HELD') return;
  await tx.endHold([bookingId], 'CONFIRMED', wholeSeconds(now));
  await tx.queueTicketMail(bookingId, booking.contactEmail, now);
}
