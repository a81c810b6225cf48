import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { EventConsumer } from '@banyan/service-kit/queues/consumer';
import type { BillingConfig } from '../config.ts';
import { eventFaultKindOf, type IntakeParts, takeEvent } from './take-event.ts';

export type ConsumerParts = IntakeParts &
  Pick<BillingConfig, 'queuePrefix' | 'eventsQueue'> &
  Pick<ServiceParts, 'logger' | 'metrics' | 'tracing' | 'random'> & { readonly redisUrl: string };

/** The consumer of billing's queue, not started yet. BullMQ is loaded where there is a queue, and nowhere else. */
export async function openEventConsumer(parts: ConsumerParts): Promise<EventConsumer> {
  const { redisUrl, queuePrefix: prefix, eventsQueue: queue, logger, random, tracing = null } = parts;
  const [{ createEventConsumer }, { createConsumerMetrics }] = await Promise.all([
    import('@banyan/service-kit/queues/consumer'),
    import('@banyan/service-kit/queues/queue-metrics'),
  ]);
  return createEventConsumer({
    redisUrl,
    queue,
    prefix,
    take: (event) => takeEvent(parts, event),
    kindOf: eventFaultKindOf,
    logger,
    random,
    tracing,
    metrics: createConsumerMetrics(parts.metrics),
  });
}
