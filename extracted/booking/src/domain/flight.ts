/** What booking knows of a flight: a copy of the directory's. */
export type Flight = {
  readonly id: bigint;
  readonly number: string;
  readonly origin: Place;
  readonly destination: Place;
  readonly departsAt: Date;
  readonly arrivesAt: Date;
  readonly aircraft: string;
  readonly aircraftName: string;
  readonly cabin: Cabin;
  readonly status: FlightStatus;
  readonly gate: string | null;
  readonly baseFareMinor: bigint;
  readonly currency: string;
  /** Grows with each change: of two copies, the higher one is the newer. */
  readonly revision: number;
  readonly updatedAt: Date;
};

export type Place = {
  readonly code: string;
  readonly name: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
};

/** Seats are rows from 1 and the letters of the columns. */
export type Cabin = { readonly rows: number; readonly columns: string };

export const FLIGHT_STATUSES = [
  'SCHEDULED',
  'BOARDING',
  'DELAYED',
  'DEPARTED',
  'ARRIVED',
  'CANCELLED',
] as const;
export type FlightStatus = (typeof FLIGHT_STATUSES)[number];

/** Booking closes so long before departure. */
const CLOSING_MS = 60 * 60_000;
const CLOSED_STATUSES: readonly FlightStatus[] = ['DEPARTED', 'ARRIVED', 'CANCELLED'];
const DEPARTED_STATUSES: readonly FlightStatus[] = ['DEPARTED', 'ARRIVED'];

type Timed = Pick<Flight, 'status' | 'departsAt'>;

export function isClosedForBooking({ status, departsAt }: Timed, now: Date): boolean {
  return CLOSED_STATUSES.includes(status) || now.getTime() > departsAt.getTime() - CLOSING_MS;
}

export function hasDeparted({ status, departsAt }: Timed, now: Date): boolean {
  return DEPARTED_STATUSES.includes(status) || departsAt <= now;
}

export function capacityOf({ cabin }: Pick<Flight, 'cabin'>): number {
  return cabin.rows * cabin.columns.length;
}

const SEAT = /^[1-9][0-9]?[A-K]$/;

export function isSeat(text: string): boolean {
  return SEAT.test(text);
}

/** Of what `isSeat`. */
export function hasSeat({ rows, columns }: Cabin, seat: string): boolean {
  return Number(seat.slice(0, -1)) <= rows && columns.includes(seat.slice(-1));
}
