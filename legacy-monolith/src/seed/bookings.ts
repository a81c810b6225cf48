import type { BookingStatus } from '../bookings/booking.ts';
import type { Title } from '../bookings/field-rules.ts';
import { FARE_CLASSES, type FareClass, type Price, priceOf } from '../bookings/price.ts';
import { plusMs } from '../clock.ts';
import type { SeedAccount } from './accounts.ts';
import type { SeedFlight } from './flights.ts';
import { type PersonName, personName, relativeOf } from './names.ts';
import type { Prng } from './prng.ts';

export type SeedPassenger = {
  id: number;
  title: Title | null;
  firstName: string;
  lastName: string;
  seat: string | null;
  infant: 'Y' | 'N';
  specialAssistance: 'Y' | 'N';
  frequentFlyerNo: string | null;
};

export type SeedBooking = {
  id: number;
  account: SeedAccount;
  flight: SeedFlight;
  fareClass: FareClass;
  status: BookingStatus;
  /** Of a cancelled booking: whether it had been paid. */
  wasPaid: boolean;
  passengers: SeedPassenger[];
  contactEmail: string;
  contactPhone: string | null;
  note: string | null;
  price: Price;
  createdAt: Date;
  paidAt: Date | null;
  holdExpiresAt: Date | null;
  updatedAt: Date;
  version: number;
};

/** What is decided before ids are given, which go by the time of booking. */
type Plan = { account: SeedAccount; flight: SeedFlight; status: BookingStatus; createdAt: Date };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOLD_MS = 30 * MINUTE_MS;
/** Holds that a demonstration meets: long enough not to be gone when somebody looks. */
const DEMO_HOLD_MS = 365 * DAY_MS;

const NOTES = [
  'Vegetarian meal, please.',
  'Late arrival from a connecting flight.',
  'Ahorita llegamos.',
  'Fensterplätze, bitte.',
];

/** `count` bookings in the order of their ids, seats without a collision. */
export function seedBookings(
  prng: Prng,
  accounts: readonly SeedAccount[],
  flights: readonly SeedFlight[],
  count: number,
  seedAt: Date,
): SeedBooking[] {
  const plans = [...demoPlans(prng, accounts, flights, seedAt)];
  while (plans.length < count) plans.push(randomPlan(prng, accounts, flights, seedAt));
  plans.sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  const seats = createSeating(prng);
  let passengers = 0;
  return plans.map((plan, index) => {
    const booking = bookingOf(prng, plan, 2 * index + 1, 2 * passengers + 1, seedAt, seats);
    passengers += booking.passengers.length;
    return booking;
  });
}

/** Upcoming bookings in every state, so that each demo account has something to show. */
function demoPlans(
  prng: Prng,
  accounts: readonly SeedAccount[],
  flights: readonly SeedFlight[],
  seedAt: Date,
): Plan[] {
  const upcoming = flights.filter(
    ({ departsAt, status }) => status !== 'CANCELLED' && departsAt.getTime() > seedAt.getTime() + 3 * DAY_MS,
  );
  const states: Record<number, readonly BookingStatus[]> = {
    1: ['HELD', 'CONFIRMED', 'CONFIRMED', 'CANCELLED', 'EXPIRED'],
    2: ['HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED'],
    5: ['HELD', 'HELD', 'CONFIRMED', 'CONFIRMED', 'CANCELLED', 'EXPIRED'],
    6: ['HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED'],
  };
  return Object.entries(states).flatMap(([id, statuses]) =>
    statuses.map((status) => ({
      account: accounts[Number(id) - 1] as SeedAccount,
      flight: prng.pick(upcoming),
      status,
      createdAt: plusMs(seedAt, -prng.int(90, 10 * 24 * 60) * MINUTE_MS),
    })),
  );
}

function randomPlan(
  prng: Prng,
  accounts: readonly SeedAccount[],
  flights: readonly SeedFlight[],
  seedAt: Date,
): Plan {
  const flight = prng.pick(flights);
  const account = prng.weighted([
    [accounts[4] as SeedAccount, 3],
    [accounts[5] as SeedAccount, 1],
    [prng.pick(accounts), 96],
  ]);
  // An agent or accountant flies with a customer's account.
  const booker =
    account.role === 'agent' || account.role === 'accountant' ? (accounts[0] as SeedAccount) : account;
  const latest = Math.min(flight.departsAt.getTime() - 90 * MINUTE_MS, seedAt.getTime() - MINUTE_MS);
  const createdAt = new Date(latest - prng.int(0, 60 * 24 * 60) * MINUTE_MS - prng.int(0, 59) * 1000);
  const past = flight.departsAt < seedAt;
  const status = prng.weighted<BookingStatus>([
    ['CONFIRMED', 80],
    ['CANCELLED', 12],
    ['EXPIRED', 7],
    ['HELD', past ? 0 : 1],
  ]);
  return { account: booker, flight, status, createdAt };
}

