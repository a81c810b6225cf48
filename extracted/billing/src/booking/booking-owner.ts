import {
  BookingLookupServiceClient,
  PaymentConsentServiceClient,
} from '@banyan/contracts/booking/v1/booking';
import { OwnershipServiceClient } from '@banyan/contracts/ownership/v1/ownership';
import { createServiceClient, type PromiseApi, type ServiceClientOptions } from '@banyan/service-kit/client';
import type { Logger } from '@banyan/service-kit/logger';
import { ownerFromWire } from '@banyan/service-kit/ownership';

/** What a side that may own bookings serves. */
export type BookingSide = {
  readonly consent: PromiseApi<typeof PaymentConsentServiceClient.service>;
  readonly lookup: PromiseApi<typeof BookingLookupServiceClient.service>;
};

export type BookingOwner = {
  /** The side that owns bookings, as it was known a second ago at most; null when none says that it does. */
  current(): Promise<BookingSide | null>;
  /** What is known was wrong: the next question asks anew. */
  forget(): void;
};

export type ConnectedSide = BookingSide & {
  readonly ownership: PromiseApi<typeof OwnershipServiceClient.service>;
  close(): Promise<void>;
};

const AGGREGATE = 'booking';
const KNOWN_MS = 1_000;
const ASK_DEADLINE_MS = 1_500;

type SideOptions = Required<Pick<ServiceClientOptions, 'token'>> & Pick<ServiceClientOptions, 'tracing'>;

/** Clients of one side; nothing is connected before the first call. */
export function connectSide(target: string, options: SideOptions): ConnectedSide {
  const clients = [
    createServiceClient(PaymentConsentServiceClient, target, options),
    createServiceClient(BookingLookupServiceClient, target, options),
    createServiceClient(OwnershipServiceClient, target, options),
  ] as const;
  const [consent, lookup, ownership] = clients;
  return {
    consent: consent.api,
    lookup: lookup.api,
    ownership: ownership.api,
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Asks the sides' own records. `service` and `monolith` are null where no target is set. */
export function createBookingOwner(options: {
  readonly service: (Pick<ConnectedSide, 'ownership'> & BookingSide) | null;
  readonly monolith: (Pick<ConnectedSide, 'ownership'> & BookingSide) | null;
  readonly now: () => Date;
  readonly logger: Logger;
}): BookingOwner {
  const { now, logger } = options;
  let known: { readonly side: BookingSide | null; readonly until: number } | undefined;
  let asking: Promise<BookingSide | null> | undefined;

  const claims = async (name: 'service' | 'monolith'): Promise<boolean> => {
    try {
      const answer = await options[name]?.ownership.listOwnership({}, { deadlineMs: ASK_DEADLINE_MS });
      const record = answer?.ownerships.find(({ aggregate }) => aggregate === AGGREGATE);
      return record !== undefined && ownerFromWire(record.owner) === name;
    } catch (error) {
      logger.debug({ err: error, side: name }, 'a side was not there to say whether it owns bookings');
      return false;
    }
  };

  const ask = async (): Promise<BookingSide | null> => {
    // At once, so that a side that is away costs no more than its deadline.
    const [service, monolith] = await Promise.all([claims('service'), claims('monolith')]);
    const side = service ? options.service : monolith ? options.monolith : null;
    if (side === null) logger.warn('no side says that it owns bookings');
    known = { side, until: now().getTime() + KNOWN_MS };
    return side;
  };

  return {
    current() {
      if (known && now().getTime() < known.until) return Promise.resolve(known.side);
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    forget() {
      known = undefined;
    },
  };
}
