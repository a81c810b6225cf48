import type pg from 'pg';
import { plantFlights } from '../parity/flights.ts';
import type { Aggregate } from '../parity/sequences.ts';
import type { System } from './system.ts';

/** What is asked of a carve-out again and again, by somebody who may. */
export type Load = {
  readonly as: keyof System['cookies'];
  /** Each answered with 200. The first is the cheapest. */
  readonly reads: readonly string[];
  /** Answered with 201. */
  readonly write: (index: number) => { readonly path: string; readonly body: object };
  /** Rows that the writes made, in the service's database. */
  readonly countWritten: (pool: pg.Pool) => Promise<number>;
};

/** Prepares the monolith's database for a load. */
export const LOADS: Readonly<Record<Aggregate, (pool: pg.Pool) => Promise<Load>>> = {
  billing: async () => ({
    as: 'accountant',
    reads: [
      '/api/v1/invoices/1',
      '/api/v1/invoices?per_page=5',
      '/api/v1/bookings/3/invoice',
      '/api/v1/invoices/1/pdf',
    ],
    write: (index) => ({
      path: '/api/v1/statements',
      body: { month: '2026-10', account_id: 1 + (index % 2) },
    }),
    countWritten: (pool) => count(pool, 'SELECT count(*) FROM billing.statements'),
  }),
  booking: async (pool) => {
    const flights = await plantFlights(pool, 20);
    return {
      as: 'agent',
      reads: ['/api/v1/bookings/1', '/api/v1/bookings?per_page=5', '/api/v1/bookings/1/itinerary.ics'],
      write: (index) => ({
        path: '/api/v1/bookings',
        body: {
          flight_id: flights[index % flights.length],
          passengers: [{ first_name: 'Under', last_name: 'Load' }],
          contact_email: 'a@b.example',
        },
      }),
      countWritten: (own) =>
        count(own, `SELECT count(*) FROM booking.bookings WHERE flight_id IN (${flights.join(',')})`),
    };
  },
};

async function count(pool: pg.Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(sql);
  return Number(rows[0]?.count);
}
