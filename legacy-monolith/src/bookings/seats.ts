import type { PoolClient } from 'pg';
import { Refusal } from '../http/refusal.ts';

export type SeatWish = { passengerId: string; seat: string };

/**
 * Claims seats, all or none: 409 names the first that somebody else has. The table's key decides between two
 * who ask at once; the second waits for the first's transaction and then learns of it.
 */
export async function claimSeats(
  client: PoolClient,
  flightId: string,
  bookingId: string,
  wishes: readonly SeatWish[],
): Promise<void> {
  if (wishes.length === 0) return;
  const { rows } = await client.query<{ seat: string }>(CLAIM, [
    flightId,
    bookingId,
    wishes.map(({ passengerId }) => passengerId),
    wishes.map(({ seat }) => seat),
  ]);
  const claimed = new Set(rows.map(({ seat }) => seat));
  const lost = wishes.find(({ seat }) => !claimed.has(seat));
  if (lost) throw new Refusal('conflict', `Seat ${lost.seat} is taken.`);
}

/** Rows are inserted in the order of the seats, so that two requests never wait for each other in a circle. */
const CLAIM = `
  INSERT INTO seat_claims (flight_id, seat, booking_id, passenger_id)
  SELECT $1::bigint, wish.seat, $2::bigint, wish.passenger_id
  FROM unnest($3::bigint[], $4::text[]) AS wish (passenger_id, seat)
  ORDER BY wish.seat
  ON CONFLICT (flight_id, seat) DO NOTHING
  RETURNING seat`;

export async function releaseSeats(client: PoolClient, passengerIds: readonly string[]): Promise<void> {
  if (passengerIds.length === 0) return;
  await client.query('DELETE FROM seat_claims WHERE passenger_id = ANY($1::bigint[])', [passengerIds]);
}

export async function releaseAllSeats(client: PoolClient, bookingIds: readonly string[]): Promise<void> {
  await client.query('DELETE FROM seat_claims WHERE booking_id = ANY($1::bigint[])', [bookingIds]);
}
