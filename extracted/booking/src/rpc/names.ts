import { BookingStatus, FareClass, Title } from '@banyan/contracts/booking/v1/booking';
import type { BookingStatus as DomainStatus, Title as DomainTitle } from '../domain/booking.ts';
import type { FareClass as DomainFareClass } from '../domain/price.ts';

/** The values of enumerations, here and on the wire. */

export const STATUSES = {
  HELD: BookingStatus.HELD,
  CONFIRMED: BookingStatus.CONFIRMED,
  CANCELLED: BookingStatus.CANCELLED,
  EXPIRED: BookingStatus.EXPIRED,
} as const satisfies Record<DomainStatus, BookingStatus>;

export const FARE_CLASSES = {
  SAVER: FareClass.SAVER,
  CLASSIC: FareClass.CLASSIC,
  FLEX: FareClass.FLEX,
} as const satisfies Record<DomainFareClass, FareClass>;

export const TITLES = {
  MR: Title.MR,
  MRS: Title.MRS,
  MS: Title.MS,
  MX: Title.MX,
  DR: Title.DR,
} as const satisfies Record<DomainTitle, Title>;

/** What a value on the wire stands for; null for one that says nothing, 'unknown' for one of a newer contract. */
export function fromWireName<Name extends string>(
  names: Readonly<Record<Name, string>>,
  value: string,
): Name | null | 'unknown' {
  if (value.endsWith('_UNSPECIFIED')) return null;
  const found = Object.entries(names).find(([, wire]) => wire === value);
  return found ? (found[0] as Name) : 'unknown';
}
