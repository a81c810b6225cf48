import type { Caller } from '../domain/access.ts';
import { HOLD_MS, plusMs, wholeSeconds } from '../domain/booking.ts';
import { capacityOf, type Flight, isClosedForBooking } from '../domain/flight.ts';
import { checkNewBooking, type NewBooking, type WantedBooking } from '../domain/new-booking.ts';
import { priceOf } from '../domain/price.ts';
import { Refusal, refusalOfFaults } from '../domain/refusal.ts';
import { bookingPlaced } from '../events/made.ts';
import type { BookingTransaction, SeatWish } from '../storage/port.ts';
import type { BookingParts } from './parts.ts';
import { type Answered, answerOnce, type Done, type RequestKey } from './request-key.ts';

/** Booking, passengers, seat claims and the news of it in one transaction. */
export async function createBooking(
  parts: BookingParts,
  caller: Caller,
  wanted: WantedBooking,
  requestKey: RequestKey | null,
  signal: AbortSignal,
): Promise<Answered> {
  const storage = parts.storage();
  const flight = await parts.facts.flight(wanted.flightId);
  if (flight === null) throw refusalOfFaults([{ field: 'flight_id', rule: 'not_found' }]);
  const accountId = wanted.accountId ?? caller.accountId;
  const billTo = await nameOf(parts, caller, wanted.accountId);
  const booking = checkNewBooking(wanted, {
    seating: { cabin: flight.cabin, aircraft: flight.aircraft },
    isAccountKnown: billTo !== null,
  });
  const { answered, eventId } = await storage.write((tx) =>
    answerOnce(tx, requestKey, parts.now, () =>
      book(tx, parts, { wanted: booking, accountId, billTo: billTo ?? caller.name, flight }),
    ),
  );
  if (eventId !== null) await parts.tell([eventId], signal);
  return answered;
}

/** The name that is billed; null for an account that is none. */
async function nameOf(
  { facts }: BookingParts,
  caller: Caller,
  wantedAccountId: bigint | null,
): Promise<string | null> {
  if (wantedAccountId !== null) return (await facts.account(wantedAccountId))?.name ?? null;
  try {
    return (await facts.account(caller.accountId))?.name ?? caller.name;
  } catch (error) {
    // The caller's own name is in its identity, at most a minute old.
    if (error instanceof Refusal) return caller.name;
    throw error;
  }
}

type Order = {
  readonly wanted: NewBooking;
  readonly accountId: bigint;
  readonly billTo: string;
  readonly flight: Flight;
};

async function book(
  tx: BookingTransaction,
  { now: clock, newId }: BookingParts,
  { wanted, accountId, billTo, flight: asked }: Order,
): Promise<Done> {
  await tx.refreshFlights([asked], clock());
  // Bookings of one flight are written one after another, so that its last seats are sold once.
  const flight = await tx.lockFlight(wanted.flightId);
  if (!flight) throw new Error('a flight that was just written is gone');
  const exactNow = clock();
  const now = wholeSeconds(exactNow);
  if (isClosedForBooking(flight, exactNow)) throw refused('FLIGHT_CLOSED', flight);
  const infants = wanted.passengers.filter(({ infant }) => infant).length;
  const adults = wanted.passengers.length - infants;
  // Passengers without a seat of their choice need one too, in the end; infants do not.
  if ((await tx.countSeated(flight.id)) + adults > capacityOf(flight)) throw refused('FLIGHT_FULL', flight);

  const price = priceOf(flight.baseFareMinor, wanted.fareClass, { adults, infants });
  const { currency } = flight;
  const holdExpiresAt = plusMs(now, HOLD_MS);
  const bookingId = await tx.insertBooking({ wanted, accountId, currency, price, holdExpiresAt, now });
  const passengerIds = await tx.insertPassengers(bookingId, wanted.passengers);
  const wishes = wanted.passengers.flatMap(({ seat }, index): SeatWish[] =>
    seat === null ? [] : [{ passengerId: passengerIds[index] as bigint, seat }],
  );
  const lost = await tx.claimSeats(flight.id, bookingId, wishes);
  if (lost !== null) throw new Refusal('SEAT_TAKEN', { metadata: { seat: lost } });

  const eventId = newId();
  const placed = { bookingId, accountId, billTo, currency, price, dueAt: plusMs(exactNow, HOLD_MS) };
  await tx.writeEvent(bookingPlaced({ id: eventId, at: exactNow }, placed), exactNow);
  const booking = await tx.readBooking(bookingId);
  if (!booking) throw new Error('a booking that was just written is gone');
  return { booking, eventId };
}

function refused(reason: 'FLIGHT_CLOSED' | 'FLIGHT_FULL', { number }: Flight): Refusal {
  return new Refusal(reason, { metadata: { flight: number } });
}
