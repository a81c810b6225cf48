import { SeatServiceService } from '@banyan/contracts/booking/v1/booking';
import { createPool } from '../../src/db/pool.ts';
import { createSeatFeed } from '../../src/live/seat-feed.ts';
import { createLogger } from '../../src/log/logger.ts';
import { createConsentService } from '../../src/seams/rpc/consent-service.ts';
import { implement } from '../../src/seams/rpc/serve.ts';
import { createSeamServer } from '../../src/seams/rpc/server.ts';
import { createBookingLookup } from '../../src/seams/rpc/services.ts';

/** What the booking service serves to a monolith without bookings, over a database that has them. */
export async function startBookingStandIn(parts: {
  databaseUrl: string;
  clock: () => Date;
  token: string;
  port: number;
}): Promise<{ stop(): Promise<void> }> {
  const { databaseUrl, clock, token, port } = parts;
  const logger = createLogger('silent');
  const pool = createPool({ databaseUrl, databasePoolMax: 5 }, logger);
  const owns = async () => true;
  const seats = implement(SeatServiceService, 'service', {
    async listTakenSeats({ flightId }) {
      const sql = `SELECT seat FROM seat_claims WHERE flight_id = $1
                   ORDER BY left(seat, -1)::integer, right(seat, 1)`;
      return { seats: (await pool.query(sql, [String(flightId)])).rows.map(({ seat }) => seat) };
    },
    async *watchSeats(_request, { signal }) {
      const feed = createSeatFeed(databaseUrl, logger);
      const pending: { flightId: bigint; seat: string; taken: boolean }[][] = [];
      let wake = (): void => {};
      const tell = (changes: (typeof pending)[number]): void => {
        pending.push(changes);
        wake();
      };
      feed.start({
        onGap: () => tell([]),
        onChange: ({ flightId, seat, op }) =>
          tell([{ flightId: BigInt(flightId), seat, taken: op === 'taken' }]),
      });
      signal.addEventListener('abort', () => wake(), { once: true });
      try {
        while (!signal.aborted) {
          const changes = pending.shift();
          if (changes) yield { changes };
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        await feed.stop();
      }
    },
  });
  const server = createSeamServer({
    token,
    logger,
    newId: () => 'stand-in',
    drainMs: 100,
    services: [seats, createConsentService({ pool, clock, owns }), createBookingLookup(pool, owns)],
  });
  await server.listen(port, '127.0.0.1');
  return {
    async stop() {
      await server.stop();
      await pool.end();
    },
  };
}
