import type {
  Booking,
  BookingStatus,
  FareClass,
  Passenger,
  Title,
} from '@banyan/contracts/booking/v1/booking';
import { required } from '@banyan/gateway/carve-out';
import type { components } from '@banyan/openapi/generated/legacy';
import { currencyOf, decimalOf, nameOf, type OnWire, rawInteger, wallClock } from '@meridian/habits/values';

type Schemas = components['schemas'];

export const statusName = (status: BookingStatus) => nameOf(status, 'BOOKING_STATUS_');
export const fareClassName = (fareClass: FareClass) => nameOf(fareClass, 'FARE_CLASS_');

/** In the contract's order. */
export const BOOKING_STATUSES = [
  'HELD',
  'CONFIRMED',
  'CANCELLED',
  'EXPIRED',
] as const satisfies readonly ReturnType<typeof statusName>[];

/** A booking as the contract shows it; the order of the keys is part of it. */
export function toBooking(booking: Booking): OnWire<Schemas['Booking']> {
  const contact = required(booking.contact, 'contact');
  const price = required(booking.price, 'price');
  return {
    id: rawInteger(booking.id),
    reference: booking.reference,
    status: statusName(booking.status),
    account_id: rawInteger(booking.accountId),
    flight: toFlight(booking),
    fare_class: fareClassName(booking.fareClass),
    passengers: booking.passengers.map(toPassenger),
    contact_email: contact.email,
    contact_phone: contact.phone ?? null,
    note: booking.note ?? null,
    base_amount: decimalOf(price.base),
    tax_amount: decimalOf(price.tax),
    total_amount: decimalOf(price.total),
    currency: currencyOf(price.total),
    invoice_number: booking.invoiceNumber,
    hold_expires_at: booking.holdExpiresAt === undefined ? null : wallClock(booking.holdExpiresAt),
    created_at: wallClock(booking.createdAt),
    updated_at: wallClock(booking.updatedAt),
    version: booking.version,
  };
}

function toFlight(booking: Booking): OnWire<Schemas['BookedFlight']> {
  const flight = required(booking.flight, 'flight');
  return {
    id: rawInteger(flight.id),
    number: flight.number,
    from: flight.origin,
    to: flight.destination,
    departs_at: wallClock(flight.departsAt),
    arrives_at: wallClock(flight.arrivesAt),
  };
}

function toPassenger(passenger: Passenger): OnWire<Schemas['Passenger']> {
  return {
    id: rawInteger(passenger.id),
    title: titleName(passenger.title),
    first_name: passenger.firstName,
    last_name: passenger.lastName,
    seat: passenger.seat ?? null,
    infant: passenger.infant ? 'Y' : 'N',
    special_assistance: passenger.specialAssistance ? 'Y' : 'N',
    frequent_flyer_no: passenger.frequentFlyerNumber ?? null,
  };
}

function titleName(title: Title) {
  return title === 'TITLE_UNSPECIFIED' ? null : nameOf(title, 'TITLE_');
}
