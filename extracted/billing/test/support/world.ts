import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { BillingServiceClient, InvoiceLookupServiceClient } from '@banyan/contracts/billing/v1/billing';
import type { Event } from '@banyan/contracts/events/v1/events';
import { HealthClient } from '@banyan/contracts/grpc/health/v1/health';
import { OwnershipServiceClient } from '@banyan/contracts/ownership/v1/ownership';
import { createServiceClient } from '@banyan/service-kit/client';
import type { Database } from '@banyan/service-kit/database';
import type { Identity } from '@banyan/service-kit/identity';
import type { RunningService } from '@banyan/service-kit/lifecycle';
import { silentLogger } from '@banyan/service-kit/logger';
import { createMetrics, type Metrics } from '@banyan/service-kit/metrics';
import { signIdentity, TEST_KEYS_TEXT } from '@banyan/service-kit/testing/sign-identity';
import { type Acquirer, createAcquirer } from '@banyan/stack/acquirer/acquirer';
import type { TestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { type BillingParts, createBilling } from '../../src/compose.ts';
import { readBillingConfig } from '../../src/config.ts';
import { type FakeBookingOwner, startBookingOwner, TOKEN } from './booking-owner.ts';
import { ownDatabase } from './databases.ts';
import { bookingPlaced } from './events.ts';
import { type Queues, startQueues } from './queues.ts';
import { undo } from './undo.ts';

/** What takes a moment on a machine that has nothing else to do. */
export const LONG = { deadlineMs: 60_000 } as const;

export const ALICE = person(1n, 'customer');
export const BOB = person(2n, 'customer');
export const AGENT = person(3n, 'agent');
export const ACCOUNTANT = person(4n, 'accountant');
export const PARTNER = person(5n, 'partner');

function person(accountId: bigint, role: Identity['role']): Identity {
  return { accountId, role, name: role, via: 'session' };
}

/** Clients of one service. */
export function connect(t: TestContext, target: string) {
  const deadlineMs = 40_000;
  const clients = {
    billing: createServiceClient(BillingServiceClient, target, { deadlineMs }),
    lookup: createServiceClient(InvoiceLookupServiceClient, target, { deadlineMs, token: TOKEN }),
    health: createServiceClient(HealthClient, target, { deadlineMs }),
    ownership: createServiceClient(OwnershipServiceClient, target, { deadlineMs }),
  };
  const close = async (): Promise<void> => {
    await Promise.all(Object.values(clients).map((client) => client.close()));
  };
  undo(t, close);
  return {
    target,
    billing: clients.billing.api,
    lookup: clients.lookup.api,
    ownership: clients.ownership.api,
    health: async () => (await clients.health.api.check({ service: '' })).status,
    close,
  };
}

/** Call options on behalf of somebody. */
export function as(identity: Identity) {
  return { identity: signIdentity(identity, { audience: 'billing', now: new Date() }) };
}

export function environmentOf(options: {
  readonly databaseUrl: string;
  readonly acquirerUrl: string;
  readonly bookingTarget?: string | undefined;
}): Record<string, string> {
  return {
    BILLING_PORT: '0',
    BILLING_DATABASE_URL: options.databaseUrl,
    BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT,
    SERVICE_TOKEN: TOKEN,
    ACQUIRER_URL: options.acquirerUrl,
    BILLING_WORKER_INTERVAL_MS: '50',
    BILLING_ACCOUNTS_INTERVAL_MS: '100',
    LOG_LEVEL: 'silent',
    DRAIN_TIMEOUT_MS: '2000',
    ...(options.bookingTarget ? { BOOKING_TARGET: options.bookingTarget } : {}),
  };
}

/** Billing in this process, on a free port. */
export async function startBilling(
  t: TestContext,
  env: Record<string, string>,
  more: Partial<BillingParts> = {},
) {
  const metrics = createMetrics('billing');
  const service = createBilling(readBillingConfig(env), {
    logger: silentLogger,
    metrics,
    now: () => new Date(),
    newId: randomUUID,
    random: Math.random,
    ...more,
  });
  const { port } = await service.listen();
  undo(t, () => service.stop());
  return { service, metrics, env, ...connect(t, `127.0.0.1:${String(port)}`) };
}

export type World = ReturnType<typeof connect> & {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly acquirer: Acquirer;
  readonly bookings: FakeBookingOwner;
  readonly queues: Queues;
  readonly service: RunningService;
  readonly metrics: Metrics;
  /** What the service was told. */
  readonly env: Record<string, string>;
  /** Brings an event by its queue, and waits until it is taken. */
  deliver(event: Event): Promise<void>;
  /** A booking that is placed, and the id of its invoice. */
  placed(bookingId: bigint, options?: Parameters<typeof bookingPlaced>[1]): Promise<bigint>;
};

/** Billing with all that it meets: its database, which it owns, the acquirer, booking's owner, and the queues. */
export async function startWorld(
  t: TestContext,
  env: Record<string, string> = {},
  redis?: TestRedis,
): Promise<World> {
  const { url, database } = await ownDatabase(t);
  const acquirer = await createAcquirer({ port: 0, shortWaitMs: 1_000, longWaitMs: 2_000 });
  undo(t, () => acquirer.stop());
  const bookings = await startBookingOwner(t);
  const { target, takeEvent } = bookings;
  const queues = await startQueues(t, { databaseUrl: url, takeEvent, ...(redis && { redis }) });
  const settings = environmentOf({ databaseUrl: url, acquirerUrl: acquirer.url, bookingTarget: target });
  const billing = await startBilling(t, {
    ...settings,
    ...queues.env,
    MONOLITH_SEAM_TARGET: target,
    ...env,
  });
  await until(async () => (await billing.health()) === 'SERVING', LONG);
  return {
    ...billing,
    database,
    databaseUrl: url,
    acquirer,
    bookings,
    queues,
    deliver: queues.deliver,
    async placed(bookingId, options) {
      await queues.deliver(bookingPlaced(bookingId, options));
      const { rows } = await database.query<{ id: bigint }>('SELECT id FROM invoices WHERE booking_id = $1', [
        bookingId,
      ]);
      return rows[0]?.id ?? 0n;
    },
  };
}

export function card(number = '4242424242424242') {
  return { number, expiryMonth: 12, expiryYear: 2030, verificationCode: '123', holder: 'Zoë Müller' };
}
