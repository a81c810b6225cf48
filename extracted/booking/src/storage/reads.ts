import type { Database } from '@banyan/service-kit/database';
import type { Account, BookingFilter, BookingReads, SeatChange } from './port.ts';
import {
  type BookingRow,
  FLIGHT_COLUMNS,
  type FlightRow,
  SELECT_BOOKINGS,
  SELECT_SUMMARIES,
  type SummaryRow,
  toBooking,
  toFlight,
  toSummary,
} from './rows.ts';

const CHANNEL = 'seat_claims';
const BATCH_ROWS = 500;

/**
 * What is read, wherever it is: tables of our own, or views of the monolith's that look like them. The schema that
 * unqualified names are looked up in makes the difference.
 */
export function createBookingReads(database: Database): BookingReads {
  return {
    async findBooking(id) {
      const { rows } = await database.query<BookingRow>(`${SELECT_BOOKINGS} WHERE b.id = $1`, [id]);
      return rows[0] ? toBooking(rows[0]) : null;
    },

    async listBookings(filter, { size, skip, afterId }) {
      const { where, values } = conditionsOf(filter);
      const counted = await database.query<{ total: bigint }>(
        `SELECT count(*) AS total FROM bookings b WHERE ${where}`,
        values,
      );
      const start = values.length;
      // The page is cut out by id first: passengers are gathered for its rows, not for all that it skips.
      const { rows } = await database.query<BookingRow>(
        `${SELECT_BOOKINGS}
         WHERE b.id = ANY(ARRAY(SELECT b.id FROM bookings b
                                WHERE ${where} AND ($${start + 1}::bigint IS NULL OR b.id < $${start + 1})
                                ORDER BY b.id DESC LIMIT $${start + 2} OFFSET $${start + 3}))
         ORDER BY b.id DESC`,
        [...values, afterId, size + 1, afterId === null ? skip : 0n],
      );
      // One more than wanted tells whether there is a next page.
      const bookings = rows.slice(0, size).map(toBooking);
      return { bookings, total: counted.rows[0]?.total ?? 0n, more: rows.length > size };
    },

    async *exportBookings(filter, signal) {
      const { where, values } = conditionsOf({ ...filter, flightId: null, status: null });
      const sql = `${SELECT_SUMMARIES} WHERE ${where} ORDER BY b.created_at, b.id`;
      const options = { batchRows: BATCH_ROWS, signal };
      for await (const rows of database.stream<SummaryRow>(sql, values, options)) yield rows.map(toSummary);
    },

    async countBookings(filter) {
      const { where, values } = conditionsOf({ ...filter, flightId: null, status: null });
      const sql = `SELECT count(*)::int AS total FROM bookings b WHERE ${where}`;
      return (await database.query<{ total: number }>(sql, values)).rows[0]?.total ?? 0;
    },

    async takenSeats(flightId) {
      const { rows } = await database.query<{ seat: string }>(TAKEN_SEATS, [flightId]);
      return rows.map(({ seat }) => seat);
    },

    async findFlight(id) {
      const { rows } = await database.query<FlightRow>(
        `SELECT ${FLIGHT_COLUMNS} FROM flights WHERE id = $1`,
        [id],
      );
      return rows[0] ? toFlight(rows[0]) : null;
    },

    async findAccount(id) {
      const { rows } = await database.query<Account>(
        'SELECT id, name, email, role FROM accounts WHERE id = $1',
        [id],
      );
      return rows[0] ?? null;
    },

    followSeats: (onChange) =>
      database.listen(CHANNEL, (payload) => {
        // An empty payload stands for a connection just made; one that is not understood for whatever it was.
        onChange(parseSeatChange(payload));
      }),
  };
}

const TAKEN_SEATS = `
  SELECT seat FROM seat_claims WHERE flight_id = $1 ORDER BY left(seat, -1)::integer, right(seat, 1)`;

function conditionsOf(filter: BookingFilter): { where: string; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (sql: string, value: unknown): void => {
    if (value === null) return;
    values.push(value);
    conditions.push(`${sql} $${values.length}`);
  };
  add('b.account_id =', filter.accountId);
  add('b.status =', filter.status);
  add('b.flight_id =', filter.flightId);
  add('b.created_at >=', filter.createdFrom);
  add('b.created_at <', filter.createdBefore);
  return { where: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}

/** Null for what is no change of ours: anybody with a database session can notify. */
export function parseSeatChange(payload: string): SeatChange | null {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return null; // Which says that something may have been missed.
  }
  const { flight_id, seat, op } = (value ?? {}) as Record<string, unknown>;
  if (typeof flight_id !== 'string' || !/^\d{1,18}$/.test(flight_id)) return null;
  if (typeof seat !== 'string' || !/^[1-9]\d?[A-K]$/.test(seat)) return null;
  return op === 'taken' || op === 'freed'
    ? { flightId: BigInt(flight_id), seat, taken: op === 'taken' }
    : null;
}
