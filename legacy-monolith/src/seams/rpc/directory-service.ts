import {
  DirectoryServiceService,
  type Flight,
  FlightStatus as WireStatus,
} from '@banyan/contracts/directory/v1/directory';
import { Role as WireRole } from '@banyan/contracts/identity/v1/identity';
import type { Pool } from 'pg';
import type { Role } from '../../auth/guards.ts';
import { parseWallClock } from '../../clock.ts';
import { toCents } from '../../money.ts';
import { RpcRefusal } from './errors.ts';
import { moneyToWire } from './money-wire.ts';
import { implement, type Served } from './serve.ts';

const BATCH_ROWS = 500;

/** Flights and accounts, for services that keep a copy. They never leave, so nobody asks who owns them. */
export function createDirectoryService(pool: Pool, batchRows: number = BATCH_ROWS): Served {
  return implement(DirectoryServiceService, 'service', {
    async getFlight({ flightId }) {
      const { rows } = await pool.query<FlightRow>(`${SELECT_FLIGHTS} WHERE f.id = $1`, [String(flightId)]);
      if (!rows[0]) throw new RpcRefusal('NOT_FOUND', 'FLIGHT_NOT_FOUND');
      return { flight: flightToWire(rows[0]) };
    },
    async *listFlights({ cursor }, { signal }) {
      const from = await startOf(pool, cursor);
      let last = { changed_in: from.since, id: '0' };
      while (!signal.aborted) {
        const { rows } = await pool.query<FlightRow>(NEXT_FLIGHTS, [last.changed_in, last.id, batchRows]);
        const isLast = rows.length < batchRows;
        // Until the end the cursor is the one that was given: who is cut off begins again.
        yield { flights: rows.map(flightToWire), cursor: isLast ? from.until : cursor };
        if (isLast) return;
        last = rows.at(-1) as FlightRow;
      }
    },
    async getAccount({ accountId }) {
      const { rows } = await pool.query<AccountRow>(`${SELECT_ACCOUNTS} WHERE id = $1`, [String(accountId)]);
      if (!rows[0]) throw new RpcRefusal('NOT_FOUND', 'ACCOUNT_NOT_FOUND');
      return { account: accountToWire(rows[0]) };
    },
    async *listAccounts({ afterAccountId }, { signal }) {
      let after = String(afterAccountId);
      while (!signal.aborted) {
        const { rows } = await pool.query<AccountRow>(
          `${SELECT_ACCOUNTS} WHERE id > $1 ORDER BY id LIMIT $2`,
          [after, batchRows],
        );
        if (rows.length > 0) yield { accounts: rows.map(accountToWire) };
        if (rows.length < batchRows) return;
        after = (rows.at(-1) as AccountRow).id;
      }
    },
  });
}

/**
 * A cursor is the oldest transaction that was still open when the reader looked: all that came before it had been
 * seen, and what has changed since, also by transactions that began long before, is at it or after it. Some of it
 * comes a second time. A cursor of another database, ahead of this one, is none.
 */
async function startOf(pool: Pool, cursor: string): Promise<{ since: string; until: string }> {
  if (cursor !== '' && !/^\d{1,19}$/.test(cursor)) {
    throw new RpcRefusal('INVALID_ARGUMENT', 'CURSOR_MALFORMED');
  }
  const { rows } = await pool.query<{ oldest: string; next: string }>(HORIZON);
  const { oldest, next } = rows[0] as { oldest: string; next: string };
  const isKnown = cursor !== '' && BigInt(cursor) <= BigInt(next);
  return { since: isKnown ? cursor : '0', until: oldest };
}

type FlightRow = {
  id: string;
  changed_in: string;
  number: string;
  departs_at: string;
  arrives_at: string;
  aircraft: string;
  aircraft_name: string;
  rows: number;
  columns: string;
  status: keyof typeof STATUSES;
  gate: string | null;
  base_fare: string;
  currency: string;
  revision: number;
  updated_at: string;
  origin: Flight['origin'];
  destination: Flight['destination'];
};

const STATUSES = {
  SCHEDULED: WireStatus.SCHEDULED,
  BOARDING: WireStatus.BOARDING,
  DELAYED: WireStatus.DELAYED,
  DEPARTED: WireStatus.DEPARTED,
  ARRIVED: WireStatus.ARRIVED,
  CANCELLED: WireStatus.CANCELLED,
} as const;

function flightToWire(row: FlightRow): Flight {
  return {
    id: BigInt(row.id),
    number: row.number,
    origin: row.origin,
    destination: row.destination,
    departsAt: parseWallClock(row.departs_at),
    arrivesAt: parseWallClock(row.arrives_at),
    aircraft: row.aircraft,
    aircraftName: row.aircraft_name,
    cabin: { rows: row.rows, columns: row.columns },
    status: STATUSES[row.status],
    gate: row.gate ?? undefined,
    baseFare: moneyToWire(toCents(row.base_fare), row.currency),
    revision: row.revision,
    updatedAt: parseWallClock(row.updated_at),
  };
}

type AccountRow = { id: string; name: string; email: string; role: Role };

const ROLES = {
  customer: WireRole.CUSTOMER,
  agent: WireRole.AGENT,
  accountant: WireRole.ACCOUNTANT,
  partner: WireRole.PARTNER,
} as const satisfies Record<Role, WireRole>;

function accountToWire({ id, name, email, role }: AccountRow) {
  return { id: BigInt(id), name, email, role: ROLES[role] };
}

const AIRPORT = (alias: string): string =>
  `json_build_object('code', ${alias}.code, 'name', ${alias}.name, 'city', ${alias}.city,
                     'country', ${alias}.country, 'latitude', ${alias}.latitude, 'longitude', ${alias}.longitude)`;

const SELECT_FLIGHTS = `
  SELECT f.id, f.changed_in::text AS changed_in, f.number, f.departs_at, f.arrives_at, f.aircraft,
         t.name AS aircraft_name, t.rows, t.columns, f.status, f.gate, f.base_fare, f.currency, f.revision,
         f.updated_at, ${AIRPORT('o')} AS origin, ${AIRPORT('d')} AS destination
  FROM flights f
  JOIN aircraft_types t ON t.code = f.aircraft
  JOIN airports o ON o.code = f.origin
  JOIN airports d ON d.code = f.destination`;

/** A flight that changes meanwhile comes again further on, or with the next cursor. */
const NEXT_FLIGHTS = `
  ${SELECT_FLIGHTS} WHERE (f.changed_in, f.id) > ($1::xid8, $2::bigint)
  ORDER BY f.changed_in, f.id LIMIT $3`;

const HORIZON = `
  SELECT pg_snapshot_xmin(snapshot)::text AS oldest, pg_snapshot_xmax(snapshot)::text AS next
  FROM (SELECT pg_current_snapshot() AS snapshot) AS now`;

const SELECT_ACCOUNTS = 'SELECT id, name, email, role FROM accounts';
