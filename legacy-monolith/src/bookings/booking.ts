import { type RawInteger, rawInteger } from '../http/json.ts';
import type { FareClass } from './price.ts';
import { bookingReference, invoiceNumber } from './reference.ts';

export const BOOKING_STATUSES = ['HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED'] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

export type BookedFlight = {
  id: number;
  number: string;
  from: string;
  to: string;
  departs_at: string;
  arrives_at: string;
};

export type Passenger = {
  id: number;
  title: string | null;
  first_name: string;
  last_name: string;
  seat: string | null;
  infant: 'Y' | 'N';
  special_assistance: 'Y' | 'N';
  frequent_flyer_no: string | null;
};

export type BookingRow = {
  id: string;
  account_id: string;
  status: BookingStatus;
  flight: BookedFlight;
  fare_class: FareClass;
  passengers: readonly Passenger[];
  contact_email: string;
  contact_phone: string | null;
  note: string | null;
  base_amount: string;
  tax_amount: string;
  total_amount: string;
  currency: string;
  hold_expires_at: string | null;
  created_at: string;
  updated_at: string;
  version: number;
};

/**
 * Bookings with flight and passengers, in one statement: version and content are of one moment. The keys of
 * the JSON parts stand in the contract's order (`json`, unlike `jsonb`, keeps it).
 */
export const SELECT_BOOKINGS = `
  SELECT b.id, b.account_id, b.status, b.fare_class, b.contact_email, b.contact_phone, b.note,
         b.base_amount, b.tax_amount, b.total_amount, b.currency, b.hold_expires_at,
         b.created_at, b.updated_at, b.version,
         json_build_object(
           'id', f.id, 'number', f.number, 'from', f.origin, 'to', f.destination,
           'departs_at', f.departs_at::text, 'arrives_at', f.arrives_at::text) AS flight,
         (SELECT json_agg(json_build_object(
                   'id', p.id, 'title', p.title, 'first_name', p.first_name, 'last_name', p.last_name,
                   'seat', s.seat, 'infant', p.infant, 'special_assistance', p.special_assistance,
                   'frequent_flyer_no', p.frequent_flyer_no) ORDER BY p.position)
          FROM passengers p LEFT JOIN seat_claims s ON s.passenger_id = p.id
          WHERE p.booking_id = b.id) AS passengers
  FROM bookings b JOIN flights f ON f.id = b.flight_id`;

/** A booking as the contract shows it; the order of the keys is part of it. */
export function toBooking(row: BookingRow): { id: RawInteger } & Record<string, unknown> {
  return {
    id: rawInteger(row.id),
    reference: bookingReference(row.id),
    status: row.status,
    account_id: rawInteger(row.account_id),
    flight: row.flight,
    fare_class: row.fare_class,
    passengers: row.passengers,
    contact_email: row.contact_email,
    contact_phone: row.contact_phone,
    note: row.note,
    base_amount: row.base_amount,
    tax_amount: row.tax_amount,
    total_amount: row.total_amount,
    currency: row.currency,
    invoice_number: invoiceNumber(row.id),
    hold_expires_at: row.hold_expires_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
    version: row.version,
  };
}

/** The strong tag of one version of a booking. */
export function bookingETag({ id, version }: { id: string; version: number }): string {
  return `"${id}-${version}"`;
}
