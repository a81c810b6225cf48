import type { Role } from '../../auth/guards.ts';
import type { ShownInvoice } from '../../billing/invoices.ts';
import { BOOKING_STATUSES, type BookingRow } from '../../bookings/booking.ts';
import { invoiceNumber } from '../../bookings/reference.ts';
import { parseWallClock } from '../../clock.ts';
import type { SeatMapRow } from '../../flights/flight-queries.ts';
import { awaitsPayment } from '../awaits-payment.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { displayCode, displayDateTime, displayMoney } from '../format.ts';
import { type Pass, passOf, type Trip } from './booking-parts.ts';
import { type Cabin, cabinOf } from './cabin.ts';
import { contactFields } from './contact-fields.ts';
import { type Airports, flightTag, type Tag } from './flight-parts.ts';
import type { Pager } from './pager.ts';
import { assistanceField, frequentFlyerField, seatField } from './passenger-fields.ts';

export type BookingsPage = {
  heading: string;
  trips: readonly Trip[];
  count: string;
  filter: readonly Field[];
  filtered: boolean;
  /** What to say where no trip is shown. */
  nothing: string;
  pager: Pager | null;
  exportPath: string | null;
};

export type BookingPage = {
  /** The step of the booking that this is, for who has just made it; null later. */
  step: number | null;
  pass: Pass;
  notice: { tone: Tag['tone']; text: string } | null;
  paths: {
    pay: string | null;
    change: string | null;
    cancel: string | null;
    calendar: string | null;
    invoice: string | null;
    status: string;
  };
  live: { streamPath: string; status: Tag; gate: string; departs: string; arrives: string };
  contact: readonly (readonly [label: string, value: string])[];
  amounts: readonly (readonly [label: string, value: string])[];
  total: string;
  invoiceNumber: string;
  bookedAt: string;
};

/** A form about a booking: where it goes with and without the script, and of which version it was made. */
type BookingForm = {
  action: string;
  apiPath: string;
  donePath: string;
  token: string;
  version: number;
  message: string | null;
  pass: Pass;
};

export type ChangePage = BookingForm & {
  cabin: Cabin;
  passengers: readonly { heading: string; seat: Field | null; fields: readonly Field[] }[];
  contact: readonly Field[];
};

export type CancelPage = BookingForm & { refund: string };

export function bookingsFilter(form: FormState, role: Role): Field[] {
  const statuses = BOOKING_STATUSES.map((status) => [status, displayCode(status)] as const);
  return [
    field(form, 'status', 'Status', { kind: 'select', optional: true, options: [['', 'All'], ...statuses] }),
    ...(role === 'agent'
      ? [
          field(form, 'account_id', 'Account', { optional: true, attributes: { inputmode: 'numeric' } }),
          field(form, 'flight_id', 'Flight id', { optional: true, attributes: { inputmode: 'numeric' } }),
        ]
      : []),
    field(form, 'created_from', 'Booked from', { kind: 'date', optional: true }),
    field(form, 'created_to', 'to', { kind: 'date', optional: true }),
  ];
}

export function bookingPage(parts: {
  row: BookingRow;
  airports: Airports;
  flight: { status: string; gate: string | null };
  invoice: ShownInvoice | null;
  role: Role;
  now: Date;
}): BookingPage {
  const { row, flight, invoice, role } = parts;
  const path = `/bookings/${row.id}`;
  const money = (amount: string): string => displayMoney(amount, row.currency);
  const stands = row.status === 'HELD' || row.status === 'CONFIRMED';
  const mayWrite = role !== 'accountant';
  const isAwaiting = awaitsPayment(row, invoice);
  return {
    step: stepOf(row, parts.now),
    pass: passOf(row, parts.airports, flight.gate),
    notice: noticeOf(row, invoice, parts.now),
    paths: {
      pay: row.status === 'HELD' && mayWrite && !isAwaiting ? `${path}/pay` : null,
      change: stands && mayWrite ? `${path}/change` : null,
      cancel: stands && mayWrite ? `${path}/cancel` : null,
      calendar: stands && mayWrite ? `/api/v1${path}/itinerary.ics` : null,
      invoice: invoice ? `/invoices/${invoice.id}` : null,
      status: `/status/${row.flight.id}`,
    },
    live: {
      streamPath: `/api/v1/flights/${row.flight.id}/status/stream`,
      status: flightTag(flight.status),
      gate: flight.gate ?? '–',
      departs: displayDateTime(row.flight.departs_at),
      arrives: displayDateTime(row.flight.arrives_at),
    },
    contact: [
      ['E-mail', row.contact_email],
      ['Phone', row.contact_phone ?? '–'],
      ...(row.note === null ? [] : [['Note', row.note] as const]),
    ],
    amounts: [
      ['Fare', money(row.base_amount)],
      ['Taxes and fees', money(row.tax_amount)],
    ],
    total: money(row.total_amount),
    invoiceNumber: invoiceNumber(row.id),
    bookedAt: displayDateTime(row.created_at),
  };
}

