import type { Flight } from './flight.ts';
import { hasDeparted } from './flight.ts';
import type { FareClass } from './price.ts';
import { Refusal } from './refusal.ts';

export const BOOKING_STATUSES = ['HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED'] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

export const TITLES = ['MR', 'MRS', 'MS', 'MX', 'DR'] as const;
export type Title = (typeof TITLES)[number];

export type Passenger = {
  readonly id: bigint;
  readonly title: Title | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly seat: string | null;
  readonly infant: boolean;
  readonly specialAssistance: boolean;
  readonly frequentFlyerNumber: string | null;
};

export type Booking = {
  readonly id: bigint;
  readonly accountId: bigint;
  readonly status: BookingStatus;
  readonly flight: BookedFlight;
  readonly fareClass: FareClass;
  /** In the order in which they were booked. */
  readonly passengers: readonly Passenger[];
  readonly contactEmail: string;
  readonly contactPhone: string | null;
  readonly note: string | null;
  readonly baseMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
  readonly currency: string;
  /** Set exactly while HELD. */
  readonly holdExpiresAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
};

export type BookedFlight = Pick<
  Flight,
  'id' | 'number' | 'departsAt' | 'arrivesAt' | 'gate' | 'status' | 'aircraft' | 'cabin'
> & {
  readonly origin: string;
  readonly originName: string;
  readonly destination: string;
  readonly destinationName: string;
};

/** A booking as an export shows it. */
export type BookingSummary = {
  readonly id: bigint;
  readonly status: BookingStatus;
  readonly accountId: bigint;
  readonly flightNumber: string;
  readonly origin: string;
  readonly destination: string;
  readonly departsAt: Date;
  readonly fareClass: FareClass;
  readonly passengerCount: number;
  readonly totalMinor: bigint;
  readonly currency: string;
  readonly createdAt: Date;
};

export const HOLD_MS = 30 * 60_000;
/** A charge takes a moment; the hold must not run out under it. */
const HOLD_LEFT_MS = 15 * 60_000;

/** Bookings' times have whole seconds; what is finer is cut off, never rounded up into the future. */
export function wholeSeconds(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1_000) * 1_000);
}

export function plusMs(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

export function isActive(status: BookingStatus): boolean {
  return status === 'HELD' || status === 'CONFIRMED';
}

/** Throws unless the booking is at the version that the caller has seen. */
export function requireVersion(booking: Pick<Booking, 'version'>, expected: number | null): void {
  if (expected === null || expected === booking.version) return;
  throw new Refusal('VERSION_MISMATCH', { metadata: { version: String(booking.version) } });
}

/** Throws unless the booking can be changed, or shown as a journey. */
export function requireActive({ status }: Pick<Booking, 'status'>): void {
  if (!isActive(status)) throw new Refusal('NOT_ACTIVE', { metadata: { status } });
}

/** Throws unless the booking can be cancelled. */
export function requireCancellable(
  { status, flight }: Pick<Booking, 'status'> & { flight: Pick<Flight, 'number' | 'status' | 'departsAt'> },
  now: Date,
): void {
  if (!isActive(status)) throw new Refusal('ALREADY_FINAL', { metadata: { status } });
  if (hasDeparted(flight, now)) throw new Refusal('FLIGHT_DEPARTED', { metadata: { flight: flight.number } });
}

type Held = Pick<Booking, 'status' | 'holdExpiresAt'>;

/** Whether a booking is held, and not for longer than its time. */
export function isHeld({ status, holdExpiresAt }: Held, now: Date): boolean {
  return status === 'HELD' && holdExpiresAt !== null && holdExpiresAt > now;
}

/** The end of the hold that a payment needs; throws HOLD_OVER. */
export function holdForPayment(booking: Held, now: Date): Date {
  if (!isHeld(booking, now)) throw new Refusal('HOLD_OVER');
  const needed = plusMs(now, HOLD_LEFT_MS);
  const held = booking.holdExpiresAt as Date;
  return held < needed ? wholeSeconds(needed) : held;
}
