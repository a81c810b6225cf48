import type { FlightRow } from '../../flights/flight.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { displayCount, displayDate, displayDateTime, displayTime, shiftDay } from '../format.ts';
import {
  type Airports,
  type FlightHead,
  type FlightOffer,
  flightHead,
  flightTag,
  type Leg,
  legOfFlight,
  offerOf,
  type Party,
  type Tag,
} from './flight-parts.ts';
import type { Pager } from './pager.ts';

export type SearchForm = {
  from: Field;
  to: Field;
  date: Field;
  adults: Field;
  infants: Field;
  airports: readonly { code: string; label: string }[];
};

export type HomePage = { search: SearchForm; departures: readonly Departure[] };

export type FlightsPage = {
  search: SearchForm;
  message: string | null;
  /** Null while the search itself is at fault. */
  results: {
    heading: string;
    day: string;
    count: string;
    party: string;
    previousDay: string | null;
    nextDay: string;
    offers: readonly FlightOffer[];
    pager: Pager | null;
  } | null;
};

export type Departure = {
  time: string;
  /** `Mon 23 Nov` and `2026`: a narrow screen leaves the year out. */
  day: string;
  year: string;
  number: string;
  from: string;
  to: string;
  gate: string;
  status: Tag;
  path: string;
};

export type TimetablePage = { departures: readonly Departure[]; shownAt: string };

export type StatusPage = {
  flight: FlightHead;
  leg: Leg;
  departs: string;
  arrives: string;
  streamPath: string;
};

const COUNTS = (from: number, to: number): [string, string][] =>
  Array.from({ length: to - from + 1 }, (_, index) => [String(from + index), String(from + index)]);

export function searchForm(form: FormState, airports: Airports): SearchForm {
  const airport = { list: 'airports', maxlength: '3', autocapitalize: 'characters', autocomplete: 'off' };
  return {
    from: field(form, 'from', 'From', { width: 'from', attributes: { ...airport, placeholder: 'LHR' } }),
    to: field(form, 'to', 'To', { width: 'to', attributes: { ...airport, placeholder: 'JFK' } }),
    date: field(form, 'date', 'Departing', { kind: 'date', width: 'date' }),
    adults: field(form, 'adults', 'Adults', { kind: 'select', options: COUNTS(1, 9) }),
    infants: field(form, 'infants', 'Infants', { kind: 'select', options: COUNTS(0, 4), optional: true }),
    airports: [...airports.values()].map(({ code, city, name }) => ({ code, label: `${city}, ${name}` })),
  };
}

export function departureOf(row: FlightRow, airports: Airports): Departure {
  const leg = legOfFlight(row, airports);
  return {
    time: displayTime(row.departs_at),
    day: displayDate(row.departs_at).slice(0, -5),
    year: row.departs_at.slice(0, 4),
    number: row.number,
    from: `${leg.from.city} (${leg.from.code})`,
    to: `${leg.to.city} (${leg.to.code})`,
    gate: row.gate ?? '–',
    status: flightTag(row.status),
    path: `/status/${row.id}`,
  };
}

export function flightsPage(parts: {
  search: SearchForm;
  route: { from: string; to: string; date: string };
  party: Party;
  rows: readonly FlightRow[];
  total: number;
  pager: Pager | null;
  airports: Airports;
  now: Date;
}): FlightsPage {
  const { route, party, airports, now, total } = parts;
  const city = (code: string): string => airports.get(code)?.city ?? code;
  const onDay = (date: string): string =>
    `/flights?from=${route.from}&to=${route.to}&date=${date}&adults=${party.adults}&infants=${party.infants}`;
  const today = now.toISOString().slice(0, 10);
  return {
    search: parts.search,
    message: null,
    results: {
      heading: `${city(route.from)} to ${city(route.to)}`,
      day: displayDate(route.date),
      count: displayCount(total, 'flight'),
      party: partyText(party),
      previousDay: route.date > today ? onDay(shiftDay(route.date, -1)) : null,
      nextDay: onDay(shiftDay(route.date, 1)),
      offers: parts.rows.map((row) => offerOf(row, airports, party, now)),
      pager: parts.pager,
    },
  };
}

export function statusPage(row: FlightRow, airports: Airports): StatusPage {
  return {
    flight: flightHead(row),
    leg: legOfFlight(row, airports),
    departs: displayDateTime(row.departs_at),
    arrives: displayDateTime(row.arrives_at),
    streamPath: `/api/v1/flights/${row.id}/status/stream`,
  };
}

/** `2 adults, 1 infant`. */
export function partyText({ adults, infants }: Party): string {
  const people = displayCount(adults, 'adult');
  if (infants === 0) return people;
  return `${people}, ${displayCount(infants, 'infant')}`;
}
