import type { Event } from '@banyan/contracts/events/v1/events';
import type { Booking, BookingStatus, BookingSummary } from '../domain/booking.ts';
import type { EffectiveChange } from '../domain/booking-change.ts';
import type { Flight } from '../domain/flight.ts';
import type { NewBooking, NewPassenger } from '../domain/new-booking.ts';
import type { Price } from '../domain/price.ts';

/** What booking needs to know of an account: a copy of the directory's. */
export type Account = {
  readonly id: bigint;
  readonly name: string;
  readonly email: string;
  readonly role: string;
};

/** Null stands for everything. */
export type BookingFilter = {
  readonly accountId: bigint | null;
  readonly flightId: bigint | null;
  readonly status: BookingStatus | null;
  readonly createdFrom: Date | null;
  readonly createdBefore: Date | null;
};

/** `afterId`, the last id of the page before, wins over `skip`. */
export type PageWish = { readonly size: number; readonly skip: bigint; readonly afterId: bigint | null };

export type ListedBookings = {
  readonly bookings: readonly Booking[];
  readonly total: bigint;
  readonly more: boolean;
};

export type BookingReads = {
  findBooking(id: bigint): Promise<Booking | null>;
  /** Newest first. `total` is of all pages; `more`: this was not the last one. */
  listBookings(filter: BookingFilter, page: PageWish): Promise<ListedBookings>;
  /** Oldest first, in batches of one moment's state, as fast as they are taken. */
  exportBookings(
    filter: Pick<BookingFilter, 'accountId' | 'createdFrom' | 'createdBefore'>,
    signal: AbortSignal,
  ): AsyncIterable<readonly BookingSummary[]>;
  countBookings(filter: Pick<BookingFilter, 'accountId' | 'createdFrom' | 'createdBefore'>): Promise<number>;
  /** By row, then column. */
  takenSeats(flightId: bigint): Promise<readonly string[]>;
  findFlight(id: bigint): Promise<Flight | null>;
  findAccount(id: bigint): Promise<Account | null>;
  /** Told of every seat that is taken or freed; with null when some may have been missed, and once at the start. */
  followSeats(onChange: (change: SeatChange | null) => void): { stop(): Promise<void> };
};

export type SeatChange = { readonly flightId: bigint; readonly seat: string; readonly taken: boolean };

/** Of bookings, by whoever owns them; of the monolith's tables, nobody here. */
export type BookingStorage = BookingReads & {
  /** One transaction. `work` may run again, and does nothing outside it. Throws NOT_THE_OWNER before it begins. */
  write<T>(work: (tx: BookingTransaction) => Promise<T>): Promise<T>;
  /** What was answered to a request with this key. */
  findKey(owner: KeyOwner): Promise<KeptAnswer | null>;
  /** Held and confirmed bookings of a flight. */
  countActive(flightId: bigint): Promise<number>;
  /** The same, by id. */
  listActive(
    flightId: bigint,
    afterId: bigint,
    rowsMax: number,
  ): Promise<readonly { readonly id: bigint; readonly contactEmail: string }[]>;
};

export type QueuedNotice = {
  readonly messageId: string;
  readonly bookingId: bigint;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
};

export type SeatWish = { readonly passengerId: bigint; readonly seat: string };

export type BookingTransaction = {
  /** The copy of a flight, and until the end of the transaction nobody else books on it. */
  lockFlight(id: bigint): Promise<Flight | null>;
  /** Takes fresher facts into the copy. Older ones change nothing. */
  refreshFlights(flights: readonly Flight[], now: Date): Promise<void>;
  /** How many seats of a flight are spoken for, picked or not. */
  countSeated(flightId: bigint): Promise<number>;
  insertBooking(booking: {
    readonly wanted: NewBooking;
    readonly accountId: bigint;
    readonly currency: string;
    readonly price: Price;
    readonly holdExpiresAt: Date;
    readonly now: Date;
  }): Promise<bigint>;
  /** Their ids, in their order. */
  insertPassengers(bookingId: bigint, passengers: readonly NewPassenger[]): Promise<readonly bigint[]>;
  /** All or none: the first seat that somebody else has, or null. Waits for whoever is about to take one of them. */
  claimSeats(flightId: bigint, bookingId: bigint, wishes: readonly SeatWish[]): Promise<string | null>;
  releaseSeats(passengerIds: readonly bigint[]): Promise<void>;
  releaseAllSeats(bookingIds: readonly bigint[]): Promise<void>;
  readBooking(id: bigint): Promise<Booking | null>;
  /** As it is now, and until the end of the transaction nobody else changes it. */
  lockBooking(id: bigint): Promise<Booking | null>;
  updateBooking(id: bigint, contact: EffectiveChange['contact'], now: Date): Promise<void>;
  updatePassenger(passenger: EffectiveChange['changed'][number]): Promise<void>;
  /** To a status in which nothing is held. */
  endHold(ids: readonly bigint[], status: Exclude<BookingStatus, 'HELD'>, now: Date): Promise<void>;
  extendHold(id: bigint, until: Date, now: Date): Promise<void>;
  /** Locks holds that are over, the oldest first; skips those that somebody else is at. */
  lockOverdue(now: Date, batch: number): Promise<readonly bigint[]>;
  /** False while another transaction has this key. */
  tryLockKey(owner: KeyOwner): Promise<boolean>;
  findKey(owner: KeyOwner): Promise<KeptAnswer | null>;
  keepAnswer(owner: KeyOwner, kept: KeptAnswer, now: Date): Promise<void>;
  findConsent(bookingId: bigint, paymentKey: string): Promise<Date | null>;
  noteConsent(bookingId: bigint, paymentKey: string, holdExpiresAt: Date, now: Date): Promise<void>;
  writeEvent(event: Event, now: Date): Promise<void>;
  /** Runs `effect` unless this event had its effect before. */
  once(eventId: string, effect: () => Promise<void>): Promise<{ readonly duplicate: boolean }>;
  queueTicketMail(bookingId: bigint, recipient: string, now: Date): Promise<void>;
  /** Does nothing where a mail has this Message-ID. */
  queueNotice(notice: QueuedNotice, now: Date): Promise<void>;
};

export const KEYED_OPERATIONS = ['createBooking', 'updateBooking', 'cancelBooking'] as const;

/** Whose a key of a request is: an account's, for one operation. */
export type KeyOwner = {
  readonly accountId: bigint;
  readonly operation: (typeof KEYED_OPERATIONS)[number];
  readonly key: string;
};

export type KeptAnswer = {
  readonly requestHash: Buffer;
  readonly bookingId: bigint;
  readonly answer: Buffer;
};

/** A booking is on a flight that the copy does not have yet. */
export class FlightMissingError extends Error {
  override readonly name = 'FlightMissingError';
  readonly flightId: bigint;

  constructor(flightId: bigint) {
    super(`the copy has no flight ${flightId}`);
    this.flightId = flightId;
  }
}
