import { requireCancellable, requireVersion, wholeSeconds } from '../domain/booking.ts';
import { bookingCancelled } from '../events/made.ts';
import type { BookingTransaction } from '../storage/port.ts';
import type { BookingParts } from './parts.ts';
import { type Answered, answerOnce, type Done, type RequestKey } from './request-key.ts';

export type Cancellation = {
  readonly bookingId: bigint;
  /** Null: whatever it is. */
  readonly expectedVersion: number | null;
  readonly requestKey: RequestKey | null;
};

/**
 * Cancels a booking and frees its seats. What becomes of its invoice and its money is billing's to do, whom this
 * tells.
 */
export async function cancelBooking(
  { storage, tell, now: clock, newId }: BookingParts,
  { bookingId, expectedVersion, requestKey }: Cancellation,
  signal: AbortSignal,
): Promise<Answered> {
  const cancel = async (tx: BookingTransaction): Promise<Done> => {
    const before = await tx.lockBooking(bookingId);
    if (!before) throw new Error('a booking that was there is gone');
    requireVersion(before, expectedVersion);
    const now = clock();
    // The copy may be a second behind a departure ahead of time; one on time it knows by the clock.
    requireCancellable(before, now);
    await tx.endHold([bookingId], 'CANCELLED', wholeSeconds(now));
    await tx.releaseAllSeats([bookingId]);
    const id = newId();
    await tx.writeEvent(bookingCancelled({ id, at: now }, before), now);
    const after = await tx.readBooking(bookingId);
    if (!after) throw new Error('a booking that was just written is gone');
    return { booking: after, eventId: id };
  };
  const { answered, eventId } = await storage().write((tx) =>
    answerOnce(tx, requestKey, clock, () => cancel(tx)),
  );
  if (eventId !== null) await tell([eventId], signal);
  return answered;
}
