import { type Booking, requireActive, requireVersion, wholeSeconds } from '../domain/booking.ts';
import { type BookingChange, effectOf } from '../domain/booking-change.ts';
import { Refusal } from '../domain/refusal.ts';
import { bookingChanged } from '../events/made.ts';
import type { SeatWish } from '../storage/port.ts';
import type { BookingParts } from './parts.ts';

/** Carries out a change that breaks no rule. Where nothing changes, nothing is written. */
export async function updateBooking(
  { storage, tell, now: clock, newId }: BookingParts,
  bookingId: bigint,
  change: BookingChange,
  expectedVersion: number | null,
  signal: AbortSignal,
): Promise<Booking> {
  const { booking, eventId } = await storage().write(async (tx) => {
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
  });
  if (eventId !== null) await tell([eventId], signal);
  return booking;
}
