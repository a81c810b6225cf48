import {
  type Booking,
  FareClass as WireFare,
  BookingStatus as WireStatus,
  Title as WireTitle,
} from '@banyan/contracts/booking/v1/booking';
import type { BookingRow, BookingStatus } from '../../bookings/booking.ts';
import type { Title } from '../../bookings/field-rules.ts';
import type { FareClass } from '../../bookings/price.ts';
import { bookingReference, invoiceNumber } from '../../bookings/reference.ts';
import { parseWallClock } from '../../clock.ts';
import { toCents } from '../../money.ts';
import { moneyToWire } from './money-wire.ts';

const STATUSES = {
  HELD: WireStatus.HELD,
  CONFIRMED: WireStatus.CONFIRMED,
  CANCELLED: WireStatus.CANCELLED,
  EXPIRED: WireStatus.EXPIRED,
} as const satisfies Record<BookingStatus, WireStatus>;

const FARES = {
  SAVER: WireFare.SAVER,
  CLASSIC: WireFare.CLASSIC,
  FLEX: WireFare.FLEX,
} as const satisfies Record<FareClass, WireFare>;

const TITLES = {
  MR: WireTitle.MR,
  MRS: WireTitle.MRS,
  MS: WireTitle.MS,
  MX: WireTitle.MX,
  DR: WireTitle.DR,
} as const satisfies Record<Title, WireTitle>;

export const fareToWire = (fare: FareClass): WireFare => FARES[fare];
export const statusFromWire = (status: WireStatus): BookingStatus => found(STATUSES, status);
export const fareFromWire = (fare: WireFare): FareClass => found(FARES, fare);
export const titleFromWire = (title: WireTitle): Title | null =>
  title === WireTitle.UNSPECIFIED ? null : found(TITLES, title);

export function bookingToWire(
  row: BookingRow,
  airports: { origin_name: string; destination_name: string },
): Booking {
  const { flight } = row;
  const amount = (decimal: string) => moneyToWire(toCents(decimal), row.currency);
  return {
    id: BigInt(row.id),
    reference: bookingReference(row.id),
    status: STATUSES[row.status],
    accountId: BigInt(row.account_id),
    flight: {
      id: BigInt(flight.id),
      number: flight.number,
      origin: flight.from,
      destination: flight.to,
      departsAt: parseWallClock(flight.departs_at),
      arrivesAt: parseWallClock(flight.arrives_at),
      originName: airports.origin_name,
      destinationName: airports.destination_name,
    },
    fareClass: FARES[row.fare_class],
    passengers: row.passengers.map((passenger) => ({
      id: BigInt(passenger.id),
      title: passenger.title === null ? WireTitle.UNSPECIFIED : TITLES[passenger.title as Title],
      firstName: passenger.first_name,
      lastName: passenger.last_name,
      seat: passenger.seat ?? undefined,
      infant: passenger.infant === 'Y',
      specialAssistance: passenger.special_assistance === 'Y',
      frequentFlyerNumber: passenger.frequent_flyer_no ?? undefined,
    })),
    contact: { email: row.contact_email, phone: row.contact_phone ?? undefined },
    note: row.note ?? undefined,
    price: { base: amount(row.base_amount), tax: amount(row.tax_amount), total: amount(row.total_amount) },
    invoiceNumber: invoiceNumber(row.id),
    holdExpiresAt: row.hold_expires_at === null ? undefined : parseWallClock(row.hold_expires_at),
    createdAt: parseWallClock(row.created_at),
    updatedAt: parseWallClock(row.updated_at),
    version: row.version,
  };
}

function found<Name extends string, Wire>(table: Readonly<Record<Name, Wire>>, wire: Wire): Name {
  const entry = Object.entries(table).find(([, value]) => value === wire);
  if (!entry) throw new RangeError(`${String(wire)} is not known here`);
  return entry[0] as Name;
}