function bookingOf(
  prng: Prng,
  { account, flight, status, createdAt }: Plan,
  id: number,
  firstPassengerId: number,
  seedAt: Date,
  seats: Seating,
): SeedBooking {
  const fareClass = prng.weighted([
    [FARE_CLASSES[0], 40],
    [FARE_CLASSES[1], 42],
    [FARE_CLASSES[2], 18],
  ] as const);
  const party = partyOf(prng, leadOf(prng, account), firstPassengerId);
  const infants = party.filter(({ infant }) => infant === 'Y').length;
  const seated = status === 'HELD' || status === 'CONFIRMED';
  if (seated && prng.chance(0.75)) seats.seat(flight, party);
  const wasPaid = status === 'CONFIRMED' || (status === 'CANCELLED' && prng.chance(0.65));
  const paidAt = wasPaid ? plusMs(createdAt, prng.int(60, 1500) * 1000) : null;
  return {
    id,
    account,
    flight,
    fareClass,
    status,
    wasPaid,
    passengers: party,
    contactEmail: account.email,
    contactPhone: prng.chance(0.5) ? account.phone : null,
    note: prng.chance(0.05) ? prng.pick(NOTES) : null,
    price: priceOf(flight.baseFareCents, fareClass, { adults: party.length - infants, infants }),
    createdAt,
    paidAt,
    holdExpiresAt: status === 'HELD' ? holdEnd(prng, account, createdAt, seedAt) : null,
    updatedAt: lastChange(prng, status, createdAt, paidAt, flight, seedAt),
    version: 1 + Number(wasPaid) + Number(status === 'CANCELLED' || status === 'EXPIRED'),
  };
}

/** Most holds outlast a demonstration; every eighth is overdue, for the nightly job. */
function holdEnd(prng: Prng, account: SeedAccount, createdAt: Date, seedAt: Date): Date {
  return account.id > 6 && prng.chance(0.125) ? plusMs(createdAt, HOLD_MS) : plusMs(seedAt, DEMO_HOLD_MS);
}

function lastChange(
  prng: Prng,
  status: BookingStatus,
  createdAt: Date,
  paidAt: Date | null,
  flight: SeedFlight,
  seedAt: Date,
): Date {
  if (status === 'HELD') return createdAt;
  if (status === 'CONFIRMED') return paidAt ?? createdAt;
  // The clean-up comes by some minutes after a hold is over.
  if (status === 'EXPIRED') return plusMs(createdAt, HOLD_MS + prng.int(1, 600) * 1000);
  const from = (paidAt ?? createdAt).getTime();
  const to = Math.min(flight.departsAt.getTime(), seedAt.getTime());
  // Unpaid, a booking can be cancelled only while it is held.
  const span = paidAt ? Math.max(to - from, 1000) : HOLD_MS;
  return new Date(from + 1000 * prng.int(1, Math.max(1, Math.floor(span / 1000) - 1)));
}

/** Most customers fly themselves; whom the others book for is anybody. */
function leadOf(prng: Prng, account: SeedAccount): PersonName {
  const anybody = personName(prng);
  const [first, ...rest] = account.name.split(' ');
  const own = account.role === 'customer' && prng.chance(0.8);
  return own ? { first: first as string, last: rest.join(' ') } : anybody;
}

function partyOf(prng: Prng, lead: PersonName, firstId: number): SeedPassenger[] {
  const adults = prng.weighted([
    [1, 55],
    [2, 30],
    [3, 8],
    [4, 5],
    [5, 1],
    [6, 1],
  ]);
  const infants = prng.chance(0.05) ? prng.int(1, Math.min(2, adults)) : 0;
  return Array.from({ length: adults + infants }, (_, index) => {
    const name: PersonName = index === 0 ? lead : relativeOf(prng, lead);
    const infant = index >= adults;
    return {
      id: firstId + 2 * index,
      title: infant || prng.chance(0.2) ? null : prng.pick(['MR', 'MRS', 'MS', 'MX', 'DR'] as const),
      firstName: name.first,
      lastName: name.last,
      seat: null,
      infant: infant ? 'Y' : 'N',
      specialAssistance: prng.chance(0.02) ? 'Y' : 'N',
      frequentFlyerNo: !infant && prng.chance(0.25) ? `MA${prng.int(1_000_000, 9_999_999)}` : null,
    };
  });
}

type Seating = { seat(flight: SeedFlight, party: readonly SeedPassenger[]): void };

/** Seats parties side by side, from a row of their own choosing on, where nobody sits yet. */
function createSeating(prng: Prng): Seating {
  const takenOf = new Map<number, Set<string>>();
  return {
    seat({ id, aircraft }, party) {
      const taken = takenOf.get(id) ?? new Set<string>();
      takenOf.set(id, taken);
      const size = aircraft.rows * aircraft.columns.length;
      let place = prng.int(0, size - 1);
      for (const passenger of party) {
        if (passenger.infant === 'Y' || taken.size >= size) continue;
        while (taken.has(seatAt(aircraft.columns, place))) place = (place + 1) % size;
        passenger.seat = seatAt(aircraft.columns, place);
        taken.add(passenger.seat);
      }
    },
  };
}

function seatAt(columns: string, place: number): string {
  return `${1 + Math.floor(place / columns.length)}${columns[place % columns.length]}`;
}
