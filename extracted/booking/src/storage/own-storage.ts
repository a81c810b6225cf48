import type { Database, Queryable, Transaction } from '@banyan/service-kit/database';
import { once } from '@banyan/service-kit/inbox';
import { queueMail } from '@banyan/service-kit/mailer';
import { writeEvent } from '@banyan/service-kit/outbox';
import { writeFlights } from '../directory/flight-rows.ts';
import { NOTICE_KIND } from '../mail/compose-notice.ts';
import type { BookingStorage, BookingTransaction, KeptAnswer, KeyOwner } from './port.ts';
import { createBookingReads } from './reads.ts';
import {
  type BookingRow,
  FLIGHT_COLUMNS,
  type FlightRow,
  SELECT_BOOKINGS,
  toBooking,
  toFlight,
} from './rows.ts';

export type OwnStorageOptions = {
  /** Of the call on behalf of which this runs: whoever takes its events belongs to its trace. */
  readonly traceparent?: () => string | undefined;
};

/** The service's own tables. */
export function createOwnStorage(database: Database, options: OwnStorageOptions = {}): BookingStorage {
  return {
    ...createBookingReads(database),
    findKey: (owner) => findKey(database, owner),
    countActive: async (flightId) =>
      (await database.query<{ total: number }>(COUNT_ACTIVE, [flightId])).rows[0]?.total ?? 0,
    listActive: async (flightId, afterId, rowsMax) =>
      (await database.query<{ id: bigint; contactEmail: string }>(LIST_ACTIVE, [flightId, afterId, rowsMax]))
        .rows,
    write: (work) =>
      database.transaction(async (tx) => {
        // Touches no row and meets the fence all the same: whoever does not own bookings hears it before anything
        // else, and whoever does keeps them until the end of the transaction.
        await tx.query('UPDATE bookings SET version = version WHERE false');
        return work(transactionOf(tx, options));
      }),
  };
}

