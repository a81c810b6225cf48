import type { Pool } from 'pg';
import { parseWallClock, wallClock } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../http/refusal.ts';
import type { BookingStatus } from './booking.ts';
import type { BookingEventsNow } from './booking-events.ts';
import type { FareClass } from './price.ts';
import { releaseAllSeats } from './seats.ts';

type LockedBooking = {
  status: BookingStatus;
  version: number;
  fare_class: FareClass;
  contact_email: string;
  passengers: number;
  flight_number: string;
  flight_status: string;
  departs_at: string;
};

/**
 * Cancels a booking and frees its seats in one transaction, which billing is told in; `checkVersion` throws the
 * 412. What follows from it has been set going when this returns.
 */
export async function cancelBooking(
  pool: Pool,
  bookingId: string,
  checkVersion: (version: number) => void,
  clock: () => Date,
  events: BookingEventsNow,
): Promise<void> {
  const after = await inTransaction(pool, async (client) => {
    const booking = (await client.query<LockedBooking>(LOCK, [bookingId])).rows[0];
    if (!booking) throw new Error('a booking that was there is gone');
    checkVersion(booking.version);
    const now = clock();
    refuseFinal(booking, now);
    await client.query(CANCEL, [bookingId, wallClock(now)]);
    await releaseAllSeats(client, [bookingId]);
    const { bookingCancelled } = await events();
    return bookingCancelled(client, {
      bookingId,
      fareClass: booking.fare_class,
      passengers: booking.passengers,
      contactEmail: booking.contact_email,
      wasConfirmed: booking.status === 'CONFIRMED',
      at: now,
    });
  });
  await after();
}

function refuseFinal(booking: LockedBooking, now: Date): void {
  if (booking.status === 'CANCELLED' || booking.status === 'EXPIRED') {
    throw new Refusal('conflict', 'Booking is already cancelled.');
  }
  const departed = booking.flight_status === 'DEPARTED' || booking.flight_status === 'ARRIVED';
  if (departed || parseWallClock(booking.departs_at) <= now) {
    throw new Refusal('conflict', `Flight ${booking.flight_number} has departed.`);
  }
}

const LOCK = `
  SELECT b.status, b.version, b.fare_class, b.contact_email,
         (SELECT count(*)::integer FROM passengers p WHERE p.booking_id = b.id) AS passengers,
         f.number AS flight_number, f.status AS flight_status, f.departs_at
  FROM bookings b JOIN flights f ON f.id = b.flight_id
  WHERE b.id = $1
  FOR NO KEY UPDATE OF b`;

const CANCEL = `
  UPDATE bookings
  SET status = 'CANCELLED', hold_expires_at = NULL, updated_at = $2, version = version + 1
  WHERE id = $1`;
