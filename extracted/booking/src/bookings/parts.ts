import type { Flight } from '../domain/flight.ts';
import type { Account, BookingStorage } from '../storage/port.ts';

/** What is asked of the other contexts when a booking is made: as fresh as can be had in a moment. */
export type Facts = {
  /** Null: there is none. Throws FACTS_UNAVAILABLE when nobody can say. */
  flight(id: bigint): Promise<Flight | null>;
  account(id: bigint): Promise<Account | null>;
};

export type BookingParts = {
  /** The service's own, or NOT_THE_OWNER. */
  readonly storage: () => BookingStorage;
  /** Brings events that were just committed to their receiver, and waits for that a little. Never throws. */
  readonly tell: (eventIds: readonly string[], signal: AbortSignal) => Promise<void>;
  /** As long, for what was told before: of a write that is answered again. */
  readonly catchUp: (signal: AbortSignal) => Promise<void>;
  readonly facts: Facts;
  readonly now: () => Date;
  readonly newId: () => string;
};
