import type { Database } from '@banyan/service-kit/database';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import { createEventDispatcher } from '@banyan/service-kit/outbox';
import { createBillingPeer } from './billing-peer.ts';
import type { EventExchange } from './exchange.ts';

/** By calls to whoever owns billing; what is addressed to booking comes as a call too. */
export function createDirectExchange(options: {
  readonly database: Database;
  readonly billingTarget: string | null;
  readonly seamTarget: string;
  readonly token: string;
  readonly parts: ServiceParts;
}): EventExchange {
  const { database, billingTarget, seamTarget, token, parts } = options;
  const { logger, metrics, tracing, now, random } = parts;
  const billing = createBillingPeer({
    serviceTarget: billingTarget,
    seamTarget,
    token,
    tracing,
    now,
    logger,
  });
  const { resolve } = billing;
  const dispatcher = createEventDispatcher({ database, resolve, logger, now, random, metrics });
  return {
    tell: async (eventIds, signal) => void (await dispatcher.deliverSoon(eventIds, { signal })),
    tellSoon: (eventIds) => void dispatcher.deliverSoon(eventIds, { waitMs: 0 }),
    start: async () => dispatcher.start(),
    setTaking: () => {},
    async stop() {
      await dispatcher.stop();
      await billing.close();
    },
  };
}
