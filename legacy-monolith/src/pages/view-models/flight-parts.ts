import { isClosedForBooking } from '../../bookings/closing.ts';
import { FARE_CLASSES, type FareClass, priceOf } from '../../bookings/price.ts';
import type { FlightRow } from '../../flights/flight.ts';
import type { AirportRow } from '../../flights/flight-queries.ts';
import { fromCents, toCents } from '../../money.ts';
import {
  daysBetween,
  displayCode,
  displayDate,
  displayDuration,
  displayMoney,
  displayTime,
} from '../format.ts';

export type Tone = '' | 'good' | 'warn' | 'bad' | 'quiet';
/** A status as a coloured label. */
export type Tag = { text: string; tone: Tone };

export type Place = { code: string; city: string; airport: string };

/** One flight from here to there, as lists and cards show it. */
export type Leg = {
  from: Place;
  to: Place;
  date: string;
  departs: string;
  arrives: string;
  /** `+1` where it arrives on the next day, else empty. */
  dayShift: string;
  duration: string;
};

export type FlightHead = { id: string; number: string; aircraft: string; gate: string | null; status: Tag };

export type FareOffer = { name: string; price: string; path: string };

/** A flight of the search's results: its fares, or why there are none. */
export type FlightOffer = {
  flight: FlightHead;
  leg: Leg;
  statusPath: string;
  fares: readonly FareOffer[];
  closed: string | null;
};

export type Party = { adults: number; infants: number };

export type Airports = ReadonlyMap<string, AirportRow>;

const FLIGHT_TONES: Readonly<Record<string, Tone>> = {
  SCHEDULED: '',
  BOARDING: 'good',
  DELAYED: 'warn',
  DEPARTED: 'quiet',
  ARRIVED: 'quiet',
  CANCELLED: 'bad',
};

export function airportsByCode(rows: readonly AirportRow[]): Airports {
  return new Map(rows.map((row) => [row.code, row]));
}

export function flightTag(status: string): Tag {
  return { text: displayCode(status), tone: FLIGHT_TONES[status] ?? '' };
}

export function flightHead(row: FlightRow): FlightHead {
  const { id, number, aircraft, gate, status } = row;
  return { id, number, aircraft, gate, status: flightTag(status) };
}

export function legOf(
  flight: { from: string; to: string; departs_at: string; arrives_at: string },
  airports: Airports,
): Leg {
  const place = (code: string): Place => {
    const airport = airports.get(code);
    return { code, city: airport?.city ?? code, airport: airport?.name ?? code };
  };
  const shift = daysBetween(flight.departs_at, flight.arrives_at);
  return {
    from: place(flight.from),
    to: place(flight.to),
    date: displayDate(flight.departs_at),
    departs: displayTime(flight.departs_at),
    arrives: displayTime(flight.arrives_at),
    dayShift: shift > 0 ? `+${shift}` : '',
    duration: displayDuration(flight.departs_at, flight.arrives_at),
  };
}

export function legOfFlight(row: FlightRow, airports: Airports): Leg {
  return legOf({ ...row, from: row.origin, to: row.destination }, airports);
}

export function fareName(fareClass: FareClass): string {
  return displayCode(fareClass);
}

/** The whole party's price, tax included. */
export function partyPrice(row: FlightRow, fareClass: FareClass, party: Party): string {
  const { totalCents } = priceOf(toCents(row.base_fare), fareClass, party);
  return displayMoney(fromCents(totalCents), row.currency);
}

export function offerOf(row: FlightRow, airports: Airports, party: Party, now: Date): FlightOffer {
  const closed = isClosedForBooking(row, now);
  const offers = FARE_CLASSES.map((fareClass) => ({
    name: fareName(fareClass),
    price: partyPrice(row, fareClass, party),
    path: bookPath(row.id, fareClass, party),
  }));
  return {
    flight: flightHead(row),
    leg: legOfFlight(row, airports),
    statusPath: `/status/${row.id}`,
    fares: closed ? [] : offers,
    closed: closed ? closedText(row.status) : null,
  };
}

export function bookPath(flightId: string, fareClass: FareClass, { adults, infants }: Party): string {
  const infantsToo = infants > 0 ? `&infants=${infants}` : '';
  return `/flights/${flightId}/book?fare_class=${fareClass}&adults=${adults}${infantsToo}`;
}

function closedText(status: string): string {
  if (status === 'CANCELLED') return 'This flight is cancelled.';
  if (status === 'DEPARTED' || status === 'ARRIVED') return 'This flight has left.';
  return 'Booking closed an hour before departure.';
}
