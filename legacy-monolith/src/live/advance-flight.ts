import { plusMs } from '../clock.ts';

export type FlightState = {
  status: string;
  gate: string | null;
  departsAt: Date;
  arrivesAt: Date;
};

export type FlightChange = {
  reason: 'arrived' | 'departed' | 'boarding' | 'gate_assigned' | 'gate_changed' | 'delayed';
  next: FlightState;
};

/** From 0 to just below 1. */
export type Random = () => number;

const MINUTE_MS = 60_000;
const BOARDING_MS = 45 * MINUTE_MS;
const GATE_MS = 180 * MINUTE_MS;
/** How long before departure a flight begins to have news. */
export const NEWS_MS = 12 * 60 * MINUTE_MS;
/** How likely a flight has news at one look. One that somebody follows has more to tell. */
const NEWS_CHANCE = { unwatched: 0.006, watched: 0.1 } as const;
const DELAYED_SHARE = 0.3;
const DELAY_MINUTES = { min: 15, step: 5, steps: 10 } as const;
const GATE_LETTERS = ['A', 'B', 'C'] as const;
const GATES_PER_LETTER = 38;

/**
 * What becomes of a flight by now: by the clock it gets a gate, boards, departs and arrives, however long nobody
 * looked; by chance it is delayed, once, or changes its gate. Null when nothing is new.
 */
export function advanceFlight(
  flight: FlightState,
  now: Date,
  random: Random,
  isWatched = false,
): FlightChange | null {
  const { status, gate } = flight;
  if (status === 'CANCELLED' || status === 'ARRIVED') return null;
  const untilDepartureMs = flight.departsAt.getTime() - now.getTime();
  if (now >= flight.arrivesAt) return { reason: 'arrived', next: { ...flight, status: 'ARRIVED' } };
  if (status === 'DEPARTED') return null;
  if (untilDepartureMs <= 0) return { reason: 'departed', next: { ...flight, status: 'DEPARTED' } };
  if (status === 'BOARDING') return null;
  if (untilDepartureMs <= BOARDING_MS) {
    return { reason: 'boarding', next: { ...flight, status: 'BOARDING', gate: gate ?? anyGate(random) } };
  }
  if (gate === null && untilDepartureMs <= GATE_MS) {
    return { reason: 'gate_assigned', next: { ...flight, gate: anyGate(random) } };
  }
  if (untilDepartureMs > NEWS_MS && !isWatched) return null;
  return random() < NEWS_CHANCE[isWatched ? 'watched' : 'unwatched'] ? newsOf(flight, random) : null;
}

function newsOf(flight: FlightState, random: Random): FlightChange {
  if (flight.status === 'SCHEDULED' && random() < DELAYED_SHARE) {
    const delayMs = (DELAY_MINUTES.min + DELAY_MINUTES.step * whole(random, DELAY_MINUTES.steps)) * MINUTE_MS;
    return {
      reason: 'delayed',
      next: {
        ...flight,
        status: 'DELAYED',
        departsAt: plusMs(flight.departsAt, delayMs),
        arrivesAt: plusMs(flight.arrivesAt, delayMs),
      },
    };
  }
  if (flight.gate === null) return { reason: 'gate_assigned', next: { ...flight, gate: anyGate(random) } };
  return { reason: 'gate_changed', next: { ...flight, gate: otherGate(flight.gate, random) } };
}

function anyGate(random: Random): string {
  return `${GATE_LETTERS[whole(random, GATE_LETTERS.length)]}${1 + whole(random, GATES_PER_LETTER)}`;
}

/** Another one for certain: the next number where chance names the same again. */
function otherGate(gate: string, random: Random): string {
  const candidate = anyGate(random);
  if (candidate !== gate) return candidate;
  const number = Number(gate.slice(1));
  return `${gate.slice(0, 1)}${(number % GATES_PER_LETTER) + 1}`;
}

/** A whole number from 0 to just below `count`. */
function whole(random: Random, count: number): number {
  return Math.floor(random() * count);
}
