import { plusMs, wallClock } from '../clock.ts';
import { type AircraftType, aircraftFor } from './aircraft.ts';
import { type Airport, distanceKm } from './airports.ts';
import type { Prng } from './prng.ts';

export type SeedFlight = {
  id: number;
  number: string;
  origin: string;
  destination: string;
  departsAt: Date;
  arrivesAt: Date;
  aircraft: AircraftType;
  status: string;
  gate: string | null;
  baseFareCents: bigint;
  updatedAt: string;
};

/** From how many days before the seed date to how many after it there are flights. */
export type FlightWindow = { daysBefore: number; daysAfter: number };

type Leg = { number: string; from: Airport; to: Airport; busy: boolean };

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CRUISE_KM_PER_MINUTE = 14;
const TAXI_MINUTES = 35;

/**
 * Exactly `count` flights, evenly over the days: LHR-JFK and back every day, all other routes in turn. Ids go
 * by departure day.
 */
export function seedFlights(
  prng: Prng,
  airports: readonly Airport[],
  count: number,
  seedAt: Date,
  { daysBefore, daysAfter }: FlightWindow,
): SeedFlight[] {
  const [trunk, ...others] = routesOf(airports);
  if (!trunk) throw new Error('there is no route');
  const days = daysBefore + daysAfter + 1;
  const flights: SeedFlight[] = [];
  let turn = 0;
  for (let day = 0; day < days; day += 1) {
    const quota = Math.floor(((day + 1) * count) / days) - Math.floor((day * count) / days);
    const legs = [...trunk];
    while (legs.length < quota) {
      legs.push(...(others[turn % others.length] as Leg[]));
      turn += 1;
    }
    const midnight = plusMs(seedAt, (day - daysBefore) * DAY_MS);
    for (const [index, leg] of legs.slice(0, quota).entries()) {
      // The way back leaves in the afternoon, when the aircraft has had time to come.
      const firstMinute = index % 2 === 0 ? 6 * 60 : 13 * 60;
      const departsAt = plusMs(midnight, (firstMinute + 5 * prng.int(0, 96)) * MINUTE_MS);
      flights.push(flightOf(prng, flights.length + 1, leg, departsAt, seedAt));
    }
  }
  return flights;
}

/** Each airport with its hub, out and back; LHR-JFK first. */
function routesOf(airports: readonly Airport[]): Leg[][] {
  const byCode = new Map(airports.map((airport) => [airport.code, airport]));
  const home = byCode.get('LHR') as Airport;
  const outstations = airports
    .filter((airport) => airport !== home)
    .sort((one, other) => Number(other.code === 'JFK') - Number(one.code === 'JFK'));
  return outstations.map((airport, index) => {
    const hub = byCode.get(airport.hub) ?? home;
    const number = 101 + 2 * index;
    const busy = index % 4 === 0;
    return [
      { number: `MA${number}`, from: hub, to: airport, busy },
      { number: `MA${number + 1}`, from: airport, to: hub, busy },
    ];
  });
}

function flightOf(prng: Prng, id: number, leg: Leg, departsAt: Date, seedAt: Date): SeedFlight {
  const km = distanceKm(leg.from, leg.to);
  const minutes = 5 * Math.round((TAXI_MINUTES + km / CRUISE_KM_PER_MINUTE) / 5);
  const arrivesAt = plusMs(departsAt, minutes * MINUTE_MS);
  const status = statusOf(prng, departsAt, arrivesAt, seedAt);
  const near = departsAt.getTime() - seedAt.getTime() < 2 * DAY_MS;
  const gate = `${prng.pick(['A', 'B', 'C'])}${prng.int(1, 38)}`;
  // Whole half euros: 29.50 and up, a little under ten cents a kilometre.
  const halves = 59 + Math.round(km / 6) + prng.int(0, 60);
  return {
    id,
    number: leg.number,
    origin: leg.from.code,
    destination: leg.to.code,
    departsAt,
    arrivesAt,
    aircraft: aircraftFor(km, leg.busy),
    status,
    gate: near && status !== 'CANCELLED' ? gate : null,
    baseFareCents: BigInt(halves) * 50n,
    updatedAt: wallClock(arrivesAt < seedAt ? arrivesAt : plusMs(seedAt, -prng.int(1, 20) * DAY_MS)),
  };
}

function statusOf(prng: Prng, departsAt: Date, arrivesAt: Date, seedAt: Date): string {
  if (prng.chance(0.02)) return 'CANCELLED';
  if (arrivesAt < seedAt) return 'ARRIVED';
  if (departsAt < seedAt) return 'DEPARTED';
  const hours = (departsAt.getTime() - seedAt.getTime()) / 3_600_000;
  return hours < 48 && prng.chance(0.1) ? 'DELAYED' : 'SCHEDULED';
}
