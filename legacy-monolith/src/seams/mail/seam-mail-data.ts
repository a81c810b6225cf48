import type { InvoiceLookupServiceClient } from '@banyan/contracts/billing/v1/billing';
import type { Booking, BookingLookupServiceClient } from '@banyan/contracts/booking/v1/booking';
import type { Pool } from 'pg';
import type { ShownInvoice } from '../../billing/invoices.ts';
import { wallClock } from '../../clock.ts';
import {
  type MailDataOf,
  type MailedBooking,
  readMailedBooking,
  readMailedInvoice,
} from '../../mail/mail-data.ts';
import type { Owner } from '../owners/owner-mirror.ts';
import { fareFromWire, statusFromWire, titleFromWire } from '../rpc/booking-wire.ts';
import type { Api } from '../rpc/client.ts';
import { RemoteRefusal } from '../rpc/errors.ts';
import { invoiceFromWire } from '../rpc/invoice-wire.ts';

type Lookups = {
  booking: () => Pick<Api<typeof BookingLookupServiceClient.service>, 'lookUpBooking'> | null;
  billing: () => Pick<Api<typeof InvoiceLookupServiceClient.service>, 'lookUpInvoice'> | null;
};

/** What a mail speaks of, each part from its owner. Throws where one cannot be asked: the mail is tried again. */
export function createSeamMailData(
  pool: Pool,
  ownerOf: (aggregate: 'booking' | 'billing') => Promise<Owner>,
  lookups: Lookups,
): MailDataOf {
  const bookingOf = async (id: string): Promise<MailedBooking | null> => {
    if ((await ownerOf('booking')) === 'monolith') return readMailedBooking(pool, id);
    const api = lookups.booking();
    if (api === null) throw new Error('no target of bookings is set');
    const { booking } = await api.lookUpBooking({ bookingId: BigInt(id) });
    return booking ? mailedBooking(pool, booking) : null;
  };
  const invoiceOf = async (bookingId: string): Promise<ShownInvoice | null> => {
    if ((await ownerOf('billing')) === 'monolith') return readMailedInvoice(pool, bookingId);
    const api = lookups.billing();
    if (api === null) throw new Error('no target of billing is set');
    const { invoice } = await api.lookUpInvoice({ bookingId: BigInt(bookingId) });
    return invoice ? invoiceFromWire(invoice) : null;
  };
  return async (bookingId) => {
    try {
      const booking = await bookingOf(bookingId);
      const invoice = await invoiceOf(bookingId);
      return booking && invoice ? { ...booking, invoice } : null;
    } catch (error) {
      // Its owner is sure: it is gone. One that is not written yet was waited for, with its events.
      if (error instanceof RemoteRefusal && error.reason === 'BOOKING_NOT_FOUND') return null;
      throw error;
    }
  };
}

/** The flight's gate and airports are read here: flights never leave. */
async function mailedBooking(pool: Pool, booking: Booking): Promise<MailedBooking> {
  const { flight, updatedAt, contact } = booking;
  if (!flight || !updatedAt || !contact) throw new RangeError('a booking was answered in part only');
  const { rows } = await pool.query<FlightRow>(FLIGHT, [String(flight.id)]);
  if (!rows[0]) throw new Error('the flight of a booking is gone');
  const passengers = booking.passengers.map((passenger) => ({
    title: titleFromWire(passenger.title),
    first_name: passenger.firstName,
    last_name: passenger.lastName,
    infant: yesNo(passenger.infant),
    special_assistance: yesNo(passenger.specialAssistance),
    frequent_flyer_no: passenger.frequentFlyerNumber ?? null,
    seat: passenger.seat ?? null,
  }));
  return {
    contactEmail: contact.email,
    fareClass: fareFromWire(booking.fareClass),
    passengers,
    itinerary: {
      id: String(booking.id),
      status: statusFromWire(booking.status),
      version: booking.version,
      updated_at: wallClock(updatedAt),
      ...rows[0],
      passengers: passengers.map(({ first_name, last_name, seat }) => ({
        name: `${first_name} ${last_name}`,
        seat,
      })),
    },
  };
}

const yesNo = (value: boolean): 'Y' | 'N' => (value ? 'Y' : 'N');

type FlightRow = {
  number: string;
  departs_at: string;
  arrives_at: string;
  gate: string | null;
  origin_code: string;
  origin_name: string;
  destination_code: string;
  destination_name: string;
};

const FLIGHT = `
  SELECT f.number, f.departs_at, f.arrives_at, f.gate, o.code AS origin_code, o.name AS origin_name,
         d.code AS destination_code, d.name AS destination_name
  FROM flights f JOIN airports o ON o.code = f.origin JOIN airports d ON d.code = f.destination
  WHERE f.id = $1`;
