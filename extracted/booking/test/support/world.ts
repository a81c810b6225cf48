import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  BookingLookupServiceClient,
  BookingServiceClient,
  type CreateBookingRequest,
  type NewPassenger,
  PaymentConsentServiceClient,
  SeatServiceClient,
} from '@banyan/contracts/booking/v1/booking';
import { Event } from '@banyan/contracts/events/v1/events';
import { HealthClient } from '@banyan/contracts/grpc/health/v1/health';
import { OwnershipServiceClient } from '@banyan/contracts/ownership/v1/ownership';
import { type CallOptions, createServiceClient } from '@banyan/service-kit/client';
import { createDatabase } from '@banyan/service-kit/database';
import type { Identity } from '@banyan/service-kit/identity';
import type { RunningService } from '@banyan/service-kit/lifecycle';
import { silentLogger } from '@banyan/service-kit/logger';
import { createMetrics, type Metrics } from '@banyan/service-kit/metrics';
import { signIdentity, TEST_KEYS_TEXT } from '@banyan/service-kit/testing/sign-identity';
import { until } from '@banyan/stack/testing/until';
import { createBooking } from '../../src/compose.ts';
import { readBookingConfig } from '../../src/config.ts';
import { takeEvent } from '../../src/events/intake.ts';
import { createOwnStorage } from '../../src/storage/own-storage.ts';
import { atEnd, type Databases, type Side, startDatabases } from './databases.ts';
import { type Seam, startSeam, TOKEN } from './seam.ts';

export { atEnd } from './databases.ts';

/** Of the seed. */
export const CUSTOMER: Identity = { accountId: 1n, role: 'customer', name: 'Ada', via: 'session' };
export const AGENT: Identity = { accountId: 3n, role: 'agent', name: 'Bo', via: 'session' };
export const ACCOUNTANT: Identity = { accountId: 4n, role: 'accountant', name: 'Cy', via: 'session' };
export const STRANGER: Identity = { accountId: 29n, role: 'customer', name: 'Di', via: 'session' };

/** Metadata of a call on somebody's behalf. */
export function as(identity: Identity): CallOptions {
  return { identity: signIdentity(identity, { audience: 'booking', now: new Date() }) };
}

export type World = Databases & {
  readonly seam: Seam;
  readonly env: Readonly<Record<string, string>>;
  readonly service: Databases['service'];
  /** Another process of the service on the same databases, as far as one process can have two. */
  startReplica(env?: Readonly<Record<string, string>>): Promise<Replica>;
};

export type Replica = ReturnType<typeof clientsOf> & {
  readonly running: RunningService;
  readonly metrics: Metrics;
  readonly warnings: readonly string[];
  stop(): Promise<void>;
};

export async function startWorld(
  t: TestContext,
  { owner = 'service' }: { owner?: Side } = {},
): Promise<World> {
  const databases = await startDatabases(t, owner);
  const seam = await startSeam(t, databases.monolith);
  const env = envOf(databases, seam);
  return {
    ...databases,
    seam,
    env,
    async startReplica(more = {}) {
      const metrics = createMetrics('booking');
      const warnings: string[] = [];
      const warn = (...said: readonly unknown[]): void => void warnings.push(String(said.at(-1)));
      const running = createBooking(readBookingConfig({ ...env, ...more }), {
        logger: Object.assign(Object.create(silentLogger), { warn }),
        metrics,
        now: () => new Date(),
        newId: randomUUID,
        random: Math.random,
      });
      atEnd(t, () => running.stop());
      const { port } = await running.listen();
      const clients = clientsOf(t, `127.0.0.1:${String(port)}`);
      return { ...clients, running, metrics, warnings, stop: () => running.stop() };
    },
  };
}

/** A world with one service that is ready. */
export async function startService(t: TestContext, options: { owner?: Side; shared?: boolean } = {}) {
  const world = await startWorld(t, options);
  const replica = await world.startReplica(
    options.shared ? { BOOKING_SHARED_DATABASE_URL: world.sharedUrl } : undefined,
  );
  await untilServing(replica);
  return { ...world, ...replica };
}