/** So long after the booking, looking at it still belongs to making it. */
const JUST_BOOKED_MS = 60 * 60_000;

function isJustBooked(row: BookingRow, now: Date): boolean {
  return now.getTime() - parseWallClock(row.created_at).getTime() <= JUST_BOOKED_MS;
}

function stepOf(row: BookingRow, now: Date): number | null {
  if (!isJustBooked(row, now)) return null;
  if (row.status === 'HELD') return 2;
  return row.status === 'CONFIRMED' ? 3 : null;
}

function noticeOf(row: BookingRow, invoice: ShownInvoice | null, now: Date): BookingPage['notice'] {
  if (awaitsPayment(row, invoice)) {
    return {
      tone: 'warn',
      text: 'A payment is under way. This page shows its outcome as soon as it is known.',
    };
  }
  if (row.status === 'HELD' && row.hold_expires_at !== null) {
    return {
      tone: 'warn',
      text: `Your seats are held until ${displayDateTime(row.hold_expires_at)} UTC. Pay by then to keep them.`,
    };
  }
  if (row.status === 'CONFIRMED') {
    const sent = isJustBooked(row, now) ? 'are on their way' : 'went';
    return {
      tone: 'good',
      text: `Paid and confirmed. Your e-ticket and receipt ${sent} to ${row.contact_email}.`,
    };
  }
  if (row.status === 'EXPIRED') {
    return { tone: 'bad', text: 'The hold is over and the seats went back on sale. Nothing was charged.' };
  }
  const refunded = invoice && Number(invoice.refunded.replace('.', '')) > 0;
  const back = refunded ? ` ${displayMoney(invoice.refunded, invoice.currency)} goes back to your card.` : '';
  return { tone: 'bad', text: `This booking is cancelled.${back}` };
}

export function changePage(parts: {
  row: BookingRow;
  airports: Airports;
  gate: string | null;
  map: SeatMapRow;
  form: FormState;
  version: number;
  token: string;
}): ChangePage {
  const { row, form } = parts;
  const path = `/bookings/${row.id}`;
  const mine = row.passengers.flatMap(({ seat }) => (seat === null ? [] : [seat]));
  return {
    action: `${path}/change`,
    apiPath: `/api/v1${path}`,
    donePath: path,
    token: parts.token,
    version: parts.version,
    message: form.message,
    pass: passOf(row, parts.airports, parts.gate),
    cabin: cabinOf(parts.map, mine),
    passengers: row.passengers.map((passenger) => {
      const name = (part: string): string => `passenger_${passenger.id}_${part}`;
      return {
        heading: `${passenger.first_name} ${passenger.last_name}`,
        seat: passenger.infant === 'Y' ? null : seatField(form, name('seat')),
        fields: [
          frequentFlyerField(form, name('frequent_flyer_no'), 'w4'),
          assistanceField(form, name('special_assistance'), 'w5'),
        ],
      };
    }),
    contact: contactFields(form),
  };
}

/** What the change form holds when it is opened. */
export function bookedValues(row: BookingRow): Record<string, string | null> {
  const values: Record<string, string | null> = {
    contact_email: row.contact_email,
    contact_phone: row.contact_phone,
    note: row.note,
  };
  for (const { id, seat, frequent_flyer_no, special_assistance } of row.passengers) {
    values[`passenger_${id}_seat`] = seat;
    values[`passenger_${id}_frequent_flyer_no`] = frequent_flyer_no;
    values[`passenger_${id}_special_assistance`] = special_assistance;
  }
  return values;
}
