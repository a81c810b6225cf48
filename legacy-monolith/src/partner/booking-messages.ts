import type { BookingRow } from '../bookings/booking.ts';
import { bookingReference, invoiceNumber } from '../bookings/reference.ts';
import { parseDay } from '../clock.ts';
import { invalidField } from '../http/refusal.ts';
import { toXmlText } from './xml-text.ts';

/** The border between the partner's XML and the domain: what the library read, and what it is to write. */

/** An element as the library reads it: text, or an object of its children (`$value` where it had attributes). */
export type Element = Readonly<Record<string, unknown>>;

/** How a partner names a flight: by id, or by number and day of departure. */
export type FlightChoice = { flightId: string } | { flightNumber: string; departureDay: string };

/** The text of a child; undefined when it is absent, empty or nil. Several children of one name: the last counts. */
function textOf(parent: Element, name: string): string | undefined {
  const given = parent[name];
  const last: unknown = Array.isArray(given) ? given.at(-1) : given;
  const value =
    typeof last === 'object' && last !== null && Object.hasOwn(last, '$value')
      ? (last as { $value: unknown }).$value
      : last;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  // Only its attributes are left of an empty element that has some.
  if (Object.keys(value).every((key) => key === 'attributes')) return undefined;
  throw invalidField(name, `${name} must be a string`);
}

export function toReference(parameters: Element): string {
  const reference = textOf(parameters, 'reference');
  if (reference === undefined) throw invalidField('reference', 'reference is required');
  return reference;
}

export function toFlightChoice(parameters: Element): FlightChoice {
  const flightId = textOf(parameters, 'flightId');
  if (flightId !== undefined) return { flightId };
  const flightNumber = textOf(parameters, 'flightNumber');
  const departureDate = textOf(parameters, 'departureDate');
  if (flightNumber === undefined || departureDate === undefined) {
    throw invalidField('flightId', 'flightId is required, or flightNumber and departureDate');
  }
  // XML Schema lets a date carry a time zone; the day of departure is one of UTC.
  const departureDay = parseDay(departureDate.replace(/(?:Z|[+-]00:00)$/, ''));
  if (departureDay === null) {
    throw invalidField('departureDate', 'departureDate must be a day, YYYY-MM-DD');
  }
  return { flightNumber, departureDay };
}

/** The fields of a new booking as the API has them, so that its rules judge them. */
export function toBookingFields(parameters: Element, flightId: string): Record<string, unknown> {
  const passengers = [parameters.passengers ?? []].flat() as unknown[];
  return {
    flight_id: flightId,
    fare_class: textOf(parameters, 'fareClass'),
    passengers: passengers.map((passenger, index) => toPassengerFields(asElement(passenger), index)),
    contact_email: textOf(parameters, 'contactEmail'),
    contact_phone: textOf(parameters, 'contactPhone'),
    note: textOf(parameters, 'note'),
  };
}

function toPassengerFields(passenger: Element, index: number): Record<string, unknown> {
  return {
    title: textOf(passenger, 'title'),
    first_name: textOf(passenger, 'firstName'),
    last_name: textOf(passenger, 'lastName'),
    seat: textOf(passenger, 'seat'),
    infant: toYesNo(passenger, 'infant', index),
    special_assistance: toYesNo(passenger, 'specialAssistance', index),
    frequent_flyer_no: textOf(passenger, 'frequentFlyerNo'),
  };
}

/** An empty element reads as null or as text, and names no field. */
export function asElement(value: unknown): Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Element) : {};
}

/** The four forms of xsd:boolean. */
function toYesNo(passenger: Element, name: string, index: number): 'Y' | 'N' | undefined {
  const text = textOf(passenger, name)?.trim();
  if (text === undefined) return undefined;
  if (text === 'true' || text === '1') return 'Y';
  if (text === 'false' || text === '0') return 'N';
  const field = `passengers[${index}].${name}`;
  throw invalidField(field, `${field} must be true or false`);
}

/** A booking as the WSDL has it. What is null is left out; the order is the schema's. */
export function toBookingElement(row: BookingRow): Element {
  const { flight } = row;
  return withoutNulls({
    id: row.id,
    reference: bookingReference(row.id),
    status: row.status,
    flight: {
      id: String(flight.id),
      number: flight.number,
      from: flight.from,
      to: flight.to,
      departsAt: toDateTime(flight.departs_at),
      arrivesAt: toDateTime(flight.arrives_at),
    },
    fareClass: row.fare_class,
    passengers: row.passengers.map((passenger) =>
      withoutNulls({
        id: String(passenger.id),
        title: passenger.title,
        firstName: toXmlText(passenger.first_name),
        lastName: toXmlText(passenger.last_name),
        seat: passenger.seat,
        infant: passenger.infant === 'Y',
        specialAssistance: passenger.special_assistance === 'Y',
        frequentFlyerNo: passenger.frequent_flyer_no,
      }),
    ),
    contactEmail: toXmlText(row.contact_email),
    contactPhone: row.contact_phone === null ? null : toXmlText(row.contact_phone),
    note: row.note === null ? null : toXmlText(row.note),
    baseAmount: row.base_amount,
    taxAmount: row.tax_amount,
    totalAmount: row.total_amount,
    currency: row.currency,
    invoiceNumber: invoiceNumber(row.id),
    holdExpiresAt: toDateTime(row.hold_expires_at),
    createdAt: toDateTime(row.created_at),
    updatedAt: toDateTime(row.updated_at),
    version: row.version,
  });
}

/** `2026-11-22 19:30:00` as xsd:dateTime. */
function toDateTime(wallClock: string | null): string | null {
  return wallClock === null ? null : `${wallClock.replace(' ', 'T')}Z`;
}

function withoutNulls(element: Element): Element {
  return Object.fromEntries(Object.entries(element).filter(([, value]) => value !== null));
}
