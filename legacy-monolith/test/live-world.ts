import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { pino } from 'pino';
import { type ClientOptions, WebSocket } from 'ws';
import { hashPassword } from '../src/auth/passwords.ts';
import { plusMs, wallClock } from '../src/clock.ts';
import { createMonolith, type Monolith } from '../src/compose.ts';
import { parseMonolithConfig } from '../src/config.ts';
import type { ServerMessage } from '../src/live/protocol.ts';
import { NOON } from './support/monolith.ts';

export const KEY = 'mk_test_globetrotter';
export const OTHER_KEY = 'mk_test_skyways';
export const PASSWORD = 'meridian';

/** A monolith on a database with two flights of 30 rows ABCDEF, a customer, an agent and two partners. */
export type LiveWorld = AsyncDisposable & {
  monolith: Monolith;
  databaseUrl: string;
  port: number;
  flightId: string;
  otherFlightId: string;
  /** The monoliths' own time: noon of a day that never changes, and on from there. Sessions live by the real one. */
  now(): Date;
  /** Runs as the database's owner, past the application. */
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  api(method: string, path: string, options?: ApiOptions): Promise<Response>;
  /** Books one seat on `flightId`; gives the booking's id. */
  book(seat: string, key?: string): Promise<number>;
  /** Logs in; gives the Cookie header. */
  logIn(email: string): Promise<string>;
  /** A socket that is open and has its snapshot. */
  look(options?: LookOptions): Promise<Viewer>;
  /** Another process's worth of monolith on the same database; gives its port. */
  startAnother(): Promise<number>;
  /** Sends bytes, gives all that comes back until the server closes. */
  raw(bytes: string): Promise<string>;
};

type ApiOptions = { key?: string; cookie?: string; body?: unknown };
type LookOptions = { port?: number; flightId?: string; key?: string; cookie?: string };

export async function createLiveWorld(env: Record<string, string> = {}): Promise<LiveWorld> {
  const database = await createTestDatabase('migrated');
  const owner = new pg.Pool({ connectionString: database.url, max: 2 });
  // A test may end backends; which of them an idle connection had is not its concern.
  owner.on('error', () => {});
  const { flightId, otherFlightId } = await fill(owner);
  const config = parseMonolithConfig({
    MONOLITH_PORT: '0',
    MONOLITH_DATABASE_URL: database.url,
    MERIDIAN_SESSION_SECRET: 'a secret of this test only',
    MERIDIAN_DRAIN_MS: '5000',
    ...env,
  });
  const startedMs = performance.now();
  const clock = () => plusMs(NOON, performance.now() - startedMs);
  const logger = pino({ level: 'silent' });
  const monolith = createMonolith(config, { clock, logger });
  const { port } = await monolith.listen();
  await listensForSeats(owner, 1);
  const others: Monolith[] = [];
  const viewers: Viewer[] = [];

  const api: LiveWorld['api'] = (method, path, { key, cookie, body } = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { 'X-Api-Key': key }),
        ...(cookie === undefined ? {} : { Cookie: cookie }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    monolith,
    databaseUrl: database.url,
    port,
    flightId,
    otherFlightId,
    now: clock,
    api,
    async sql<Row extends object>(text: string, values: unknown[] = []) {
      return (await owner.query<Row>(text, values)).rows;
    },
    async book(seat, key = KEY) {
      const body = {
        flight_id: flightId,
        contact_email: 'ada@example.com',
        passengers: [{ first_name: 'Ada', last_name: 'Lovelace', seat }],
      };
      const answer = await api('POST', '/api/v1/bookings', { key, body });
      assert.equal(answer.status, 201, await answer.clone().text());
      return ((await answer.json()) as { id: number }).id;
    },
    async logIn(email) {
      const answer = await api('POST', '/api/v1/session', { body: { email, password: PASSWORD } });
      assert.equal(answer.status, 200);
      return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    },
    async look(options = {}) {
      const { cookie } = options;
      const headers: Record<string, string> =
        cookie === undefined ? { 'X-Api-Key': options.key ?? KEY } : { Cookie: cookie };
      const viewer = await openViewer(seatsUrl(options.port ?? port, options.flightId ?? flightId), {
        headers,
      });
      viewers.push(viewer);
      return viewer;
    },
    async startAnother() {
      const other = createMonolith(config, { clock, logger });
      others.push(other);
      const { port } = await other.listen();
      await listensForSeats(owner, 1 + others.length);
      return port;
    },
    raw: (bytes) => exchange(port, bytes),
    async [Symbol.asyncDispose]() {
      for (const { socket } of viewers) socket.terminate();
      for (const each of [monolith, ...others]) await each.stop();
      await owner.end();
      await database.drop();
    },
  };
}

