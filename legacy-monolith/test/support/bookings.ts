import type { TestMonolith } from './monolith.ts';

export type FlightFacts = { id: number; number: string; freeSeats: string[]; aircraft: string };

/** A flight of the seed that takes bookings, with seats that nobody has. */
export async function openFlight({ monolith }: TestMonolith): Promise<FlightFacts> {
  const { rows } = await monolith.pool.query(`
    SELECT f.id, f.number, f.aircraft, t.rows, t.columns,
           ARRAY(SELECT seat FROM seat_claims c WHERE c.flight_id = f.id) AS taken
    FROM flights f JOIN aircraft_types t ON t.code = f.aircraft
    WHERE f.departs_at > '2026-11-24' AND f.status = 'SCHEDULED' ORDER BY f.id LIMIT 1`);
  const { id, number, aircraft, rows: rowCount, columns, taken } = rows[0];
  const all = Array.from({ length: rowCount }, (_, row) =>
    [...columns].map((column) => `${row + 1}${column}`),
  ).flat();
  return { id: Number(id), number, aircraft, freeSeats: all.filter((seat) => !taken.includes(seat)) };
}

export function newBooking(flightId: number, seat: string | null = null, more: object = {}): object {
  return {
    flight_id: flightId,
    passengers: [{ first_name: 'Ann', last_name: 'Lee', seat }],
    contact_email: 'ann@example.com',
    ...more,
  };
}

/** A charge of a booking's invoice whose outcome nobody knows yet. */
export async function beginPayment({ monolith }: TestMonolith, bookingId: number | string): Promise<void> {
  await monolith.pool.query(
    `INSERT INTO payments (invoice_id, idempotency_key, result, amount, currency, card_brand, card_last4, created_at, updated_at)
     SELECT id, 'pending-' || id, 'PENDING', total, currency, 'VISA', '4242', issued_at, issued_at
     FROM invoices WHERE booking_id = $1`,
    [bookingId],
  );
}
