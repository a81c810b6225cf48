import {
  DirectoryServiceClient,
  type Account as WireAccount,
  type Flight as WireFlight,
  FlightStatus as WireStatus,
} from '@banyan/contracts/directory/v1/directory';
import { Role } from '@banyan/contracts/identity/v1/identity';
import { createServiceClient, RemoteError, type ServiceClientOptions } from '@banyan/service-kit/client';
import { minorOf } from '@banyan/service-kit/money';
import type { Flight, FlightStatus } from '../domain/flight.ts';
import type { Account } from '../storage/port.ts';
import type { Directory } from './directory.ts';

const LIST_DEADLINE_MS = 300_000;

/** The directory that the monolith's seam serves. */
export function createDirectoryClient(
  target: string,
  options: Pick<ServiceClientOptions, 'token' | 'tracing'>,
): Directory & { close(): Promise<void> } {
  const { api, close } = createServiceClient(DirectoryServiceClient, target, options);
  return {
    getFlight: (flightId, call) =>
      orNull(async () => {
        const { flight } = await api.getFlight({ flightId }, call);
        return flight === undefined ? null : fromWireFlight(flight);
      }),
    getAccount: (accountId, call) =>
      orNull(async () => {
        const { account } = await api.getAccount({ accountId }, call);
        return account === undefined ? null : fromWireAccount(account);
      }),
    async *listFlights(cursor, signal) {
      const call = { signal, deadlineMs: LIST_DEADLINE_MS };
      for await (const batch of api.listFlights({ cursor }, call)) {
        yield { flights: batch.flights.map(fromWireFlight), cursor: batch.cursor };
      }
    },
    async *listAccounts(afterAccountId, signal) {
      const call = { signal, deadlineMs: LIST_DEADLINE_MS };
      for await (const { accounts } of api.listAccounts({ afterAccountId }, call)) {
        yield accounts.map(fromWireAccount);
      }
    },
    close,
  };
}

async function orNull<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

const STATUSES: Readonly<Record<string, FlightStatus>> = {
  [WireStatus.SCHEDULED]: 'SCHEDULED',
  [WireStatus.BOARDING]: 'BOARDING',
  [WireStatus.DELAYED]: 'DELAYED',
  [WireStatus.DEPARTED]: 'DEPARTED',
  [WireStatus.ARRIVED]: 'ARRIVED',
  [WireStatus.CANCELLED]: 'CANCELLED',
};

const ROLES: Readonly<Record<string, string>> = {
  [Role.CUSTOMER]: 'customer',
  [Role.AGENT]: 'agent',
  [Role.ACCOUNTANT]: 'accountant',
  [Role.PARTNER]: 'partner',
};

/** Throws for a flight without what a booking needs of it: nobody may be sold a seat by a guess. */
export function fromWireFlight(flight: WireFlight): Flight {
  const { origin, destination, departsAt, arrivesAt, cabin, baseFare, updatedAt } = flight;
  const status = STATUSES[flight.status];
  const baseFareMinor = baseFare === undefined ? null : minorOf(baseFare);
  if (!origin || !destination || !departsAt || !arrivesAt || !cabin || !updatedAt || !status) {
    throw new Error(`flight ${flight.id} of the directory is not complete`);
  }
  if (baseFare === undefined || baseFareMinor === null) throw new Error(`flight ${flight.id} has no fare`);
  return {
    id: flight.id,
    number: flight.number,
    origin: placeOf(origin),
    destination: placeOf(destination),
    departsAt,
    arrivesAt,
    aircraft: flight.aircraft,
    aircraftName: flight.aircraftName,
    cabin: { rows: cabin.rows, columns: cabin.columns },
    status,
    gate: flight.gate ?? null,
    baseFareMinor,
    currency: baseFare.currencyCode,
    revision: flight.revision,
    updatedAt,
  };
}

function placeOf({
  code,
  name,
  city,
  latitude,
  longitude,
}: NonNullable<WireFlight['origin']>): Flight['origin'] {
  return { code, name, city, latitude, longitude };
}

export function fromWireAccount({ id, name, email, role }: WireAccount): Account {
  return { id, name, email, role: ROLES[role] ?? 'customer' };
}
