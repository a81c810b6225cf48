import type { BookingRow, BookingStatus } from '../../bookings/booking.ts';
import { bookingReference } from '../../bookings/reference.ts';
import { displayCode, displayDateTime, displayMoney } from '../format.ts';
import { type Airports, fareName, type Leg, legOf, type Tag, type Tone } from './flight-parts.ts';

/** The booking as a boarding pass. */
export type Pass = {
  bookingId: string;
  reference: string;
  status: Tag;
  flightNumber: string;
  leg: Leg;
  fare: string;
  total: string;
  gate: string;
  travellers: readonly { name: string; seat: string; notes: string }[];
  /** Widths of the bars of the stub, a picture of the reference. */
  bars: readonly Bar[];
  barsWidth: number;
};

export type Bar = { x: number; width: number };

const TONES: Readonly<Record<BookingStatus, Tone>> = {
  HELD: 'warn',
  CONFIRMED: 'good',
  CANCELLED: 'bad',
  EXPIRED: 'quiet',
};

export function bookingTag(status: BookingStatus): Tag {
  return { text: displayCode(status), tone: TONES[status] };
}

export function passOf(row: BookingRow, airports: Airports, gate: string | null): Pass {
  const reference = bookingReference(row.id);
  const bars = barsOf(reference);
  const lastBar = bars.at(-1);
  return {
    bookingId: row.id,
    reference,
    status: bookingTag(row.status),
    flightNumber: row.flight.number,
    leg: legOf(row.flight, airports),
    fare: fareName(row.fare_class),
    total: displayMoney(row.total_amount, row.currency),
    gate: gate ?? '–',
    travellers: row.passengers.map((passenger) => ({
      name: [titleOf(passenger.title), passenger.first_name, passenger.last_name].filter(Boolean).join(' '),
      seat: passenger.infant === 'Y' ? 'on lap' : (passenger.seat ?? 'at check-in'),
      notes: [
        ...(passenger.special_assistance === 'Y' ? ['assistance at the airport'] : []),
        ...(passenger.frequent_flyer_no === null ? [] : [passenger.frequent_flyer_no]),
      ].join(', '),
    })),
    bars,
    barsWidth: lastBar ? lastBar.x + lastBar.width : 0,
  };
}

/** A trip of the list. */
export type Trip = {
  path: string;
  reference: string;
  route: string;
  when: string;
  flightNumber: string;
  travellers: string;
  total: string;
  status: Tag;
};

export function tripOf(row: BookingRow, airports: Airports): Trip {
  const leg = legOf(row.flight, airports);
  const [first] = row.passengers;
  const others = row.passengers.length - 1;
  const name = first ? `${first.first_name} ${first.last_name}` : '';
  return {
    path: `/bookings/${row.id}`,
    reference: bookingReference(row.id),
    route: `${leg.from.city} → ${leg.to.city}`,
    when: displayDateTime(row.flight.departs_at),
    flightNumber: row.flight.number,
    travellers: others > 0 ? `${name} and ${others} more` : name,
    total: displayMoney(row.total_amount, row.currency),
    status: bookingTag(row.status),
  };
}

function titleOf(title: string | null): string {
  return title === null ? '' : displayCode(title);
}

/** Code 39's idea, not its table: each character becomes five bars, wide or narrow by its bits. */
function barsOf(reference: string): Bar[] {
  const bars: Bar[] = [];
  let x = 0;
  for (const character of `*${reference}*`) {
    const code = character.charCodeAt(0);
    for (let bit = 0; bit < 5; bit += 1) {
      const width = (code >> bit) & 1 ? 4 : 2;
      bars.push({ x, width });
      x += width + ((code >> (bit + 1)) & 1 ? 3 : 2);
    }
  }
  return bars;
}
