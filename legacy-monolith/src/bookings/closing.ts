import { parseWallClock, plusMs } from '../clock.ts';

/** Booking closes so long before departure. */
const CLOSING_MS = 60 * 60_000;
const CLOSED_STATUSES = ['DEPARTED', 'ARRIVED', 'CANCELLED'];

export function isClosedForBooking(flight: { status: string; departs_at: string }, now: Date): boolean {
  const closesAt = plusMs(parseWallClock(flight.departs_at), -CLOSING_MS);
  return CLOSED_STATUSES.includes(flight.status) || now > closesAt;
}
