import type { Booking } from '../domain/booking.ts';
import { bookingReference } from '../domain/reference.ts';
import { Refusal } from '../domain/refusal.ts';
import type { BookingTransaction, KeptAnswer, KeyOwner } from '../storage/port.ts';

/** A key that the client gave to its request, and what tells this request from others. */
export type RequestKey = KeyOwner & {
  readonly requestHash: Buffer;
  /** What is kept of the answer. */
  readonly encode: (booking: Booking) => Buffer;
};

/** What a write has done, and the event that tells of it; null where there is nothing to tell. */
export type Done = { readonly booking: Booking; readonly eventId: string | null };

export type Answered =
  | { readonly kind: 'done'; readonly booking: Booking }
  /** The answer to the same request, made before. */
  | { readonly kind: 'known'; readonly answer: Buffer };

/**
 * Does `work` unless the same request was answered before, and keeps its answer in the same transaction. What is
 * refused keeps nothing: its key stays free.
 */
export async function answerOnce(
  tx: BookingTransaction,
  requestKey: RequestKey | null,
  now: () => Date,
  work: () => Promise<Done>,
): Promise<{ readonly answered: Answered; readonly eventId: string | null }> {
  if (requestKey !== null) {
    if (!(await tx.tryLockKey(requestKey))) throw new Refusal('IDEMPOTENCY_KEY_IN_USE');
    const known = knownAnswer(requestKey, await tx.findKey(requestKey));
    if (known !== null) return { answered: { kind: 'known', answer: known }, eventId: null };
  }
  const { booking, eventId } = await work();
  if (requestKey !== null) {
    const { requestHash, encode } = requestKey;
    const kept = { requestHash, bookingId: booking.id, answer: encode(booking) };
    await tx.keepAnswer(requestKey, kept, now());
  }
  return { answered: { kind: 'done', booking }, eventId };
}

/** Null for a key that is new. */
export function knownAnswer(
  { requestHash }: Pick<RequestKey, 'requestHash'>,
  known: KeptAnswer | null,
): Buffer | null {
  if (known === null || known.requestHash.equals(requestHash)) return known?.answer ?? null;
  throw new Refusal('IDEMPOTENCY_KEY_REUSED', {
    metadata: { booking_id: String(known.bookingId), reference: bookingReference(known.bookingId) },
  });
}
