import type { Database } from '@banyan/service-kit/database';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { BookingConfig } from '../config.ts';
import type { EventExchange } from './exchange.ts';
import { type IntakeParts, takeEvent } from './intake.ts';
import { createQueueExchange } from './queue-exchange.ts';

/** By queues; without them what is told stays in the outbox, and nothing is taken. */
export function openExchange(
  config: BookingConfig,
  parts: ServiceParts,
  { database, intake }: { readonly database: Database; readonly intake: IntakeParts },
): EventExchange {
  if (config.queueRedisUrl === null) {
    return {
      tell: async () => {},
      catchUp: async () => {},
      start: async () => parts.logger.warn('QUEUE_REDIS_URL is not set: events stay in the outbox'),
      setTaking: () => {},
      stop: async () => {},
    };
  }
  return createQueueExchange({
    database,
    redisUrl: config.queueRedisUrl,
    prefix: config.queuePrefix,
    queue: config.eventsQueue,
    concurrency: config.eventsConcurrency,
    take: (event, { signal }) => takeEvent(intake, event, { signal }),
    parts,
  });
}
