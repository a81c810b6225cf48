import type { Pool } from 'pg';
import { requiredSeatMap } from '../flights/flight-queries.ts';
import type { FlightSeats } from './room.ts';

/** Reads a flight's cabin and taken seats for the live map; throws the 404. */
export function createSeatsOf(pool: Pool): (flightId: string) => Promise<FlightSeats> {
  return async (flightId) => {
    const { rows, columns, taken } = await requiredSeatMap(pool, flightId);
    return { cabin: { rows, columns }, taken };
  };
}
