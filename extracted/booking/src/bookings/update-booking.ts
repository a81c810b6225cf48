import { requireActive, requireVersion, wholeSeconds } from '../domain/booking.ts';
import { type BookingChange, effectOf } from '../domain/booking-change.ts';
import { Refusal } from '../domain/refusal.ts';
import { bookingChanged } from '../events/made.ts';
import type { BookingTransaction, SeatWish } from '../storage/port.ts';
import type { BookingParts } from './parts.ts';
import { type Answered, answerOnce, type Done, type RequestKey } from './request-key.ts';

export type Update = {
  readonly bookingId: bigint;
  readonly change: BookingChange;
  /** Null: whatever it is. */
  readonly expectedVersion: number | null;
  readonly requestKey: RequestKey | null;
};

/** Carries out a change that breaks no rule. Where nothing changes, nothing is written. */
export async function updateBooking(
  { storage, tell, now: clock, newId }: BookingParts,
  { bookingId, change, expectedVersion, requestKey }: Update,
  signal: AbortSignal,
): Promise<Answered> {
  const update = async (tx: BookingTransaction): Promise<Done> => {
    const before = await tx.lockBooking(bookingId);
    if (!before) throw new Error('a booking that was there is gone');
    requireVersion(before, expectedVersion);
    requireActive(before);
    const effect = effectOf(change, before);
    if (effect === null) return { booking: before, eventId: null };
    for (const passenger of effect.changed) await tx.updatePassenger(passenger);
    // All that move get up before anybody sits down, so that two of them may swap.
    await tx.releaseSeats(effect.moved.map(({ passengerId }) => passengerId));
    const wishes = effect.moved.filter((each): each is SeatWish => each.seat !== null);
    const lost = await tx.claimSeats(before.flight.id, bookingId, wishes);
    if (lost !== null) throw new Refusal('SEAT_TAKEN', { metadata: { seat: lost } });
    const now = clock();
    await tx.updateBooking(bookingId, effect.contact, wholeSeconds(now));
    const after = await tx.readBooking(bookingId);
    if (!after) throw new Error('a booking that was just written is gone');
    const id = newId();
    await tx.writeEvent(bookingChanged({ id, at: now }, after), now);
    return { booking: after, eventId: id };
  };
  const { answered, eventId } = await storage().write((tx) =>
    answerOnce(tx, requestKey, clock, () => update(tx)),
  );
  if (eventId !== null) await tell([eventId], signal);
  return answered;
}
