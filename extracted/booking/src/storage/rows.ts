import type { Booking, BookingStatus, BookingSummary, Title } from '../domain/booking.ts';
import type { Flight, FlightStatus } from '../domain/flight.ts';
import type { FareClass } from '../domain/price.ts';
import { FlightMissingError } from './port.ts';

export type FlightRow = {
  id: bigint;
  number: string;
  origin: string;
  origin_name: string;
  origin_place: string;
  origin_latitude: number;
  origin_longitude: number;
  destination: string;
  destination_name: string;
  destination_place: string;
  destination_latitude: number;
  destination_longitude: number;
  departs_at: Date;
  arrives_at: Date;
  aircraft: string;
  aircraft_name: string;
  cabin_rows: number;
  cabin_columns: string;
  status: FlightStatus;
  gate: string | null;
  base_fare_minor: bigint;
  currency: string;
  revision: number;
  updated_at: Date;
};

export const FLIGHT_COLUMNS = `
  id, number, origin, origin_name, origin_place, origin_latitude, origin_longitude, destination, destination_name,
  destination_place, destination_latitude, destination_longitude, departs_at, arrives_at, aircraft, aircraft_name,
  cabin_rows, cabin_columns, status, gate, base_fare_minor, currency, revision, updated_at`;

export function toFlight(row: FlightRow): Flight {
  return {
    id: row.id,
    number: row.number,
    origin: {
      code: row.origin,
      name: row.origin_name,
      city: row.origin_place,
      latitude: row.origin_latitude,
      longitude: row.origin_longitude,
    },
    destination: {
      code: row.destination,
      name: row.destination_name,
      city: row.destination_place,
      latitude: row.destination_latitude,
      longitude: row.destination_longitude,
    },
    departsAt: row.departs_at,
    arrivesAt: row.arrives_at,
    aircraft: row.aircraft,
    aircraftName: row.aircraft_name,
    cabin: { rows: row.cabin_rows, columns: row.cabin_columns },
    status: row.status,
    gate: row.gate,
    baseFareMinor: row.base_fare_minor,
    currency: row.currency,
    revision: row.revision,
    updatedAt: row.updated_at,
  };
}

/** Ids as text: JSON's numbers would pass through a float. */
type PassengerRow = {
  id: string;
  title: Title | null;
  first_name: string;
  last_name: string;
  seat: string | null;
  infant: boolean;
  special_assistance: boolean;
  frequent_flyer_number: string | null;
};

export type BookingRow = {
  id: bigint;
  account_id: bigint;
  status: BookingStatus;
  fare_class: FareClass;
  contact_email: string;
  contact_phone: string | null;
  note: string | null;
  base_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
  hold_expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
  version: number;
  passengers: readonly PassengerRow[] | null;
  flight_id: bigint;
} & FlightPart;

/** All of it, or nothing: the copy may not have the flight. */
type FlightPart =
  | { flight_number: null }
  | {
      flight_number: string;
      origin: string;
      origin_name: string;
      destination: string;
      destination_name: string;
      departs_at: Date;
      arrives_at: Date;
      gate: string | null;
      flight_status: FlightStatus;
      aircraft: string;
      cabin_rows: number;
      cabin_columns: string;
    };

/** Bookings with flight and passengers, in one statement: version and content are of one moment. */
export const SELECT_BOOKINGS = `
  SELECT b.id, b.account_id, b.status, b.fare_class, b.contact_email, b.contact_phone, b.note,
         b.base_minor, b.tax_minor, b.total_minor, b.currency, b.hold_expires_at,
         b.created_at, b.updated_at, b.version, b.flight_id,
         f.number AS flight_number, f.origin, f.origin_name, f.destination, f.destination_name, f.departs_at,
         f.arrives_at, f.gate, f.status AS flight_status, f.aircraft, f.cabin_rows, f.cabin_columns,
         (SELECT json_agg(json_build_object(
                   'id', p.id::text, 'title', p.title, 'first_name', p.first_name, 'last_name', p.last_name,
                   'seat', s.seat, 'infant', p.infant, 'special_assistance', p.special_assistance,
                   'frequent_flyer_number', p.frequent_flyer_number) ORDER BY p.position)
          FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
          WHERE p.booking_id = b.id) AS passengers
  FROM bookings b LEFT JOIN flights f ON f.id = b.flight_id`;

export function toBooking(row: BookingRow): Booking {
  if (row.flight_number === null) throw new FlightMissingError(row.flight_id);
  return {
    id: row.id,
    accountId: row.account_id,
    status: row.status,
    flight: {
      id: row.flight_id,
      number: row.flight_number,
      origin: row.origin,
      originName: row.origin_name,
      destination: row.destination,
      destinationName: row.destination_name,
      departsAt: row.departs_at,
      arrivesAt: row.arrives_at,
      gate: row.gate,
      status: row.flight_status,
      aircraft: row.aircraft,
      cabin: { rows: row.cabin_rows, columns: row.cabin_columns },
    },
    fareClass: row.fare_class,
    passengers: (row.passengers ?? []).map((passenger) => ({
      id: BigInt(passenger.id),
      title: passenger.title,
      firstName: passenger.first_name,
      lastName: passenger.last_name,
      seat: passenger.seat,
      infant: passenger.infant,
      specialAssistance: passenger.special_assistance,
      frequentFlyerNumber: passenger.frequent_flyer_number,
    })),
    contactEmail: row.contact_email,
    contactPhone: row.contact_phone,
    note: row.note,
    baseMinor: row.base_minor,
    taxMinor: row.tax_minor,
    totalMinor: row.total_minor,
    currency: row.currency,
    holdExpiresAt: row.hold_expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

export type SummaryRow = {
  id: bigint;
  status: BookingStatus;
  account_id: bigint;
  flight_id: bigint;
  flight_number: string | null;
  origin: string;
  destination: string;
  departs_at: Date;
  fare_class: FareClass;
  passenger_count: number;
  total_minor: bigint;
  currency: string;
  created_at: Date;
};

export const SELECT_SUMMARIES = `
  SELECT b.id, b.status, b.account_id, b.flight_id, f.number AS flight_number, f.origin, f.destination, f.departs_at,
         b.fare_class, b.total_minor, b.currency, b.created_at,
         (SELECT count(*)::integer FROM passengers p WHERE p.booking_id = b.id) AS passenger_count
  FROM bookings b LEFT JOIN flights f ON f.id = b.flight_id`;

export function toSummary(row: SummaryRow): BookingSummary {
  if (row.flight_number === null) throw new FlightMissingError(row.flight_id);
  return {
    id: row.id,
    status: row.status,
    accountId: row.account_id,
    flightNumber: row.flight_number,
    origin: row.origin,
    destination: row.destination,
    departsAt: row.departs_at,
    fareClass: row.fare_class,
    passengerCount: row.passenger_count,
    totalMinor: row.total_minor,
    currency: row.currency,
    createdAt: row.created_at,
  };
}
