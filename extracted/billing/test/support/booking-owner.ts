import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BookingLookupServiceService,
  FareClass,
  PaymentConsentServiceService,
} from '@banyan/contracts/booking/v1/booking';
import { DirectoryServiceService } from '@banyan/contracts/directory/v1/directory';
import type { Event } from '@banyan/contracts/events/v1/events';
import { Role } from '@banyan/contracts/identity/v1/identity';
import { Owner, OwnershipServiceService, ServiceData } from '@banyan/contracts/ownership/v1/ownership';
import { refuse } from '@banyan/service-kit/errors';
import { silentLogger } from '@banyan/service-kit/logger';
import { createGrpcServer, implement } from '@banyan/service-kit/server';
import { undo } from './undo.ts';

export const TOKEN = 'token-of-the-tests';

export type FakeBookingOwner = {
  readonly target: string;
  readonly events: Event[];
  readonly consents: { bookingId: bigint; paymentKey: string }[];
  /** What it says from now on. */
  consent: 'given' | 'HOLD_OVER' | 'away';
  owner: 'service' | 'monolith' | 'nobody';
  takesEvents: boolean;
  /** How long an event is under way before it is taken. */
  takesAfterMs: number;
  takeEvent(event: Event | undefined): Promise<{ duplicate: boolean }>;
  stop(): Promise<void>;
};

const OWNERS = { service: Owner.SERVICE, monolith: Owner.MONOLITH, nobody: Owner.NOBODY } as const;

/** Whoever owns bookings, as billing meets it: consent, facts, events, and the directory of accounts. */
export async function startBookingOwner(
  t: TestContext,
  owner: FakeBookingOwner['owner'] = 'service',
): Promise<FakeBookingOwner> {
  const state: Omit<FakeBookingOwner, 'target' | 'stop' | 'takeEvent'> = {
    events: [],
    consents: [],
    consent: 'given',
    owner,
    takesEvents: true,
    takesAfterMs: 0,
  };
  const away = () => refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE');
  const server = createGrpcServer({
    services: [
      implement(OwnershipServiceService, 'open', {
        listOwnership: () => ({
          ownerships: [
            { aggregate: 'booking', owner: OWNERS[fake.owner], epoch: 1n, data: ServiceData.UNSPECIFIED },
          ],
        }),
        // biome-ignore lint/correctness/useYield: nobody here watches
        watchOwnership: async function* () {
          throw away();
        },
      }),
      implement(PaymentConsentServiceService, 'service', {
        beginPayment: (request) => {
          fake.consents.push(request);
          if (fake.consent === 'away') throw away();
          if (fake.consent === 'HOLD_OVER')
            throw refuse('FAILED_PRECONDITION', 'HOLD_OVER', { domain: 'booking' });
          return { holdExpiresAt: new Date(Date.now() + 900_000) };
        },
      }),
      implement(BookingLookupServiceService, 'service', {
        lookUpBooking: ({ bookingId }) => ({ booking: booking(bookingId) }),
      }),
      implement(DirectoryServiceService, 'service', {
        getFlight: () => {
          throw away();
        },
        // biome-ignore lint/correctness/useYield: billing asks for no flights
        listFlights: async function* () {
          throw away();
        },
        getAccount: ({ accountId }) => {
          if (accountId !== 77n) throw refuse('NOT_FOUND', 'ACCOUNT_NOT_FOUND');
          return { account: account(77n) };
        },
        listAccounts: async function* ({ afterAccountId }) {
          for (const id of [1n, 2n, 3n]) if (id > afterAccountId) yield { accounts: [account(id)] };
        },
      }),
    ],
    identity: null,
    serviceToken: TOKEN,
    logger: silentLogger,
    now: () => new Date(),
    newId: randomUUID,
    limits: { drainMs: 200 },
  });
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' });
  undo(t, () => server.stop());
  const fake: FakeBookingOwner = Object.assign(state, {
    target: `127.0.0.1:${port}`,
    takeEvent: async (event: Event | undefined) => {
      if (!fake.takesEvents || !event) throw away();
      await pause(fake.takesAfterMs);
      const duplicate = fake.events.some(({ id }) => id === event.id);
      if (!duplicate) fake.events.push(event);
      return { duplicate };
    },
    stop: () => server.stop(),
  });
  return fake;
}

function account(id: bigint) {
  return { id, name: `Account ${id}`, email: `user${id}@example.com`, role: Role.CUSTOMER };
}

function booking(id: bigint) {
  return {
    id,
    reference: 'K7Q2XM',
    status: 'BOOKING_STATUS_CONFIRMED' as const,
    accountId: 1n,
    flight: {
      id: 1n,
      number: 'MA101',
      origin: 'LHR',
      destination: 'JFK',
      originName: 'London Heathrow',
      destinationName: 'New York Kennedy',
      departsAt: new Date('2026-11-25T10:00:00Z'),
      arrivesAt: new Date('2026-11-25T18:00:00Z'),
    },
    fareClass: FareClass.CLASSIC,
    passengers: [],
    contact: { email: 'zoe@example.com' },
    price: undefined,
    invoiceNumber: '',
    holdExpiresAt: undefined,
    createdAt: new Date(),
    updatedAt: new Date(),
    version: 1,
  };
}
