import { Refusal } from '../domain/refusal.ts';
import { type BookingStorage, FlightMissingError } from './port.ts';

/**
 * A storage whose copy of flights fills its own gaps: who meets a flight that is younger than the copy has it fetched
 * and comes again.
 */
export function withMissingFlights(
  storage: BookingStorage,
  /** False when nobody can say. */
  fetchFlight: (id: bigint) => Promise<boolean>,
): BookingStorage {
  // A page may be of many flights; more than this are no gap but a copy that is missing.
  const GAPS_MAX = 10;
  const filling = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let gaps = 0; ; gaps += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof FlightMissingError)) throw error;
        if (gaps === GAPS_MAX || !(await fetchFlight(error.flightId))) {
          throw new Refusal('FACTS_UNAVAILABLE', { cause: error });
        }
      }
    }
  };
  return {
    ...storage,
    findBooking: (id) => filling(() => storage.findBooking(id)),
    listBookings: (filter, page) => filling(() => storage.listBookings(filter, page)),
    write: (work) => filling(() => storage.write(work)),
    async *exportBookings(filter, signal) {
      try {
        yield* storage.exportBookings(filter, signal);
      } catch (error) {
        // Half of it has left: who comes again finds the flight, which is fetched meanwhile.
        if (!(error instanceof FlightMissingError)) throw error;
        await fetchFlight(error.flightId);
        throw new Refusal('FACTS_UNAVAILABLE', { cause: error });
      }
    },
  };
}
