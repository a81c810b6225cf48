import type { PoolClient } from 'pg';
import { parseWallClock, plusMs, wallClock } from '../clock.ts';

/** A charge takes a moment; the hold must not run out under it. */
const HOLD_LEFT_MS = 15 * 60_000;

export type Hold = { status: string; hold_expires_at: string | null };

/** Locks a booking and gives its hold; undefined where there is no such booking. */
export async function lockHold(client: PoolClient, bookingId: string): Promise<Hold | undefined> {
  return (await client.query<Hold>(LOCK, [bookingId])).rows[0];
}

export function isHeld(hold: Hold, now: Date): hold is { status: 'HELD'; hold_expires_at: string } {
  return (
    hold.status === 'HELD' && hold.hold_expires_at !== null && parseWallClock(hold.hold_expires_at) > now
  );
}

/** Makes a hold last long enough for a charge; gives its end. */
export async function extendHold(
  client: PoolClient,
  bookingId: string,
  hold: { hold_expires_at: string },
  now: Date,
): Promise<string> {
  const until = plusMs(now, HOLD_LEFT_MS);
  if (parseWallClock(hold.hold_expires_at) >= until) return hold.hold_expires_at;
  await client.query(EXTEND, [bookingId, wallClock(until), wallClock(now)]);
  return wallClock(until);
}

const LOCK = 'SELECT status, hold_expires_at FROM bookings WHERE id = $1 FOR NO KEY UPDATE';

/** Shown in the booking, so it is a new version of it. */
const EXTEND = `
  UPDATE bookings SET hold_expires_at = $2, updated_at = $3, version = version + 1 WHERE id = $1`;