function transactionOf(tx: Transaction, { traceparent }: OwnStorageOptions): BookingTransaction {
  const readBooking = async (id: bigint) => {
    const { rows } = await tx.query<BookingRow>(`${SELECT_BOOKINGS} WHERE b.id = $1`, [id]);
    return rows[0] ? toBooking(rows[0]) : null;
  };
  return {
    async lockFlight(id) {
      const { rows } = await tx.query<FlightRow>(LOCK_FLIGHT, [id]);
      return rows[0] ? toFlight(rows[0]) : null;
    },
    refreshFlights: (flights, now) => writeFlights(tx, flights, now),
    async countSeated(flightId) {
      return (await tx.query<{ seated: number }>(SEATED, [flightId])).rows[0]?.seated ?? 0;
    },
    async insertBooking({ wanted, accountId, currency, price, holdExpiresAt, now }) {
      const { rows } = await tx.query<{ id: bigint }>(INSERT_BOOKING, [
        accountId,
        wanted.flightId,
        wanted.fareClass,
        wanted.contactEmail,
        wanted.contactPhone,
        wanted.note,
        price.baseMinor,
        price.taxMinor,
        price.totalMinor,
        currency,
        holdExpiresAt,
        now,
      ]);
      return (rows[0] as { id: bigint }).id;
    },
    async insertPassengers(bookingId, passengers) {
      const { rows } = await tx.query<{ id: bigint }>(INSERT_PASSENGERS, [
        bookingId,
        passengers.map(({ title }) => title),
        passengers.map(({ firstName }) => firstName),
        passengers.map(({ lastName }) => lastName),
        passengers.map(({ infant }) => infant),
        passengers.map(({ specialAssistance }) => specialAssistance),
        passengers.map(({ frequentFlyerNumber }) => frequentFlyerNumber),
      ]);
      return rows.map(({ id }) => id);
    },
    async claimSeats(flightId, bookingId, wishes) {
      if (wishes.length === 0) return null;
      const { rows } = await tx.query<{ seat: string }>(CLAIM_SEATS, [
        flightId,
        bookingId,
        wishes.map(({ passengerId }) => passengerId),
        wishes.map(({ seat }) => seat),
      ]);
      const claimed = new Set(rows.map(({ seat }) => seat));
      return wishes.find(({ seat }) => !claimed.has(seat))?.seat ?? null;
    },
    async releaseSeats(passengerIds) {
      if (passengerIds.length === 0) return;
      await tx.query('DELETE FROM seat_claims WHERE passenger_id = ANY($1::bigint[])', [passengerIds]);
    },
    async releaseAllSeats(bookingIds) {
      await tx.query('DELETE FROM seat_claims WHERE booking_id = ANY($1::bigint[])', [bookingIds]);
    },
    readBooking,
    async lockBooking(id) {
      // Two statements: the second sees what whoever had the lock before has committed.
      await tx.query('SELECT FROM bookings WHERE id = $1 FOR NO KEY UPDATE', [id]);
      return readBooking(id);
    },
    async updateBooking(id, { email, phone, note }, now) {
      await tx.query(UPDATE_BOOKING, [id, email, phone, note, now]);
    },
    async updatePassenger({ id, specialAssistance, frequentFlyerNumber }) {
      await tx.query(UPDATE_PASSENGER, [id, specialAssistance, frequentFlyerNumber]);
    },
    async endHold(ids, status, now) {
      await tx.query(END_HOLD, [ids, status, now]);
    },
    async extendHold(id, until, now) {
      await tx.query(EXTEND_HOLD, [id, until, now]);
    },
    async lockOverdue(now, batch) {
      return (await tx.query<{ id: bigint }>(LOCK_OVERDUE, [now, batch])).rows.map(({ id }) => id);
    },
    async tryLockKey({ accountId, operation, key }) {
      const name = `${accountId} ${operation} ${key}`;
      const { rows } = await tx.query<{ had: boolean }>(TRY_LOCK_KEY, [name]);
      return rows[0]?.had === true;
    },
    findKey: (owner) => findKey(tx, owner),
    async keepAnswer({ accountId, operation, key }, { requestHash, bookingId, answer }, now) {
      await tx.query(KEEP_ANSWER, [accountId, operation, key, requestHash, bookingId, answer, now]);
    },
    async findConsent(bookingId, paymentKey) {
      const { rows } = await tx.query<{ until: Date }>(FIND_CONSENT, [bookingId, paymentKey]);
      return rows[0]?.until ?? null;
    },
    async noteConsent(bookingId, paymentKey, holdExpiresAt, now) {
      await tx.query(NOTE_CONSENT, [bookingId, paymentKey, holdExpiresAt, now]);
    },
    writeEvent: (event, now) => writeEvent(tx, event, now, traceparent?.()),
    once: (eventId, effect) => once(tx, eventId, effect),
    queueTicketMail: (bookingId, recipient, now) =>
      queueMail(tx, {
        messageId: `<e-ticket-${bookingId}@meridian.example>`,
        kind: 'E_TICKET',
        recipient,
        data: { booking_id: String(bookingId) },
        now,
      }),
    queueNotice: ({ messageId, bookingId, recipient, subject, text }, now) =>
      queueMail(tx, {
        messageId,
        kind: NOTICE_KIND,
        recipient,
        data: { booking_id: String(bookingId), subject, text },
        now,
      }),
  };
}

const ACTIVE = "flight_id = $1 AND status IN ('HELD', 'CONFIRMED')";

const COUNT_ACTIVE = `SELECT count(*)::int AS total FROM bookings WHERE ${ACTIVE}`;

const LIST_ACTIVE = `
  SELECT id, contact_email AS "contactEmail" FROM bookings WHERE ${ACTIVE} AND id > $2 ORDER BY id LIMIT $3`;

async function findKey(db: Queryable, { accountId, operation, key }: KeyOwner): Promise<KeptAnswer | null> {
  return (await db.query<KeptAnswer>(FIND_KEY, [accountId, operation, key])).rows[0] ?? null;
}

