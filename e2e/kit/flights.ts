import type { Database } from './database.ts';

/** A flight of a journey's own: nobody else books, moves or cancels it. */
export type OwnFlight = Readonly<{
  id: number;
  number: string;
  from: string;
  to: string;
  /** YYYY-MM-DD, UTC. */
  date: string;
}>;

/** What a passenger pays for `OWN_FLIGHT_FARE` and 12 % of tax, in each fare class, as pages show it. */
export const TOTALS = { SAVER: '€369.60', CLASSIC: '€462.00', FLEX: '€623.71' } as const;
export type FareClass = keyof typeof TOTALS;
const OWN_FLIGHT_FARE = '412.50';

/** The first column is the window's, the last too; 30 rows. */
const AIRCRAFT = 'A320';

/**
 * London to New York, months ahead, when nothing is closed and the simulator has no news. Each is on a day of its
 * own, so that a search finds it on the first page however many there are.
 */
export async function newFlight(database: Database): Promise<OwnFlight> {
  const row = await database.row<{ id: string; number: string; date: string }>(INSERT, [
    AIRCRAFT,
    OWN_FLIGHT_FARE,
  ]);
  return { id: Number(row.id), number: row.number, from: 'LHR', to: 'JFK', date: row.date };
}

const INSERT = `
  WITH next AS (SELECT nextval(pg_get_serial_sequence('flights', 'id')) AS id),
  day AS (SELECT id, date_trunc('day', now() AT TIME ZONE 'UTC') + (60 + id % 240) * interval '1 day' AS midnight
          FROM next)
  INSERT INTO flights (id, number, origin, destination, departs_at, arrives_at, aircraft, base_fare, updated_at)
  SELECT id, 'MA' || (5000 + id % 5000), 'LHR', 'JFK', midnight + interval '10 hours',
         midnight + interval '18 hours', $1, $2, now() AT TIME ZONE 'UTC'
  FROM day
  RETURNING id, number, to_char(departs_at, 'YYYY-MM-DD') AS date`;
