import { wholeSeconds } from '../domain/booking.ts';
import { holdExpired } from '../events/made.ts';
import type { BookingStorage } from '../storage/port.ts';

export type ExpiryParts = {
  readonly storage: BookingStorage;
  readonly now: () => Date;
  readonly newId: () => string;
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

function expireBatch({ storage, now: clock, newId }: ExpiryParts, batch: number): Promise<number> {
  return storage.write(async (tx) => {
    const now = clock();
    const ids = await tx.lockOverdue(now, batch);
    if (ids.length === 0) return 0;
    await tx.endHold(ids, 'EXPIRED', wholeSeconds(now));
    await tx.releaseAllSeats(ids);
    for (const id of ids) await tx.writeEvent(holdExpired({ id: newId(), at: now }, id), now);
    return ids.length;
  });
}
