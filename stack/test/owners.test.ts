import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findFreePort } from '../src/ports/find-ports.ts';
import { prepareServiceUser } from '../src/setup/service-user.ts';
import { startProcess, type TestProcess } from '../src/testing/processes.ts';
import { until } from '../src/testing/until.ts';

const READY_MS = 90_000;
const END_MS = 45_000;
const CARD = { card_number: '4242424242424242', expiry: '12/40', cvc: '123', card_holder: 'Ada Lovelace' };

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-owners-test-')));
const dataDir = join(temporary, 'data');
const started: TestProcess[] = [];

type Running = { readonly site: string; readonly said: readonly string[]; stop(): Promise<void> };

/** `npm start -- …` without npm: little data, free ports, a data folder of these tests. */
async function start(options: string[], env: Record<string, string> = {}): Promise<Running> {
  // Not 0: it is told here which one it is.
  const port = await findFreePort(new Set(), Math.random);
  const stack = startProcess({
    args: ['stack/src/main.ts', ...options],
    env: {
      ...anyPorts(),
      PORT: `${port}`,
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
  ];
  return Object.fromEntries(names.map((name) => [name, '0']));
}

type Json = Record<string, unknown>;

async function call(site: string, method: string, path: string, body?: object): Promise<[number, Json]> {
  const answer = await fetch(`${site}/api/v1${path}`, {
    method,
    headers: { 'X-Api-Key': 'mk_demo_globetrotter_0001', 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return [answer.status, (await answer.json()) as Json];
}

/** A booking on a flight that is still open, paid for; gives its ids. */
async function bookAndPay(site: string, name: string): Promise<{ booking: unknown; invoice: unknown }> {
  for (let flight = 60; flight > 0; flight -= 1) {
    const [status, booking] = await call(site, 'POST', '/bookings', {
      flight_id: flight,
      contact_email: 'ada@example.com',
      passengers: [{ first_name: name, last_name: 'Lovelace' }],
    });
    if (status !== 201) {
      assert.equal(status, 409, JSON.stringify(booking));
      continue;
    }
    const [found, invoice] = await call(site, 'GET', `/bookings/${booking.id}/invoice`);
    assert.equal(found, 200, JSON.stringify(invoice));
    const [paid, payment] = await call(site, 'POST', `/invoices/${invoice.id}/payments`, CARD);
    assert.deepEqual([paid, payment.result], [200, 'APPROVED'], JSON.stringify(payment));
    return { booking: booking.id, invoice: invoice.id };
  }
  throw new Error('no flight is open for booking');
}

/** What both contexts answer of a booking that was made and paid. */
async function read(site: string, made: { booking: unknown; invoice: unknown }): Promise<[Json, Json]> {
  const [bookingStatus, booking] = await call(site, 'GET', `/bookings/${made.booking}`);
  const [invoiceStatus, invoice] = await call(site, 'GET', `/invoices/${made.invoice}`);
  assert.deepEqual([bookingStatus, invoiceStatus], [200, 200], JSON.stringify([booking, invoice]));
  assert.deepEqual([booking.status, invoice.status], ['CONFIRMED', 'PAID']);
  return [booking, invoice];
}

after(async () => {
  for (const stack of started) stack.signal('SIGTERM');
  for (const stack of started) await stack.ended;
  const { home } = prepareServiceUser(dataDir);
  for (const folder of [temporary, home]) rmSync(folder, { recursive: true, force: true });
});

describe('npm start -- --service', { concurrency: false, timeout: 110_000 }, () => {
  const made: { booking: unknown; invoice: unknown }[] = [];
  const answers: [Json, Json][] = [];

  const findAllAsTheyWere = async (site: string) => {
    for (const [index, each] of made.entries()) assert.deepEqual(await read(site, each), answers[index]);
  };
  const write = async (site: string, name: string) => {
    const each = await bookAndPay(site, name);
    made.push(each);
    answers.push(await read(site, each));
  };

  test('what was written on the services is there', async () => {
    const stack = await start(['--service', 'billing', '--service', 'booking']);
    assert.match(stack.said.join('\n'), /billing with the service: [\d,]+ rows moved/);
    await write(stack.site, 'Service');
    // Ids of the two sides never meet.
    assert.equal(Number(made.at(-1)?.booking) % 2, 0);
    await stack.stop();
  });

  test('and is with the monolith when nothing is asked of a service', async () => {
    const stack = await start([]);
    assert.match(stack.said.join('\n'), /booking with the monolith: [\d,]+ rows moved/);
    await findAllAsTheyWere(stack.site);
    await write(stack.site, 'Monolith');
    assert.equal(Number(made.at(-1)?.booking) % 2, 1);
    await stack.stop();
  });

  test('and with one service alone, forth again, with what the monolith wrote', async () => {
    const stack = await start(['--service', 'booking']);
    await findAllAsTheyWere(stack.site);
    await write(stack.site, 'Mixed');
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
      /The data of booking is with its service, and the configuration names/,
    );
  });
});
