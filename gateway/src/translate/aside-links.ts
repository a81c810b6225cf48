import { CHANNEL_OPTIONS } from '../channels/channel-options.ts';
import { createServiceChannel, type ServiceChannel } from '../channels/service-channel.ts';
import { createBreaker } from '../resilience/breaker.ts';
import { type BulkheadLimits, createBulkhead } from '../resilience/bulkhead.ts';
import { createRetryBudget } from '../resilience/retry-budget.ts';
import type { ActiveCarveOut } from './carved-operation.ts';
import type { ServiceLink } from './service-link.ts';

/** Links to services for what no client waits for. */
export type AsideLinks = {
  of(active: Pick<ActiveCarveOut, 'target'>): ServiceLink;
  /** Ends all of them. */
  close(): void;
};

export type AsideLinksOptions = {
  readonly monotonicMs: () => number;
  /** Of one message; a larger one ends its call. */
  readonly messageBytesMax: number;
};

/** A question may be several calls. */
const CALLS_MAX: BulkheadLimits = { activeMax: 16, waitingMax: 16 };
const STREAMS_MAX: BulkheadLimits = { activeMax: 8, waitingMax: 0 };

/**
 * Links that share nothing with those of clients' requests: neither places nor breaker, nor the connection, on which
 * a large message would stand before a client's. Each is made when it is first needed.
 */
export function createAsideLinks({ monotonicMs, messageBytesMax }: AsideLinksOptions): AsideLinks {
  const channels = new Map<string, ServiceChannel>();
  const links = new Map<string, ServiceLink>();
  const connect = (target: string): ServiceLink => {
    const channel = createServiceChannel(target, monotonicMs, {
      ...CHANNEL_OPTIONS,
      'grpc.max_receive_message_length': messageBytesMax,
      // Channels to one target would else share their connections.
      'grpc.use_local_subchannel_pool': 1,
    });
    const link: ServiceLink = {
      channel,
      breaker: createBreaker(monotonicMs),
      bulkhead: createBulkhead(CALLS_MAX),
      streams: createBulkhead(STREAMS_MAX),
      // Nobody waits for it: what fails is asked when it is asked the next time.
      retries: createRetryBudget(0, 0),
      onCall: () => {},
    };
    channels.set(target, channel);
    links.set(target, link);
    return link;
  };
  return {
    of: ({ target }) => links.get(target) ?? connect(target),
    close: () => {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}