/** Locks out others who book on it, and nobody who reads. */
const LOCK_FLIGHT = `SELECT ${FLIGHT_COLUMNS} FROM flights WHERE id = $1 FOR NO KEY UPDATE`;

const SEATED = `
  SELECT count(*)::integer AS seated
  FROM bookings b JOIN passengers p ON p.booking_id = b.id
  WHERE b.flight_id = $1 AND b.status IN ('HELD', 'CONFIRMED') AND NOT p.infant`;

const INSERT_BOOKING = `
  INSERT INTO bookings (account_id, flight_id, fare_class, status, contact_email, contact_phone, note,
                        base_minor, tax_minor, total_minor, currency, hold_expires_at, created_at, updated_at)
  VALUES ($1, $2, $3, 'HELD', $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
  RETURNING id`;

const INSERT_PASSENGERS = `
  WITH inserted AS (
    INSERT INTO passengers (booking_id, position, title, first_name, last_name, infant, special_assistance,
                            frequent_flyer_number)
    SELECT $1::bigint, p.position, p.title, p.first_name, p.last_name, p.infant, p.special_assistance,
           p.frequent_flyer_number
    FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::text[]) WITH ORDINALITY
      AS p (title, first_name, last_name, infant, special_assistance, frequent_flyer_number, position)
    ORDER BY p.position
    RETURNING id, position)
  SELECT id FROM inserted ORDER BY position`;

/** Rows are inserted in the order of the seats, so that two requests never wait for each other in a circle. */
const CLAIM_SEATS = `
  INSERT INTO seat_claims (flight_id, seat, booking_id, passenger_id)
  SELECT $1::bigint, wish.seat, $2::bigint, wish.passenger_id
  FROM unnest($3::bigint[], $4::text[]) AS wish (passenger_id, seat)
  ORDER BY wish.seat
  ON CONFLICT (flight_id, seat) DO NOTHING
  RETURNING seat`;

const UPDATE_BOOKING = `
  UPDATE bookings
  SET contact_email = $2, contact_phone = $3, note = $4, updated_at = $5, version = version + 1
  WHERE id = $1`;

const UPDATE_PASSENGER = `
  UPDATE passengers SET special_assistance = $2, frequent_flyer_number = $3 WHERE id = $1`;

const END_HOLD = `
  UPDATE bookings
  SET status = $2, hold_expires_at = NULL, updated_at = $3, version = version + 1
  WHERE id = ANY($1::bigint[])`;

/** Shown in the booking, so it is a new version of it. */
const EXTEND_HOLD = `
  UPDATE bookings SET hold_expires_at = $2, updated_at = $3, version = version + 1 WHERE id = $1`;

/**
 * Whose payment was begun waits for a day to hear of it: news of money may be late, as when Redis is away, and a seat
 * that is paid for is not to be sold again.
 */
const LOCK_OVERDUE = `
  SELECT id FROM bookings b
  WHERE status = 'HELD' AND hold_expires_at <= $1
    AND NOT EXISTS (SELECT 1 FROM begun_payments p
                    WHERE p.booking_id = b.id AND p.begun_at > $1::timestamptz - interval '1 day')
  ORDER BY hold_expires_at, id
  LIMIT $2
  FOR NO KEY UPDATE SKIP LOCKED`;

const TRY_LOCK_KEY = `SELECT pg_try_advisory_xact_lock(hashtextextended('booking key ' || $1, 0)) AS had`;

const FIND_KEY = `
  SELECT request_hash AS "requestHash", booking_id AS "bookingId", answer
  FROM idempotency_keys WHERE account_id = $1 AND operation = $2 AND key = $3`;

const KEEP_ANSWER = `
  INSERT INTO idempotency_keys (account_id, operation, key, request_hash, booking_id, answer, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const FIND_CONSENT = `
  SELECT hold_expires_at AS until FROM begun_payments WHERE booking_id = $1 AND payment_key = $2`;

const NOTE_CONSENT = `
  INSERT INTO begun_payments (booking_id, payment_key, hold_expires_at, begun_at) VALUES ($1, $2, $3, $4)`;