export function envOf(databases: Databases, seam: Seam): Record<string, string> {
  return {
    BOOKING_PORT: '0',
    BOOKING_DATABASE_URL: databases.serviceUrl,
    BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT,
    SERVICE_TOKEN: TOKEN,
    MONOLITH_SEAM_TARGET: seam.target,
    BOOKING_COPY_INTERVAL_MS: '100',
    BOOKING_MAIL_INTERVAL_MS: '100',
    DRAIN_TIMEOUT_MS: '1000',
    LOG_LEVEL: 'info',
  };
}

export function clientsOf(t: TestContext, target: string) {
  const deadlineMs = 40_000;
  const bookings = createServiceClient(BookingServiceClient, target, { deadlineMs });
  const seats = createServiceClient(SeatServiceClient, target, { deadlineMs, token: TOKEN });
  const consent = createServiceClient(PaymentConsentServiceClient, target, { deadlineMs, token: TOKEN });
  const lookup = createServiceClient(BookingLookupServiceClient, target, { deadlineMs, token: TOKEN });
  const health = createServiceClient(HealthClient, target);
  const ownership = createServiceClient(OwnershipServiceClient, target, { deadlineMs });
  for (const { close } of [bookings, seats, consent, lookup, health, ownership]) atEnd(t, close);
  return {
    target,
    bookings: bookings.api,
    seats: seats.api,
    consent: consent.api,
    lookup: lookup.api,
    health: health.api,
    ownership: ownership.api,
  };
}

export async function untilServing(
  { health }: Pick<Replica, 'health'>,
  service = 'booking.v1.BookingService',
  status = 'SERVING',
): Promise<void> {
  await until(
    async () => {
      const answer = await health.check({ service }).catch(() => null);
      return answer?.status === status;
    },
    { deadlineMs: 60_000, what: `${service} ${status}` },
  );
}

/** What booking has told, oldest first. */
export async function toldBy({ service }: Pick<World, 'service'>): Promise<Event[]> {
  const { rows } = await service.query<{ body: Buffer }>('SELECT body FROM outbox ORDER BY occurred_at');
  return rows.map(({ body }) => Event.decode(body));
}

/** Takes events as a consumer of booking's queue does. No flight is known. */
export function openIntake(t: TestContext, { serviceUrl }: Pick<World, 'serviceUrl'>) {
  const database = createDatabase(serviceUrl, { schema: 'booking', name: 'intake', logger: silentLogger });
  atEnd(t, () => database.end());
  const storage = createOwnStorage(database);
  const parts = { storage: () => storage, fetchFlight: async () => null, now: () => new Date() };
  return (event: Event | undefined) => takeEvent(parts, event);
}

/** A flight that can be booked: its departure is days away, whatever the seed says, and nobody is on it. */
export async function openFlight(world: World, cabin = 'A320'): Promise<bigint> {
  const { rows } = await world.monolith.query(
    `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, base_fare, updated_at)
     SELECT 'MA' || (9000 + floor(random() * 999))::int, (SELECT min(code) FROM airports), (SELECT max(code) FROM airports),
            date_trunc('second', now() AT TIME ZONE 'UTC') + interval '9 days' + random() * interval '100 days',
            now() AT TIME ZONE 'UTC' + interval '110 days', code, 100, now() AT TIME ZONE 'UTC'
     FROM aircraft_types ORDER BY (code = $1) DESC LIMIT 1 RETURNING id`,
    [cabin],
  );
  return BigInt(rows[0].id);
}

export function passenger(more: Partial<NewPassenger> = {}): NewPassenger {
  return {
    title: 'TITLE_UNSPECIFIED',
    firstName: 'Zoë',
    lastName: 'Ødegård',
    infant: false,
    specialAssistance: false,
    ...more,
  };
}

export function wanted(flightId: bigint, more: Partial<CreateBookingRequest> = {}): CreateBookingRequest {
  return {
    flightId,
    fareClass: 'FARE_CLASS_CLASSIC',
    passengers: [passenger()],
    contact: { email: 'zoe@example.org' },
    ...more,
  };
}

type Body = NonNullable<Event['body']>;

export function event(body: Body, id: string = randomUUID()): Event {
  return { id, occurredAt: new Date(), body };
}

export function invoicePaid(bookingId: bigint): Body {
  return {
    $case: 'invoicePaid',
    value: { invoiceId: 2n, bookingId, paymentId: 2n, paidAt: new Date() },
  };
}
