import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '@banyan/stack/ports/find-ports';
import { createTestDatabase, type TestDatabase } from '@banyan/stack/testing/database';
import { startProcess, type TestServer } from '@banyan/stack/testing/processes';
import { sharedTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { layOutContainer, type Places } from './container.ts';

const temporary = mkdtempSync(join(tmpdir(), 'banyan-containers-'));
const started: TestServer[] = [];
let database: TestDatabase;
let redis: Awaited<ReturnType<typeof sharedTestRedis>>;
/** Of what these tests have in a Redis that others use as well. */
const QUEUE_PREFIX = `containers-${process.pid}`;
/** Made by the job that prepares the services, in the test's server. */
const serviceDatabases: Record<'BILLING_DATABASE_URL' | 'BOOKING_DATABASE_URL', string> = {
  BILLING_DATABASE_URL: '',
  BOOKING_DATABASE_URL: '',
};

before(async () => {
  database = await createTestDatabase('empty');
  redis = await sharedTestRedis();
  serviceDatabases.BILLING_DATABASE_URL = `${database.url}_billing`;
  serviceDatabases.BOOKING_DATABASE_URL = `${database.url}_booking`;
});
after(async () => {
  for (const server of started.reverse()) await server.stop();
  await dropDatabases(Object.values(serviceDatabases));
  await database.drop();
  await redis[Symbol.asyncDispose]();
  rmSync(temporary, { recursive: true });
});

async function dropDatabases(urls: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const url of urls) {
    const name = client.escapeIdentifier(new URL(url).pathname.slice(1));
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  await client.end();
}

const ownDatabases = () => ({
  billing: serviceDatabases.BILLING_DATABASE_URL,
  booking: serviceDatabases.BOOKING_DATABASE_URL,
});
const layOut = (name: string) => layOutContainer(name, temporary);
const local = (port: unknown) => `127.0.0.1:${port}`;

async function run(
  container: ReturnType<typeof layOut>,
  places: Places,
  env: Readonly<Record<string, string>>,
): Promise<TestServer> {
  const server = await container.start(places, env);
  started.push(server);
  return server;
}

/** Each service of docker-compose.yml that is built here, by its own command, in its own image's files. */
describe('the containers, as plain processes', () => {
  const mover = layOut('prepare-services');
  const services = { billing: layOut('billing'), booking: layOut('booking') };
  const relays = {
    monolith: layOut('relay-monolith'),
    billing: layOut('relay-billing'),
    booking: layOut('relay-booking'),
  };
  const prepare = layOut('prepare');
  const acquirer = layOut('acquirer');
  const mail = layOut('mail');
  const monolith = layOut('monolith');
  const gateway = layOut('gateway');

  it('prepare ends with schema and data, and a second run changes nothing', async () => {
    const given = { MONOLITH_DATABASE_URL: database.url, SEED_SCALE: 'small' };
    for (const seeded of [true, false]) {
      const job = startProcess(prepare.process({}, given));
      assert.equal(await job.ended, 0, job.lines.join('\n'));
      assert.equal(job.logged('ready')?.seeded, seeded);
    }
  });

  it('the services own what they are said to own, and a second run changes nothing', async () => {
    for (const says of [/rows moved/, /^ready$/m]) {
      const given = { MONOLITH_DATABASE_URL: database.url, ...serviceDatabases };
      const job = startProcess(mover.process({}, { ...given, SERVICES_OWNING: 'billing, booking' }));
      assert.equal(await job.ended, 0, job.lines.join('\n'));
      assert.match(job.lines.join('\n'), says);
    }
    const job = startProcess(
      mover.process({}, { MONOLITH_DATABASE_URL: database.url, SERVICES_OWNING: 'flights' }),
    );
    assert.equal(await job.ended, 1);
    assert.match(job.lines.join('\n'), /flights: must be one of billing, booking, none/);
  });

  it('each of the others starts, tells its health, serves, and ends with 0 when told to', async () => {
    const acquires = await run(acquirer, {}, { ACQUIRER_HOST: '127.0.0.1', ACQUIRER_PORT: '0' });
    const acquirerPlaces = { '127.0.0.1:4010': local(acquires.listening.port) };
    const mails = await run(mail, {}, { MAIL_HOST: '127.0.0.1', MAIL_PORT: '0', MAIL_SMTP_PORT: '0' });
    const mailPlaces = { '127.0.0.1:8025': local(mails.listening.port) };
    // Addresses that are told before anybody listens there.
    const ports = await findFreePorts(['seam', 'billing', 'booking', 'public']);
    const places = {
      'acquirer:4010': local(acquires.listening.port),
      'mail:1025': local(mails.listening.smtpPort),
      'monolith:50060': local(ports.seam),
      'dns:///billing:50051': local(ports.billing),
      'dns:///booking:50052': local(ports.booking),
      'billing:50051': local(ports.billing),
      'booking:50052': local(ports.booking),
      'gateway:8080': local(ports.public),
      'redis:6379': new URL(redis.url).host,
    };
    const runRelay = (name: keyof typeof relays) =>
      run(relays[name], places, {
        RELAY_DATABASE_URL: { monolith: database.url, ...ownDatabases() }[name],
        RELAY_HOST: '127.0.0.1',
        RELAY_METRICS_PORT: '0',
        QUEUE_PREFIX,
      });
    const relay = {
      monolith: await runRelay('monolith'),
      billing: await runRelay('billing'),
      booking: await runRelay('booking'),
    };
    const serves = await run(monolith, places, {
      MONOLITH_DATABASE_URL: database.url,
      MONOLITH_HOST: '127.0.0.1',
      MONOLITH_PORT: '0',
      MONOLITH_SEAM_PORT: `${ports.seam}`,
      QUEUE_PREFIX,
    });
    const runService = (name: 'billing' | 'booking') => {
      const prefix = name.toUpperCase();
      const shared = new URL(database.url);
      shared.username = `${name}_reader`;
      return run(services[name], places, {
        ...serviceDatabases,
        [`${prefix}_SHARED_DATABASE_URL`]: shared.href,
        [`${prefix}_HOST`]: '127.0.0.1',
        [`${prefix}_PORT`]: `${ports[name]}`,
        [`${prefix}_METRICS_PORT`]: '0',
        QUEUE_PREFIX,
      });
    };
    const bills = await runService('billing');
    const books = await runService('booking');
    const metricsPlaces = (server: TestServer) => ({
      '127.0.0.1:9464': local(server.listening.metricsPort),
    });
    const monolithPlaces = { '127.0.0.1:3000': local(serves.listening.port) };
    const passes = await run(
      gateway,
      { ...places, 'monolith:3000': local(serves.listening.port) },
      { HOST: '127.0.0.1', ADMIN_HOST: '127.0.0.1', PORT: `${ports.public}`, ADMIN_PORT: '0', QUEUE_PREFIX },
    );
    const gatewayPlaces = { '127.0.0.1:8081': local(passes.listening.adminPort) };
    const checks = {
      acquirer: () => acquirer.checkHealth(acquirerPlaces),
      mail: () => mail.checkHealth(mailPlaces),
      monolith: () => monolith.checkHealth(monolithPlaces),
      gateway: () => gateway.checkHealth(gatewayPlaces),
      billing: () => services.billing.checkHealth(metricsPlaces(bills)),
      booking: () => services.booking.checkHealth(metricsPlaces(books)),
      'relay-monolith': () => relays.monolith.checkHealth(metricsPlaces(relay.monolith)),
      'relay-billing': () => relays.billing.checkHealth(metricsPlaces(relay.billing)),
      'relay-booking': () => relays.booking.checkHealth(metricsPlaces(relay.booking)),
    };
    for (const [name, check] of Object.entries(checks)) {
      await until(async () => (await check()) === 0, { deadlineMs: 60_000, what: `${name}'s health` });
    }

    assert.ok(Number(passes.listening.operations) > 20, 'the contract is not in the image');
    const site = `http://${local(passes.listening.port)}`;
    for (const [path, type] of [
      ['/api/v1/flights/1', 'application/json'],
      ['/login', 'text/html'],
      ['/soap/booking?wsdl', 'xml'],
    ] as const) {
      const answer = await fetch(site + path);
      assert.equal(answer.status, 200, path);
      assert.ok(answer.headers.get('content-type')?.includes(type), path);
    }
    const admin = `http://${local(passes.listening.adminPort)}`;
    const knows = async () => {
      const readiness = await (await fetch(`${admin}/readyz`)).json();
      const { billing, booking } = (readiness as { dependencies: { services: Record<string, object> } })
        .dependencies.services;
      for (const each of [billing, booking]) {
        assert.partialDeepStrictEqual(each, { state: 'serving', owner: 'service' });
      }
      return true;
    };
    await until(knows, { deadlineMs: 60_000, what: 'a gateway that knows its services' });
    await payForABooking(site, local(mails.listening.port));

    const stop = async (server: TestServer) => {
      server.signal('SIGTERM');
      assert.equal(await server.ended, 0, server.lines.slice(-3).join('\n'));
    };
    await stop(serves);
    assert.equal(await checks.monolith(), 1);
    assert.equal(await checks.gateway(), 0, 'a gateway is not unhealthy because its monolith is');
    for (const server of [passes, bills, books, ...Object.values(relay), mails, acquires]) await stop(server);
    for (const [name, check] of Object.entries(checks)) assert.equal(await check(), 1, name);
  });
});

async function findFreePorts<const Name extends string>(
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const ports = {} as Record<Name, number>;
  for (const name of names)
    ports[name] = await findFreePort(new Set(Object.values<number>(ports)), Math.random);
  return ports;
}

/** Goes by every container: the monolith charges at the acquirer, and the ticket comes by mail. */
async function payForABooking(site: string, mailPage: string): Promise<void> {
  const json = { 'Content-Type': 'application/json', 'X-Api-Key': 'mk_demo_globetrotter_0001' };
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${site}/api/v1${path}`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const booking = await bookSomeFlight(post);
  const found = await fetch(`${site}/api/v1/bookings/${booking.id}/invoice`, { headers: json });
  const invoice = (await found.json()) as { id: number };
  const card = { card_number: '4242424242424242', expiry: '12/40', cvc: '123', card_holder: 'Ada Lovelace' };
  const paid = await post(`/invoices/${invoice.id}/payments`, card);
  assert.deepEqual([paid.status, paid.body.result], [200, 'APPROVED'], JSON.stringify(paid.body));
  const isThere = async () => {
    const list = (await (await fetch(`http://${mailPage}/api/mails`)).json()) as { subject: string }[];
    return list.some(({ subject }) => subject.includes(String(booking.reference)));
  };
  await until(isThere, { deadlineMs: 60_000, what: 'the mail' });
}

/** Seeded flights are around the seed's day; the first that is not closed yet will do. */
async function bookSomeFlight(
  post: (path: string, body: object) => Promise<{ status: number; body: Record<string, unknown> }>,
): Promise<Record<string, unknown>> {
  for (let flight = 60; flight > 0; flight -= 1) {
    const { status, body } = await post('/bookings', {
      flight_id: flight,
      contact_email: 'ada@example.com',
      passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
    });
    if (status === 201) return body;
    assert.equal(status, 409, JSON.stringify(body));
  }
  throw new Error('no flight is open for booking');
}
