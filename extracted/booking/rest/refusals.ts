import { type Answer, ServiceRefusal } from '@banyan/gateway/carve-out';
import { keyInUse, keyReused } from '@meridian/habits/idempotency-key';
import { Refusal, refusalAnswer, roleForbidden, tooManyExports, unavailable } from '@meridian/habits/refusal';

/** What booking refuses, in the contract's words. The reasons are those that the proto lists. */
const WORDS: Readonly<Record<string, (metadata: Readonly<Record<string, string>>) => Refusal>> = {
  ROLE_FORBIDDEN: () => roleForbidden(),
  BOOKING_NOT_FOUND: () => noSuchBooking(),
  FLIGHT_NOT_FOUND: () => new Refusal('invalid', 'flight_id: no such flight'),
  ACCOUNT_NOT_FOUND: () => new Refusal('invalid', 'account_id: no such account'),
  SEAT_NOT_ON_AIRCRAFT: ({ field, seat }) =>
    new Refusal('invalid', `${field}: this aircraft has no seat ${seat}`),
  SEAT_TAKEN: ({ seat }) => new Refusal('conflict', `Seat ${seat} is taken.`),
  FLIGHT_CLOSED: ({ flight }) => new Refusal('conflict', `Flight ${flight} is closed for booking.`),
  FLIGHT_FULL: ({ flight }) => new Refusal('conflict', `Flight ${flight} is full.`),
  FLIGHT_DEPARTED: ({ flight }) => new Refusal('conflict', `Flight ${flight} has departed.`),
  ALREADY_FINAL: () => new Refusal('conflict', 'Booking is already cancelled.'),
  VERSION_MISMATCH: () => new Refusal('precondition_failed', 'The booking was changed meanwhile.'),
  IDEMPOTENCY_KEY_REUSED: () => keyReused(),
  IDEMPOTENCY_KEY_IN_USE: () => keyInUse(),
  TOO_MANY_STREAMS: () => tooManyExports(),
  DATABASE_UNAVAILABLE: () => unavailable(),
  DEPENDENCY_UNAVAILABLE: () => unavailable(),
};

/** What a booking that is neither held nor confirmed cannot do; differs from operation to operation. */
type Unable = 'cannot be changed' | 'has no itinerary';

/**
 * Runs a handler; what it refuses, or the service does, becomes booking's answer. A refusal without words here is the
 * service's fault, and so the gateway's to answer.
 */
export async function inBookingsWords(handle: () => Promise<Answer>, unable?: Unable): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer('bookings', error);
    if (!(error instanceof ServiceRefusal)) throw error;
    const { reason, metadata } = error;
    if (reason === 'NOT_ACTIVE' && unable !== undefined && metadata.status !== undefined) {
      const message = `Booking is ${metadata.status.toLowerCase()} and ${unable}.`;
      return refusalAnswer('bookings', new Refusal('conflict', message));
    }
    const words = WORDS[reason];
    if (words === undefined) throw error;
    return refusalAnswer('bookings', words(metadata));
  }
}

export function noSuchBooking(): Refusal {
  return new Refusal('not_found', 'No such booking.');
}
