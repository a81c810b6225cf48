import { wholeSeconds } from '../domain/booking.ts';
import { holdExpired } from '../events/made.ts';
import type { BookingStorage } from '../storage/port.ts';

export type ExpiryParts = {
  readonly storage: BookingStorage;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Brings events that were just committed to their receiver, without waiting for that. */
  readonly tellSoon: (eventIds: readonly string[]) => void;
  readonly batch?: number;
};

const BATCH = 200;

/**
 * Expires holds that are over: booking EXPIRED, its seats free, and billing told. A charge that is under way has had
 * its hold extended before. Works in small transactions; rows that another process is at are skipped, so any number
 * of processes may run it at once. Gives how many.
 */
export async function expireHolds(parts: ExpiryParts, signal: AbortSignal): Promise<number> {
  const { batch = BATCH } = parts;
  let total = 0;
  while (!signal.aborted) {
    const expired = await expireBatch(parts, batch);
    total += expired;
    if (expired < batch) break;
  }
  return total;
}

async function expireBatch(
  { storage, now: clock, newId, tellSoon }: ExpiryParts,
  batch: number,
): Promise<number> {
  const eventIds = await storage.write(async (tx) => {
    const now = clock();
    const ids = await tx.lockOverdue(now, batch);
    if (ids.length === 0) return [];
    await tx.endHold(ids, 'EXPIRED', wholeSeconds(now));
    await tx.releaseAllSeats(ids);
    const events = ids.map((id) => holdExpired({ id: newId(), at: now }, id));
    for (const event of events) await tx.writeEvent(event, now);
    return events.map(({ id }) => id);
  });
  if (eventIds.length > 0) tellSoon(eventIds);
  return eventIds.length;
}
