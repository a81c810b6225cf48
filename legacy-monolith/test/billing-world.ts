import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Acquirer, type AcquirerOptions, createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { freePort } from '@banyan/stack/testing/free-port';
import pg from 'pg';
import { createMonolith, type Monolith } from '../src/compose.ts';
import { parseMonolithConfig } from '../src/config.ts';
import { createLogger } from '../src/log/logger.ts';

/** Meridian with a small seed, its acquirer and a clock that can be put forward. */
export type World = {
  url: string;
  databaseUrl: string;
  acquirer: Acquirer;
  monolith: Monolith;
  pool: pg.Pool;
  /** Everything that was logged, as text. */
  logged(): string;
  advance(ms: number): void;
  /** A second process's worth of Meridian on the same database. */
  another(env?: Record<string, string>): Promise<{ url: string; monolith: Monolith }>;
  logIn(email: string): Promise<Client>;
};

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract describes
  body: any;
  text: string;
};
export type Client = (
  method: string,
  path: string,
  options?: { body?: unknown; headers?: Record<string, string> },
) => Promise<Answer>;

export const CARDS = {
  approved: '4242 4242 4242 4242',
  insufficientFunds: '4000000000000002',
  expired: '4000000000000069',
  stolen: '4000000000009979',
  slow: '4000000000001000',
  tooSlow: '4000000000001109',
  dropped: '4000000000001208',
  failsBefore: '4000000000001307',
  failsAfter: '4000000000001406',
  answersTwice: '4000000000001505',
  cut: '4000000000001604',
  neverAnswers: '4000000000001703',
  refundRefused: '4000000000005126',
  refundTooSlow: '4000000000002008',
  refundDropped: '4000000000002107',
  refundFailsFirst: '4000000000002206',
} as const;

export const NOW = new Date('2026-11-22T12:00:00.000Z');
export const SECRET = 'a secret for tests only';

type WorldOptions = {
  acquirer?: Partial<AcquirerOptions>;
  env?: Record<string, string>;
  /** The monolith waits for the acquirer for so long only; some cards outlast it. By default it is patient. */
  impatient?: boolean;
};

/** Long enough for a card that is not slow, whatever else the machine does. */
const IMPATIENT_MS = 2_500;

export async function startWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  // Hooks run in the order they are given; what was started last must stop first.
  const releases: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const release of releases.reverse()) await release();
  });
  const database = await createTestDatabase('small');
  releases.push(() => database.drop());
  const acquirer = await createAcquirer({
    // Where nobody may listen once it is stopped.
    port: await freePort(),
    shortWaitMs: 200,
    longWaitMs: 2 * IMPATIENT_MS,
    ...options.acquirer,
  });
  releases.push(() => acquirer.stop());
  const lines: string[] = [];
  const startedAt = Date.now();
  let ahead = 0;
  const clock = () => new Date(NOW.getTime() + (Date.now() - startedAt) + ahead);
  const another: World['another'] = async (env = {}) => {
    const config = parseMonolithConfig({
      MONOLITH_PORT: '0',
      MONOLITH_DATABASE_URL: database.url,
      MERIDIAN_SESSION_SECRET: SECRET,
      // Rounds run when a test asks for them.
      MERIDIAN_WORKER_INTERVAL_MS: '3600000',
      ...(options.impatient && { MERIDIAN_ACQUIRER_DEADLINE_MS: `${IMPATIENT_MS}` }),
      ACQUIRER_URL: acquirer.url,
      MERIDIAN_DRAIN_MS: '1000',
      ...options.env,
      ...env,
    });
    const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
    const monolith = createMonolith(config, { clock, randomBytes, logger });
    const { port } = await monolith.listen();
    releases.push(() => monolith.stop());
    return { url: `http://127.0.0.1:${port}`, monolith };
  };
  const { url, monolith } = await another();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  releases.push(() => pool.end());
  return {
    url,
    databaseUrl: database.url,
    acquirer,
    monolith,
    pool,
    logged: () => lines.join(''),
    advance: (ms) => {
      ahead += ms;
    },
    another,
    logIn: (email) => logIn(url, email),
  };
}

export async function logIn(url: string, email: string): Promise<Client> {
  const anonymous = clientOf(url, {});
  const answer = await anonymous('POST', '/session', { body: { email, password: 'meridian' } });
  if (answer.status !== 200) throw new Error(`log-in of ${email} answered ${answer.status}`);
  const [cookie] = answer.headers.getSetCookie();
  return clientOf(url, { Cookie: (cookie as string).split(';')[0] as string });
}

/** Speaks to `/api/v1`; a path that starts with another root is given whole. */
export function clientOf(url: string, common: Record<string, string>): Client {
  return async (method, path, { body, headers } = {}) => {
    const isText = typeof body === 'string' || body instanceof FormData || body === undefined;
    const response = await fetch(path.startsWith('/photos') ? `${url}${path}` : `${url}/api/v1${path}`, {
      method,
      headers: { ...(isText ? {} : { 'Content-Type': 'application/json' }), ...common, ...headers },
      body: isText ? (body as string | FormData | undefined) : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : null,
      text,
    };
  };
}

export type Booked = { bookingId: number; invoiceId: number; total: string };

/** Books a flight, by default one that leaves in some days; gives the booking and its open invoice. */
export async function book(
  world: World,
  client: Client,
  fareClass = 'CLASSIC',
  passengers = 1,
  flightId?: number,
): Promise<Booked> {
  const booked = await client('POST', '/bookings', {
    body: {
      flight_id: flightId ?? (await laterFlight(world)),
      fare_class: fareClass,
      contact_email: 'ada@example.com',
      passengers: Array.from({ length: passengers }, (_, index) => ({
        first_name: `Ada${index}`,
        last_name: 'Lovelace',
      })),
    },
  });
  if (booked.status !== 201) throw new Error(`booking answered ${booked.status}: ${booked.text}`);
  const invoice = await client('GET', `/bookings/${booked.body.id}/invoice`);
  return { bookingId: booked.body.id, invoiceId: invoice.body.id, total: invoice.body.total };
}

async function laterFlight({ pool }: World): Promise<number> {
  const { rows } = await pool.query(
    `SELECT f.id FROM flights f
     WHERE f.status = 'SCHEDULED' AND f.departs_at > '2026-11-24' ORDER BY f.departs_at, f.id LIMIT 1`,
  );
  return Number(rows[0].id);
}

export const cardOf = (card_number: string, more: Record<string, unknown> = {}) => ({
  card_number,
  // A process of its own holds it against the machine's clock.
  expiry: '12/99',
  cvc: '123',
  card_holder: 'Ada Lovelace',
  ...more,
});

export function pay(client: Client, { invoiceId }: Booked, card: string): Promise<Answer> {
  return client('POST', `/invoices/${invoiceId}/payments`, { body: cardOf(card) });
}

/** What the acquirer's ledger holds of an invoice's payments. */
export async function ledgerOf(world: World, { invoiceId }: Booked) {
  return world.acquirer.ledger.movements().filter(({ key }) => key.startsWith(`inv-${invoiceId}-`));
}
