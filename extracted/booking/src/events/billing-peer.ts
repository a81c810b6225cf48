import { EventIntakeServiceClient } from '@banyan/contracts/events/v1/events';
import { OwnershipServiceClient } from '@banyan/contracts/ownership/v1/ownership';
import { createServiceClient, RemoteError, type ServiceClientOptions } from '@banyan/service-kit/client';
import type { Logger } from '@banyan/service-kit/logger';
import type { EventReceiver } from '@banyan/service-kit/outbox';
import { createOwnerResolver, type OwnerCandidate } from '@banyan/service-kit/owner-resolver';

const AGGREGATE = 'billing';

export type BillingPeer = {
  /** Whoever owns billing now, to be told of bookings; null while nobody says so. */
  resolve(): Promise<EventReceiver | null>;
  close(): Promise<void>;
};

/** Billing wherever it is: its service, where there is one, or the monolith's seam. */
export function createBillingPeer(options: {
  readonly serviceTarget: string | null;
  readonly seamTarget: string | null;
  readonly token: string;
  readonly tracing?: ServiceClientOptions['tracing'];
  readonly now: () => Date;
  readonly logger: Logger;
}): BillingPeer {
  const { serviceTarget, seamTarget, token, tracing, now, logger } = options;
  const closes: (() => Promise<void>)[] = [];
  const candidateAt = (side: 'service' | 'monolith', target: string): OwnerCandidate<EventReceiver> => {
    const intake = createServiceClient(EventIntakeServiceClient, target, { token, tracing });
    const ownership = createServiceClient(OwnershipServiceClient, target, { token, tracing });
    closes.push(intake.close, ownership.close);
    return { side, value: intake.api, ask: ownership.api.listOwnership };
  };
  const candidates = [
    ...(serviceTarget === null ? [] : [candidateAt('service', serviceTarget)]),
    ...(seamTarget === null ? [] : [candidateAt('monolith', seamTarget)]),
  ];
  const resolver = createOwnerResolver({ aggregate: AGGREGATE, candidates, now, logger });
  return {
    async resolve() {
      const intake = await resolver.resolve();
      if (intake === null) return null;
      return {
        async deliver(request, call) {
          try {
            return await intake.deliver(request, call);
          } catch (error) {
            // It moved since we asked; the next attempt asks anew.
            if (error instanceof RemoteError && error.reason === 'NOT_THE_OWNER') resolver.forget();
            throw error;
          }
        },
      };
    },
    async close() {
      await Promise.all(closes.map((close) => close()));
    },
  };
}
