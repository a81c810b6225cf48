import type { Request } from 'express';
import type { Pool, PoolClient } from 'pg';
import { isoInstant, plusMs } from '../clock.ts';
import { Refusal } from '../http/refusal.ts';
import type { NewPassenger } from './new-booking.ts';
import { bookingReference } from './reference.ts';

/**
 * The form of this site that asks for a booking on a flight. Its id stays the same from the form's first showing
 * on, however often it is loaded and sent, and the booking is made once. `accountId` is who sends it.
 */
export type BookingForm = { id: string; accountId: string; flightId: string };

/** How the site's own script says which form its call comes from. Other clients send none. */
export const FORM_ID_HEADER = 'X-Form-Id';
const FORM_ID = /^[\w.-]{1,64}$/;

/** Far longer than a form is taken after it was shown, or an old one could be sent a second time. */
const KEPT_MS = 24 * 3_600_000;

/** The form's id of a call, null where there is none, or the 400. */
export function formIdOf(req: Request): string | null {
  const id = req.get(FORM_ID_HEADER);
  if (id === undefined) return null;
  if (!FORM_ID.test(id)) throw new Refusal('bad_request', `${FORM_ID_HEADER} is not valid.`);
  return id;
}

/**
 * Takes a form for the booking that this transaction is about to make: null, or the booking that it has made
 * before. While another transaction has the form, this one waits for its end.
 */
export async function takeForm(client: PoolClient, form: BookingForm, now: Date): Promise<string | null> {
  const taken = await client.query(TAKE, [...keyOf(form), isoInstant(now)]);
  return taken.rowCount === 1 ? null : bookingOfForm(client, form);
}

export async function noteBooking(client: PoolClient, form: BookingForm, bookingId: string): Promise<void> {
  await client.query(NOTE, [...keyOf(form), bookingId]);
}

/** Notes which booking a form has made elsewhere. */
export async function rememberBooking(
  pool: Pool,
  form: BookingForm,
  bookingId: string,
  now: Date,
): Promise<void> {
  await pool.query(REMEMBER, [...keyOf(form), isoInstant(now), bookingId]);
}

/** The booking that a form has made, or null; of what is no id of a form, null. */
export async function bookingOfForm(db: Pool | PoolClient, form: BookingForm): Promise<string | null> {
  if (!FORM_ID.test(form.id)) return null;
  const { rows } = await db.query<{ booking_id: string }>(READ, keyOf(form));
  return rows[0]?.booking_id ?? null;
}

/**
 * The 409 of a form that is sent again for other people: who has it open in two tabs wants two bookings, and must
 * not take the first for the second.
 */
export async function refuseOthers(
  client: PoolClient,
  bookingId: string,
  passengers: readonly NewPassenger[],
): Promise<void> {
  const { rows } = await client.query<{ first_name: string; last_name: string }>(NAMES, [bookingId]);
  refuseUnlessSame(bookingId, rows, passengers);
}

/** As `refuseOthers`, of those who are booked. */
export function refuseUnlessSame(
  bookingId: string,
  passengersBooked: readonly { first_name: string; last_name: string }[],
  passengers: readonly NewPassenger[],
): void {
  const booked = passengersBooked.map((row) => nameOf(row.first_name, row.last_name));
  const wanted = passengers.map(({ firstName, lastName }) => nameOf(firstName, lastName));
  if (booked.join('\n') === wanted.join('\n')) return;
  const reference = bookingReference(bookingId);
  throw new Refusal('conflict', `This form has already made booking ${reference}, for other passengers.`);
}

/** Deletes what is too old to come again; for the nightly job. Gives how many. */
export async function purgeBookingForms(pool: Pool, now: Date, batch: number): Promise<number> {
  const before = isoInstant(plusMs(now, -KEPT_MS));
  return (await pool.query(PURGE, [before, batch])).rowCount ?? 0;
}

function keyOf({ accountId, flightId, id }: BookingForm): string[] {
  return [accountId, flightId, id];
}

function nameOf(first: string, last: string): string {
  return `${first.trim()} ${last.trim()}`.toLowerCase();
}

const TAKE = `
  INSERT INTO booking_forms (account_id, flight_id, form_id, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id, flight_id, form_id) DO NOTHING`;

const REMEMBER = `
  INSERT INTO booking_forms (account_id, flight_id, form_id, created_at, booking_id) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, flight_id, form_id) DO NOTHING`;

const BY_KEY = 'account_id = $1 AND flight_id = $2 AND form_id = $3';
const NOTE = `UPDATE booking_forms SET booking_id = $4 WHERE ${BY_KEY}`;
const READ = `SELECT booking_id FROM booking_forms WHERE ${BY_KEY}`;

const NAMES = 'SELECT first_name, last_name FROM passengers WHERE booking_id = $1 ORDER BY position';

const PURGE = `
  DELETE FROM booking_forms
  WHERE ctid IN (SELECT ctid FROM booking_forms WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
