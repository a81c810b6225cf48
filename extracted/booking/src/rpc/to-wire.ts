import {
  type ExportedBooking,
  Title,
  type Booking as WireBooking,
  type Passenger as WirePassenger,
} from '@banyan/contracts/booking/v1/booking';
import { moneyOf } from '@banyan/service-kit/money';
import type { Booking, BookingSummary, Passenger } from '../domain/booking.ts';
import { bookingReference, invoiceNumber } from '../domain/reference.ts';
import { FARE_CLASSES, STATUSES, TITLES } from './names.ts';

export function toWireBooking(booking: Booking): WireBooking {
  const { flight, currency } = booking;
  return {
    id: booking.id,
    reference: bookingReference(booking.id),
    status: STATUSES[booking.status],
    accountId: booking.accountId,
    flight: {
      id: flight.id,
      number: flight.number,
      origin: flight.origin,
      destination: flight.destination,
      departsAt: flight.departsAt,
      arrivesAt: flight.arrivesAt,
      originName: flight.originName,
      destinationName: flight.destinationName,
    },
    fareClass: FARE_CLASSES[booking.fareClass],
    passengers: booking.passengers.map(toWirePassenger),
    contact: { email: booking.contactEmail, phone: booking.contactPhone ?? undefined },
    note: booking.note ?? undefined,
    price: {
      base: moneyOf(booking.baseMinor, currency),
      tax: moneyOf(booking.taxMinor, currency),
      total: moneyOf(booking.totalMinor, currency),
    },
    invoiceNumber: invoiceNumber(booking.id),
    holdExpiresAt: booking.holdExpiresAt ?? undefined,
    createdAt: booking.createdAt,
    updatedAt: booking.updatedAt,
    version: booking.version,
  };
}

function toWirePassenger(passenger: Passenger): WirePassenger {
  return {
    id: passenger.id,
    title: passenger.title === null ? Title.UNSPECIFIED : TITLES[passenger.title],
    firstName: passenger.firstName,
    lastName: passenger.lastName,
    seat: passenger.seat ?? undefined,
    infant: passenger.infant,
    specialAssistance: passenger.specialAssistance,
    frequentFlyerNumber: passenger.frequentFlyerNumber ?? undefined,
  };
}

export function toExportedBooking(booking: BookingSummary): ExportedBooking {
  return {
    id: booking.id,
    reference: bookingReference(booking.id),
    status: STATUSES[booking.status],
    accountId: booking.accountId,
    flightNumber: booking.flightNumber,
    origin: booking.origin,
    destination: booking.destination,
    departsAt: booking.departsAt,
    fareClass: FARE_CLASSES[booking.fareClass],
    passengerCount: booking.passengerCount,
    total: moneyOf(booking.totalMinor, booking.currency),
    createdAt: booking.createdAt,
  };
}
