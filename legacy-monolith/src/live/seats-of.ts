import type { Border } from '../border.ts';
import type { FlightSeats } from './room.ts';

/** Reads a flight's cabin and taken seats for the live map; throws the 404. */
export function createSeatsOf({
  seatMapOf,
}: Pick<Border, 'seatMapOf'>): (id: string) => Promise<FlightSeats> {
  return async (flightId) => {
    const { rows, columns, taken } = await seatMapOf(flightId);
    return { cabin: { rows, columns }, taken };
  };
}
