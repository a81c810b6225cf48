import type { PoolClient } from 'pg';
import type { AfterCommit } from '../db/transaction.ts';
import type { FareClass, Price } from './price.ts';

export type PlacedBooking = {
  bookingId: string;
  accountId: string;
  currency: string;
  price: Price;
  placedAt: Date;
  /** The end of the hold. */
  dueAt: Date;
};

export type CancelledBooking = {
  bookingId: string;
  fareClass: FareClass;
  passengers: number;
  contactEmail: string;
  /** It was paid for: the fare's rule says what goes back. */
  wasConfirmed: boolean;
  at: Date;
};

/**
 * What bookings tell billing, in the transaction that makes it true; wherever billing is. The caller holds the
 * booking's lock. What is left to be done after the commit is given back.
 */
export type BookingEvents = {
  bookingPlaced(client: PoolClient, placed: PlacedBooking): Promise<AfterCommit>;
  /** An earlier request has placed it, and may still wait for billing. */
  bookingPlacedBefore(client: PoolClient, bookingId: string): Promise<AfterCommit>;
  /** Contact, note or seats. */
  bookingChanged(
    client: PoolClient,
    changed: { bookingId: string; version: number; at: Date },
  ): Promise<AfterCommit>;
  /** Billing writes to the contact, too: what goes back is its to say. */
  bookingCancelled(client: PoolClient, cancelled: CancelledBooking): Promise<AfterCommit>;
  /** What was paid all the same goes back whole. */
  holdExpired(client: PoolClient, expired: { bookingIds: readonly string[]; at: Date }): Promise<AfterCommit>;
  /**
   * SQL of bookings `b`, with the wall clock as `$1`: whether a charge may be under way, as far as is known here, or
   * the news of one, which is waited for a day.
   */
  readonly isBeingPaidSql: string;
};

/** The port as it is now; to be asked for once in each transaction. */
export type BookingEventsNow = () => Promise<BookingEvents>;
