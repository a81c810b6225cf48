import type pg from 'pg';

/** Flights with enough seats, none of them sold, on a day that is ahead whenever this runs. Gives their ids. */
export async function plantFlights(pool: pg.Pool, count: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, status, base_fare, gate,
                          updated_at)
     SELECT 'MA98' || lpad(n::text, 2, '0'), min(code), max(code), '2199-12-01 10:00', '2199-12-01 12:00', 'A320',
            'SCHEDULED', 100, NULL, '2026-11-22 11:00'
     FROM airports, generate_series(1, $1::int) AS n GROUP BY n RETURNING id`,
    [count],
  );
  return rows.map(({ id }) => Number(id));
}
