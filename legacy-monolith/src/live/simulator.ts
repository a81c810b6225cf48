import type { Pool, PoolClient } from 'pg';
import { parseWallClock, plusMs, wallClock } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { advanceFlight, type FlightChange, NEWS_MS, type Random } from './advance-flight.ts';

/** A backlog is worked off over several rounds. */
const FLIGHTS_PER_ROUND_MAX = 500;
/** Among the advisory locks of this database. */
const SIMULATOR_LOCK = 7_311_027;

type FlightRow = {
  id: string;
  status: string;
  gate: string | null;
  departs_at: string;
  arrives_at: string;
};

export type SimulatorParts = {
  pool: Pool;
  clock: () => Date;
  random: Random;
  /** Flights that somebody follows. */
  watched(): readonly string[];
};

/**
 * One round of the simulator: moves the flights that are due, as airport staff would. Any number of processes
 * may run it; one of them has the round, and a flight that is being booked waits for the next. Gives how many
 * flights changed.
 */
export function moveFlights({ pool, clock, random, watched }: SimulatorParts): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows: locks } = await client.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      SIMULATOR_LOCK,
    ]);
    if (!locks[0].mine) return 0;
    const now = clock();
    const followed = new Set(watched());
    const { rows } = await client.query<FlightRow>(DUE, [
      wallClock(plusMs(now, NEWS_MS)),
      [...followed],
      FLIGHTS_PER_ROUND_MAX,
    ]);
    const changes = rows.flatMap((row) => {
      const change = advanceFlight(toState(row), now, random, followed.has(row.id));
      return change ? [{ id: row.id, ...change }] : [];
    });
    return changes.length === 0 ? 0 : writeChanges(client, changes, now);
  });
}

const DUE = `
  SELECT id, status, gate, departs_at, arrives_at FROM flights
  WHERE status NOT IN ('ARRIVED', 'CANCELLED') AND (departs_at < $1 OR id = ANY($2::bigint[]))
  ORDER BY departs_at, id LIMIT $3
  FOR NO KEY UPDATE SKIP LOCKED`;

function toState(row: FlightRow): FlightChange['next'] {
  return {
    status: row.status,
    gate: row.gate,
    departsAt: parseWallClock(row.departs_at),
    arrivesAt: parseWallClock(row.arrives_at),
  };
}

async function writeChanges(
  client: PoolClient,
  changes: readonly ({ id: string } & FlightChange)[],
  now: Date,
): Promise<number> {
  const { rowCount } = await client.query(WRITE, [
    changes.map(({ id }) => id),
    changes.map(({ next }) => next.status),
    changes.map(({ next }) => next.gate),
    changes.map(({ next }) => wallClock(next.departsAt)),
    changes.map(({ next }) => wallClock(next.arrivesAt)),
    wallClock(now),
  ]);
  return rowCount ?? 0;
}

/** A number departs at one time once: a delay that would break that does not happen. */
const WRITE = `
  UPDATE flights f
  SET status = c.status, gate = c.gate, departs_at = c.departs_at, arrives_at = c.arrives_at, updated_at = $6
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamp[], $5::timestamp[])
    AS c (id, status, gate, departs_at, arrives_at)
  WHERE f.id = c.id AND NOT EXISTS (
    SELECT FROM flights o WHERE o.number = f.number AND o.departs_at = c.departs_at AND o.id <> f.id)`;
