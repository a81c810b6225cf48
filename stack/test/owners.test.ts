import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { findFreePort } from '../src/ports/find-ports.ts';
import { urlAs, withClient } from '../src/setup/database-server.ts';
import { postgresUrl } from '../src/setup/postgres.ts';
import { prepareServiceUser } from '../src/setup/service-user.ts';
import { startProcess, type TestProcess } from '../src/testing/processes.ts';
import { until } from '../src/testing/until.ts';

const READY_MS = 180_000;
const END_MS = 90_000;
const CARD = { card_number: '4242424242424242', expiry: '12/40', cvc: '123', card_holder: 'Ada Lovelace' };
const EMPTY_CARD = { ...CARD, card_number: '4000000000000002' };
const SEAT = '20C';

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-owners-test-')));
const dataDir = join(temporary, 'data');
const started: TestProcess[] = [];

type Running = {
  readonly site: string;
  readonly postgresPort: number;
  readonly said: readonly string[];
  stop(): Promise<void>;
};

/** `npm start -- …` without npm: little data, free ports, a data folder of these tests. */
async function start(options: string[], env: Record<string, string> = {}): Promise<Running> {
  // Not 0: it is told here which one it is.
  const port = await findFreePort(new Set(), Math.random);
  const postgresPort = await findFreePort(new Set([port]), Math.random);
  const stack = startProcess({
    args: ['stack/src/main.ts', ...options],
    env: {
      ...anyPorts(),
      PORT: `${port}`,
      STACK_POSTGRES_PORT: `${postgresPort}`,
      STACK_DATA_DIR: dataDir,
      STACK_SEED_SCALE: 'small',
      MERIDIAN_SIMULATOR_INTERVAL_MS: '0',
      ...env,
    },
  });
  started.push(stack);
  let status: number | NodeJS.Signals | undefined;
  void stack.ended.then((value) => {
    status = value;
  });
  const isReady = () => stack.lines.some((line) => line.startsWith('ready in'));
  await until(() => isReady() || status !== undefined, { deadlineMs: READY_MS, what: 'the start' });
  assert.ok(isReady(), `the stack ended:\n${stack.lines.join('\n')}`);
  return {
    site: `http://127.0.0.1:${port}`,
    postgresPort,
    said: stack.lines,
    stop: async () => {
      stack.signal('SIGINT');
      await until(() => status !== undefined, { deadlineMs: END_MS, what: 'the end of the stack' });
      assert.equal(status, 0, stack.lines.slice(-5).join('\n'));
    },
  };
}

function anyPorts(): Record<string, string> {
  const names = [
    ...['ADMIN_PORT', 'MONOLITH_PORT', 'ACQUIRER_PORT', 'MAIL_SMTP_PORT', 'MAIL_PORT', 'MONOLITH_SEAM_PORT'],
    ...['STACK_POSTGRES_PORT', 'STACK_REDIS_PORT', 'BILLING_PORT', 'BOOKING_PORT'],
    ...['MONOLITH_RELAY_PORT', 'BILLING_RELAY_PORT', 'BOOKING_RELAY_PORT'],
  ];
  return Object.fromEntries(names.map((name) => [name, '0']));
}

type Json = Record<string, unknown>;
type Owner = 'service' | 'monolith';

const PARTNER = { 'X-Api-Key': 'mk_demo_globetrotter_0001' };

