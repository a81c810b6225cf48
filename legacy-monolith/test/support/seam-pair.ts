import { randomUUID } from 'node:crypto';
import { installOwnership } from '@banyan/mover/install-ownership';
import { type Acquirer, createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { freePort } from '@banyan/stack/testing/free-port';
import type { TestProcess } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { createMonolith, type Monolith } from '../../src/compose.ts';
import { parseMonolithConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log/logger.ts';
import { startBookingStandIn } from './booking-stand-in.ts';
import { startSeamRelay } from './seam-relay.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
export const TOKEN = 'a token of the tests, shared';
const TABLES = {
  booking: ['bookings', 'passengers', 'seat_claims', 'seam_consents'],
  billing: ['invoices', 'invoice_lines', 'payments', 'refunds', 'statements', 'seam_tombstones'],
};

export type Side = {
  url: string;
  /** Of its gRPC server. */
  target: string;
  pool: pg.Pool;
  monolith: Monolith;
  databaseUrl: string;
  /** Where events go by queues. */
  relay: TestProcess | null;
  log(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Two sides, each with a database of its own and what the other has not: `booking` owns bookings and has billing
 * away, `billing` the other way round. Both speak the contracts over real sockets, and each is the other's API.
 */
export type Pair = {
  booking: Side;
  billing: Side;
  acquirer: Acquirer;
  advance(ms: number): void;
  /** All that either side has told was acknowledged. */
  untilTaken(): Promise<void>;
  /** Logs in on one side, and makes the session known to the other. */
  logIn(email: string): Promise<{ cookie: string }>;
};

type Options = {
  /** Bookings are served by a stand-in of their service, the live seats among it. */
  withSeats?: boolean;
  /** Events go by queues in this Redis, under a prefix of their own; else they stay in the outbox. */
  queueRedisUrl?: string;
};

export async function startPair(
  t: { after(release: () => Promise<void>): void },
  { withSeats = false, queueRedisUrl }: Options = {},
): Promise<Pair> {
  const releases: (() => Promise<void>)[] = [];
  const prefix = `test-${randomUUID()}`;
  t.after(async () => {
    for (const release of releases.reverse()) await release();
  });
  const acquirer = await createAcquirer({ port: 0, shortWaitMs: 200 });
  releases.push(() => acquirer.stop());
  const startedAt = Date.now();
  let ahead = 0;
  const clock = () => new Date(NOW.getTime() + (Date.now() - startedAt) + ahead);
  const ports = {
    booking: [await freePort(), await freePort()],
    billing: [await freePort(), await freePort()],
  };

  // What of booking's service a monolith's seam has not: its seats.
  const standInPort = await freePort();

  const side = async (owned: 'booking' | 'billing', other: 'booking' | 'billing'): Promise<Side> => {
    const database = await createTestDatabase('small');
    releases.push(() => database.drop());
    await installOwnership(database.url, { side: 'monolith', aggregates: TABLES, initialOwner: 'monolith' });
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    releases.push(() => pool.end());
    await pool.query(`UPDATE banyan.own SET owner = 'service' WHERE aggregate = $1`, [other]);
    const [port, seamPort] = ports[owned];
    const [otherPort, otherSeamPort] = ports[other];
    const lines: string[] = [];
    const config = parseMonolithConfig({
      MONOLITH_PORT: String(port),
      MONOLITH_SEAM_PORT: String(seamPort),
      MONOLITH_SEAM_TOKEN: TOKEN,
      ...(other === 'billing'
        ? { BILLING_TARGET: `127.0.0.1:${otherSeamPort}` }
        : { BOOKING_TARGET: `127.0.0.1:${withSeats ? standInPort : otherSeamPort}` }),
      MERIDIAN_API_URL: `http://127.0.0.1:${otherPort}`,
      MONOLITH_DATABASE_URL: database.url,
      MERIDIAN_SESSION_SECRET: 'a secret of the tests',
      MERIDIAN_WORKER_INTERVAL_MS: '3600000',
      ACQUIRER_URL: acquirer.url,
      MERIDIAN_DRAIN_MS: '500',
      ...(queueRedisUrl && { QUEUE_REDIS_URL: queueRedisUrl, QUEUE_PREFIX: prefix }),
    });
    const relay = queueRedisUrl
      ? await startSeamRelay(database.url, queueRedisUrl, { source: `${owned}-side`, prefix })
      : null;
    if (relay) releases.push(() => relay.stop());
    const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
    let monolith: Monolith | undefined;
    const self: Side = {
      url: `http://127.0.0.1:${port}`,
      target: `127.0.0.1:${seamPort}`,
      pool,
      databaseUrl: database.url,
      relay,
      get monolith() {
        if (!monolith) throw new Error('this side is stopped');
        return monolith;
      },
      log: () => lines.join(''),
      async start() {
        monolith = createMonolith(config, { clock, logger });
        await monolith.listen();
      },
      async stop() {
        await monolith?.stop();
        monolith = undefined;
      },
    };
    await self.start();
    releases.push(() => self.stop());
    return self;
  };

  const booking = await side('booking', 'billing');
  if (withSeats) {
    const parts = { databaseUrl: booking.databaseUrl, clock, token: TOKEN, port: standInPort };
    const standIn = await startBookingStandIn(parts);
    releases.push(() => standIn.stop());
  }
  const billing = await side('billing', 'booking');
  return {
    booking,
    billing,
    acquirer,
    advance: (ms) => {
      ahead += ms;
    },
    async untilTaken() {
      const open = 'SELECT FROM seam_outbox WHERE delivered_at IS NULL';
      const isTaken = async ({ pool }: Side) => (await pool.query(open)).rowCount === 0;
      const limits = { deadlineMs: 60_000, what: 'the acknowledgements' };
      await until(async () => (await isTaken(booking)) && (await isTaken(billing)), limits);
    },
    async logIn(email) {
      const answer = await fetch(`${booking.url}/api/v1/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email, password: 'meridian' }),
      });
      if (answer.status !== 200) throw new Error(`log-in of ${email} answered ${answer.status}`);
      const { rows } = await booking.pool.query('SELECT sid, sess, expire FROM session ORDER BY expire DESC');
      for (const { sid, sess, expire } of rows) {
        await billing.pool.query(
          'INSERT INTO session (sid, sess, expire) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [sid, sess, expire],
        );
      }
      return { cookie: (answer.headers.getSetCookie()[0] as string).split(';')[0] as string };
    },
  };
}
