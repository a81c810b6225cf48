import type { Database } from '@banyan/service-kit/database';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { BookingConfig } from '../config.ts';
import { createDirectExchange } from './direct-exchange.ts';
import type { EventExchange } from './exchange.ts';
import { type IntakeParts, takeEvent } from './intake.ts';
import { createQueueExchange } from './queue-exchange.ts';

/** By queues where there are some, else by calls. */
export function openExchange(
  config: BookingConfig,
  parts: ServiceParts,
  { database, intake }: { readonly database: Database; readonly intake: IntakeParts },
): EventExchange {
  if (config.queueRedisUrl === null) {
    return createDirectExchange({
      database,
      billingTarget: config.billingTarget,
      seamTarget: config.monolithSeamTarget,
      token: config.serviceToken,
      parts,
    });
  }
  return createQueueExchange({
    database,
    redisUrl: config.queueRedisUrl,
    prefix: config.queuePrefix,
    queue: config.eventsQueue,
    concurrency: Math.ceil(config.poolMax / 2),
    take: (event, { signal }) => takeEvent(intake, event, { signal }),
    parts,
  });
}
