import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Airport, DirectoryServiceService, type Flight } from '@banyan/contracts/directory/v1/directory';
import { refuse } from '@banyan/service-kit/errors';
import { implement } from '@banyan/service-kit/handlers';
import { silentLogger } from '@banyan/service-kit/logger';
import { moneyOf } from '@banyan/service-kit/money';
import { createGrpcServer } from '@banyan/service-kit/server';
import { freePort } from '@banyan/stack/testing/free-port';
import type pg from 'pg';
import { bookingCopyViews } from '../../data-plan.ts';
import { atEnd } from './databases.ts';

export const TOKEN = 'token-of-the-tests';

export type Seam = {
  readonly target: string;
  /** Stops it, and starts it again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

/** The monolith's seam as booking meets it: the directory over the monolith's tables. */
export async function startSeam(t: TestContext, monolith: pg.Pool): Promise<Seam> {
  const flightsSince = async (cursor: string): Promise<Flight[]> => {
    const { rows } = await monolith.query(
      `SELECT * FROM (${bookingCopyViews.flights}) AS flights
       WHERE $1 = '' OR updated_at >= $1::timestamptz OR revision > 1 ORDER BY id`,
      [cursor],
    );
    return rows.map(toWireFlight);
  };
  const services = [
    implement(DirectoryServiceService, 'service', {
      async getFlight({ flightId }) {
        const flight = (await flightsSince('')).find(({ id }) => id === flightId);
        if (!flight) throw refuse('NOT_FOUND', 'FLIGHT_NOT_FOUND');
        return { flight };
      },
      async *listFlights({ cursor }) {
        const flights = await flightsSince(cursor);
        for (let from = 0; from < flights.length; from += 25) {
          yield { flights: flights.slice(from, from + 25), cursor: cursorOfNow() };
        }
      },
      async getAccount({ accountId }) {
        const { rows } = await monolith.query('SELECT id, name, email FROM accounts WHERE id = $1', [
          accountId,
        ]);
        if (!rows[0]) throw refuse('NOT_FOUND', 'ACCOUNT_NOT_FOUND');
        return { account: { ...rows[0], id: BigInt(rows[0].id), role: 'ROLE_CUSTOMER' as const } };
      },
      async *listAccounts({ afterAccountId }) {
        const { rows } = await monolith.query(
          'SELECT id, name, email FROM accounts WHERE id > $1 ORDER BY id',
          [afterAccountId],
        );
        yield {
          accounts: rows.map((row) => ({ ...row, id: BigInt(row.id), role: 'ROLE_CUSTOMER' as const })),
        };
      },
    }),
  ];
  let server = serverOf();
  function serverOf() {
    return createGrpcServer({
      services,
      identity: null,
      serviceToken: TOKEN,
      logger: silentLogger,
      now: () => new Date(),
      newId: randomUUID,
      limits: { drainMs: 500 },
    });
  }
  const port = await freePort();
  await server.listen({ port, host: '127.0.0.1' });
  atEnd(t, () => server.stop());
  return {
    target: `127.0.0.1:${port}`,
    stop: () => server.stop(),
    async start() {
      server = serverOf();
      await server.listen({ port, host: '127.0.0.1' });
    },
  };
}

/** A flight's own time of change has whole seconds, and may be a moment old when it is committed. */
function cursorOfNow(): string {
  return new Date(Date.now() - 3_000).toISOString();
}

// biome-ignore lint/suspicious/noExplicitAny: a row of pg
function toWireFlight(row: any): Flight {
  const place = (end: 'origin' | 'destination'): Airport => ({
    code: row[end],
    name: row[`${end}_name`],
    city: row[`${end}_place`],
    country: '',
    latitude: row[`${end}_latitude`],
    longitude: row[`${end}_longitude`],
  });
  return {
    id: BigInt(row.id),
    number: row.number,
    origin: place('origin'),
    destination: place('destination'),
    departsAt: row.departs_at,
    arrivesAt: row.arrives_at,
    aircraft: row.aircraft,
    aircraftName: row.aircraft_name,
    cabin: { rows: row.cabin_rows, columns: row.cabin_columns },
    status: `FLIGHT_STATUS_${row.status}` as Flight['status'],
    gate: row.gate ?? undefined,
    baseFare: moneyOf(BigInt(row.base_fare_minor), row.currency),
    revision: row.revision,
    updatedAt: row.updated_at,
  };
}
