import type { Pool, PoolClient } from 'pg';
import { wallClock } from '../clock.ts';
import { inTransaction, nothingAfter } from '../db/transaction.ts';
import { Refusal } from '../http/refusal.ts';
import type { BookingStatus } from './booking.ts';
import type { BookingChange, PassengerChange } from './booking-change.ts';
import type { BookingEventsNow } from './booking-events.ts';
import type { YesNo } from './field-rules.ts';
import { claimSeats, releaseSeats } from './seats.ts';

type LockedBooking = {
  flight_id: string;
  status: BookingStatus;
  version: number;
  contact_email: string;
  contact_phone: string | null;
  note: string | null;
};

type PassengerState = {
  id: string;
  seat: string | null;
  special_assistance: YesNo;
  frequent_flyer_no: string | null;
};

/** Carries a change out; `checkVersion` throws the 412. Where nothing changes, nothing is written. */
export async function updateBooking(
  pool: Pool,
  bookingId: string,
  change: BookingChange,
  checkVersion: (version: number) => void,
  clock: () => Date,
  events: BookingEventsNow,
): Promise<void> {
  const after = await inTransaction(pool, async (client) => {
    const booking = (await client.query<LockedBooking>(LOCK, [bookingId])).rows[0];
    if (!booking) throw new Error('a booking that was there is gone');
    checkVersion(booking.version);
    if (booking.status !== 'HELD' && booking.status !== 'CONFIRMED') {
      throw new Refusal('conflict', `Booking is ${booking.status.toLowerCase()} and cannot be changed.`);
    }
    const passengersChanged = await updatePassengers(client, booking.flight_id, bookingId, change.passengers);
    const next = {
      contact_email: change.contactEmail ?? booking.contact_email,
      contact_phone: change.contactPhone === undefined ? booking.contact_phone : change.contactPhone,
      note: change.note === undefined ? booking.note : change.note,
    };
    const contactChanged =
      next.contact_email !== booking.contact_email ||
      next.contact_phone !== booking.contact_phone ||
      next.note !== booking.note;
    if (!passengersChanged && !contactChanged) return nothingAfter;
    const now = clock();
    await client.query(UPDATE, [
      bookingId,
      next.contact_email,
      next.contact_phone,
      next.note,
      wallClock(now),
    ]);
    const { bookingChanged } = await events();
    return bookingChanged(client, { bookingId, version: booking.version + 1, at: now });
  });
  await after();
}

const LOCK = `
  SELECT flight_id, status, version, contact_email, contact_phone, note
  FROM bookings WHERE id = $1 FOR NO KEY UPDATE`;

const UPDATE = `
  UPDATE bookings
  SET contact_email = $2, contact_phone = $3, note = $4, updated_at = $5, version = version + 1
  WHERE id = $1`;

async function updatePassengers(
  client: PoolClient,
  flightId: string,
  bookingId: string,
  changes: readonly PassengerChange[],
): Promise<boolean> {
  if (changes.length === 0) return false;
  const { rows } = await client.query<PassengerState>(PASSENGERS, [bookingId]);
  const states = new Map(rows.map((row) => [row.id, row]));
  const moved: { passengerId: string; seat: string | null }[] = [];
  let changed = false;
  for (const change of changes) {
    const state = states.get(change.id);
    if (!state) throw new Error('a passenger that was there is gone');
    if (change.seat !== undefined && change.seat !== state.seat) {
      moved.push({ passengerId: change.id, seat: change.seat });
    }
    const assistance = change.specialAssistance ?? state.special_assistance;
    const flyerNo = change.frequentFlyerNo === undefined ? state.frequent_flyer_no : change.frequentFlyerNo;
    if (assistance !== state.special_assistance || flyerNo !== state.frequent_flyer_no) {
      await client.query(UPDATE_PASSENGER, [change.id, assistance, flyerNo]);
      changed = true;
    }
  }
  // All that move get up before anybody sits down, so that two of them may swap.
  const movedIds = moved.map(({ passengerId }) => passengerId);
  await releaseSeats(client, movedIds);
  await claimSeats(
    client,
    flightId,
    bookingId,
    moved.flatMap(({ passengerId, seat }) => (seat === null ? [] : [{ passengerId, seat }])),
  );
  return changed || moved.length > 0;
}

const PASSENGERS = `
  SELECT p.id, s.seat, p.special_assistance, p.frequent_flyer_no
  FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
  WHERE p.booking_id = $1`;

const UPDATE_PASSENGER =
  'UPDATE passengers SET special_assistance = $2, frequent_flyer_no = $3 WHERE id = $1';