/**
 * Until `count` monoliths are told of seats. What a monolith's connection missed before that it reads anew, and tells
 * by a snapshot instead of a change.
 */
async function listensForSeats(owner: pg.Pool, count: number): Promise<void> {
  const listening = `SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'meridian-seats' AND query IN ('LISTEN seat_claims', 'SELECT 1') AND state = 'idle'`;
  await until(async () => (await owner.query(listening)).rowCount === count, {
    deadlineMs: 20_000,
    what: `${count} listening connections`,
  });
}

export const seatsUrl = (port: number, flightId: string): string =>
  `ws://127.0.0.1:${port}/ws/seats?flight_id=${flightId}`;

/** A client of the protocol that keeps what it was told. */
export type Viewer = {
  socket: WebSocket;
  /** The answer that opened it, as lines of its head. */
  headers: Record<string, string | string[] | undefined>;
  /** All messages so far. */
  seen: ServerMessage[];
  /** The code of its closing, once it is closed. */
  closeCode(): number | undefined;
  send(message: object | string): void;
  /** Waits for a message equal to this one after those that were awaited before, and gives it. */
  expect(message: Partial<ServerMessage>, deadlineMs?: number): Promise<ServerMessage>;
};

export async function openViewer(url: string, options: ClientOptions): Promise<Viewer> {
  const socket = new WebSocket(url, options);
  const seen: ServerMessage[] = [];
  let awaited = 0;
  let closeCode: number | undefined;
  let headers: Viewer['headers'] = {};
  socket.on('upgrade', (response) => {
    headers = response.headers;
  });
  socket.on('message', (data) => seen.push(JSON.parse(String(data))));
  socket.on('close', (code) => {
    closeCode = code;
  });
  await once(socket, 'open', { signal: AbortSignal.timeout(20_000) });
  socket.on('error', () => {});
  const viewer: Viewer = {
    socket,
    get headers() {
      return headers;
    },
    seen,
    closeCode: () => closeCode,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async expect(message, deadlineMs = 20_000) {
      const at = await until(
        () => {
          const index = seen.findIndex((each, place) => place >= awaited && isLike(each, message));
          return index === -1 ? null : { index };
        },
        { deadlineMs, what: () => `${JSON.stringify(message)} among ${JSON.stringify(seen.slice(awaited))}` },
      );
      awaited = at.index + 1;
      return seen[at.index] as ServerMessage;
    },
  };
  await viewer.expect({ type: 'snapshot' });
  return viewer;
}

function isLike(message: ServerMessage, wanted: Partial<ServerMessage>): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify((message as Record<string, unknown>)[key]) === JSON.stringify(value),
  );
}

async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  return Buffer.concat(chunks).toString();
}

async function fill(pool: pg.Pool): Promise<{ flightId: string; otherFlightId: string }> {
  const passwordHash = await hashPassword(PASSWORD, Buffer.alloc(16, 7));
  await pool.query(`
    INSERT INTO airports VALUES ('LHR', 'Heathrow', 'London', 'GB', 51.47, -0.45), ('JFK', 'Kennedy', 'New York', 'US', 40.64, -73.78);
    INSERT INTO aircraft_types VALUES ('A320', 'Airbus A320', 30, 'ABCDEF')`);
  await pool.query(
    `INSERT INTO accounts (id, email, password_hash, name, role, created_at) VALUES
       (1, 'alice@example.com', $1, 'Alice', 'customer', now()),
       (3, 'agent@meridian.example', $1, 'Agent', 'agent', now()),
       (4, 'accounts@meridian.example', $1, 'Accounts', 'accountant', now()),
       (5, 'partner@globetrotter.example', $1, 'Globetrotter', 'partner', now()),
       (6, 'partner@skyways.example', $1, 'Skyways', 'partner', now())`,
    [passwordHash],
  );
  await pool.query(
    `INSERT INTO api_keys (key_sha256, account_id, label, created_at) VALUES ($1, 5, 'test', now()), ($2, 6, 'test', now())`,
    [KEY, OTHER_KEY].map((key) => createHash('sha256').update(key).digest()),
  );
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, base_fare, updated_at)
     SELECT number, 'LHR', 'JFK', day + time '10:00', day + time '18:00', 'A320', 412.50, $1::timestamp
     FROM (VALUES ('MA101', 2), ('MA103', 3)) AS flight (number, days),
          LATERAL (SELECT date_trunc('day', $1::timestamp) + days * interval '1 day' AS day) AS departure
     RETURNING id`,
    [wallClock(NOON)],
  );
  return { flightId: rows[0]?.id as string, otherFlightId: rows[1]?.id as string };
}