async function call(
  site: string,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = PARTNER,
): Promise<[number, Json]> {
  const answer = await fetch(`${site}/api/v1${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return [answer.status, (await answer.json()) as Json];
}

async function accountantAt(site: string): Promise<Record<string, string>> {
  const answer = await fetch(`${site}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'accounts@meridian.example', password: 'meridian' }),
  });
  assert.equal(answer.status, 200, await answer.text());
  return { Cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

type Made = { readonly bookings: readonly unknown[]; readonly invoices: readonly unknown[] };

/** A booking with a seat and its invoice. */
async function book(site: string, name: string): Promise<[booking: unknown, invoice: unknown]> {
  const booking = await place(site, name);
  const [found, invoice] = await call(site, 'GET', `/bookings/${booking}/invoice`);
  assert.equal(found, 200, JSON.stringify(invoice));
  return [booking, invoice.id];
}

/** A booking with a seat, on a flight that is still open. */
async function place(site: string, name: string): Promise<unknown> {
  for (let flight = 60; flight > 0; flight -= 1) {
    const [status, booking] = await call(site, 'POST', '/bookings', {
      flight_id: flight,
      contact_email: 'ada@example.com',
      passengers: [{ first_name: name, last_name: 'Lovelace', seat: SEAT }],
    });
    if (status !== 201) {
      assert.ok(status === 409 || status === 422, JSON.stringify(booking));
      continue;
    }
    return booking.id;
  }
  throw new Error('no flight is open for booking');
}

/**
 * A row of every kind: a booking that is paid at the second attempt and refunded in part, one that is held, and one
 * that is cancelled. Statements are by themselves, since no operation reads them.
 */
async function write(site: string, name: string): Promise<Made> {
  const [paid, held, cancelled] = [await book(site, name), await book(site, name), await book(site, name)];
  const payments = `/invoices/${paid[1]}/payments`;
  const [declinedStatus, declined] = await call(site, 'POST', payments, EMPTY_CARD);
  assert.deepEqual([declinedStatus, declined.result], [200, 'DECLINED'], JSON.stringify(declined));
  const [approvedStatus, approved] = await call(site, 'POST', payments, CARD);
  assert.deepEqual([approvedStatus, approved.result], [200, 'APPROVED'], JSON.stringify(approved));
  const [refundStatus, refund] = await call(
    site,
    'POST',
    `/payments/${(approved.payment as Json).id}/refunds`,
    { amount: '1.00', reason: name },
    await accountantAt(site),
  );
  assert.equal(refundStatus, 201, JSON.stringify(refund));
  const [cancelStatus, gone] = await call(site, 'DELETE', `/bookings/${cancelled[0]}`);
  assert.equal(cancelStatus, 200, JSON.stringify(gone));
  const all = [paid, held, cancelled];
  return { bookings: all.map(([booking]) => booking), invoices: all.map(([, invoice]) => invoice) };
}

async function drawUp(site: string): Promise<string> {
  const month = new Date().toISOString().slice(0, 7);
  const [status, statement] = await call(site, 'POST', '/statements', { month });
  assert.equal(status, 201, JSON.stringify(statement));
  return String(statement.id);
}

/** What both contexts answer of what was written. */
async function read(site: string, { bookings, invoices }: Made): Promise<Json[]> {
  const paths = [...bookings.map((id) => `/bookings/${id}`), ...invoices.map((id) => `/invoices/${id}`)];
  return Promise.all(
    paths.map(async (path) => {
      const [status, body] = await call(site, 'GET', path);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    }),
  );
}

/** Once what a refund or a cancellation is to bring about in the other context has come about. */
async function readSettled(site: string, made: Made): Promise<Json[]> {
  const wanted = ['CONFIRMED', 'HELD', 'CANCELLED', 'PARTIALLY_REFUNDED', 'OPEN', 'VOID'];
  const settled = async (): Promise<Json[] | null> => {
    const answers = await read(site, made);
    const statuses = answers.map(({ status }) => status);
    return isDeepStrictEqual(statuses, wanted) ? answers : null;
  };
  return until(settled, { deadlineMs: 90_000, what: `the states ${wanted}` });
}

/** The ids of statements that the owner of billing has, of those that are asked for. */
async function statementsAt(
  { postgresPort }: Running,
  owner: Owner,
  ids: readonly string[],
): Promise<string[]> {
  const [database, table] =
    owner === 'service' ? ['billing', 'billing.statements'] : ['meridian', 'statements'];
  const url = urlAs(postgresUrl(postgresPort), { database });
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM ${table} WHERE id = ANY($1) ORDER BY id`,
      [ids],
    );
    return rows.map(({ id }) => String(id));
  });
}

after(async () => {
  for (const stack of started) stack.signal('SIGTERM');
  for (const stack of started) await stack.ended;
  const { home } = prepareServiceUser(dataDir);
  for (const folder of [temporary, home]) rmSync(folder, { recursive: true, force: true });
});

describe('npm start -- --service', { concurrency: false, timeout: 1_200_000 }, () => {
  const made: { readonly rows: Made; readonly answers: Json[] }[] = [];
  const statements: string[] = [];

  const findAllAsTheyWere = async (stack: Running, billing: Owner) => {
    for (const { rows, answers } of made) assert.deepEqual(await read(stack.site, rows), answers);
    const byId = statements.toSorted((one, other) => Number(one) - Number(other));
    assert.deepEqual(await statementsAt(stack, billing, statements), byId);
  };
  /** Ids of the two sides never meet: the service's are even. */
  const writeAll = async ({ site }: Running, name: string, at: { booking: Owner; billing: Owner }) => {
    const rows = await write(site, name);
    made.push({ rows, answers: await readSettled(site, rows) });
    const statement = await drawUp(site);
    statements.push(statement);
    const ownerOf = (id: unknown): Owner => (Number(id) % 2 === 0 ? 'service' : 'monolith');
    assert.deepEqual(new Set(rows.bookings.map(ownerOf)), new Set([at.booking]));
    assert.deepEqual(new Set([...rows.invoices, statement].map(ownerOf)), new Set([at.billing]));
  };

  test('what was written on the services is there', async () => {
    const stack = await start(['--service', 'billing', '--service', 'booking']);
    assert.match(stack.said.join('\n'), /billing with the service: [\d,]+ rows moved/);
    await writeAll(stack, 'Service', { booking: 'service', billing: 'service' });
    await stack.stop();
  });

  test('and is with the monolith when nothing is asked of a service', async () => {
    const stack = await start([]);
    assert.match(stack.said.join('\n'), /booking with the monolith: [\d,]+ rows moved/);
    await findAllAsTheyWere(stack, 'monolith');
    await writeAll(stack, 'Monolith', { booking: 'monolith', billing: 'monolith' });
    await stack.stop();
  });

  test('and with one service alone, forth again, with what the monolith wrote', async () => {
    const stack = await start(['--service', 'booking']);
    await findAllAsTheyWere(stack, 'monolith');
    await writeAll(stack, 'Mixed', { booking: 'service', billing: 'monolith' });
    await stack.stop();
  });

  test('what a service could not tell anybody is told when it runs no more', async () => {
    const nobody = await findFreePort(new Set(), Math.random);
    const away = await start(['--service', 'booking'], { QUEUE_REDIS_URL: `redis://127.0.0.1:${nobody}` });
    const booking = await place(away.site, 'Untold');
    const [cancelled, answer] = await call(away.site, 'DELETE', `/bookings/${booking}`);
    assert.equal(cancelled, 200, JSON.stringify(answer));
    const [unknown] = await call(away.site, 'GET', `/bookings/${booking}/invoice`);
    assert.equal(unknown, 404, 'billing has heard nothing of it');
    await away.stop();

    const home = await start([]);
    assert.match(home.said.join('\n'), /outbox of booking +2 events left: brought to who owns now/);
    const status = async () => (await call(home.site, 'GET', `/bookings/${booking}/invoice`))[1].status;
    await until(async () => (await status()) === 'VOID', { deadlineMs: 90_000, what: 'the invoice, void' });
    await home.stop();

    const quiet = await start([]);
    assert.doesNotMatch(quiet.said.join('\n'), /events? left/);
    await quiet.stop();
  });

  test('and with both again, with all that was written on either side', async () => {
    const stack = await start(['--service', 'billing', '--service', 'booking']);
    await findAllAsTheyWere(stack, 'service');
    await stack.stop();
  });

  test('and a start that could not bring it back is refused, and says why', async () => {
    const stack = startProcess({
      args: ['stack/src/main.ts'],
      env: { ...anyPorts(), PORT: '0', STACK_DATA_DIR: dataDir, BANYAN_CONFIG: 'none' },
    });
    started.push(stack);
    assert.equal(await stack.ended, 1);
    assert.match(
      stack.lines.join('\n'),
      /The data of (billing|booking) is with its service, and the configuration names/,
    );
  });
});
