import type { Database } from '@banyan/service-kit/database';
import { createEffects } from '@banyan/service-kit/effects';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import { createEventConsumer, type TakeEvent } from '@banyan/service-kit/queues/consumer';
import { createConsumerMetrics } from '@banyan/service-kit/queues/queue-metrics';
import type { EventExchange } from './exchange.ts';
import { faultKindOfIntake } from './fault-kind.ts';

/** What is in hand has so long to end; with the drain before it, within what a stop may take. */
const STOP_MS = 4_000;

/**
 * By queues: a relay brings what is in the outbox to them, and a consumer takes what is addressed to booking. With
 * Redis away events wait in the outbox.
 */
export function createQueueExchange(options: {
  readonly database: Database;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly queue: string;
  /** At once, each with a transaction of its own: callers need connections too. */
  readonly concurrency: number;
  readonly take: TakeEvent;
  readonly parts: Pick<ServiceParts, 'logger' | 'metrics' | 'tracing' | 'random'>;
}): EventExchange {
  const { database, redisUrl, prefix, queue, concurrency, take, parts } = options;
  const { logger, metrics, tracing, random } = parts;
  const effects = createEffects({ database, logger, metrics });
  const consumer = createEventConsumer({
    redisUrl,
    prefix,
    queue,
    concurrency,
    take,
    kindOf: faultKindOfIntake,
    logger,
    random,
    tracing,
    metrics: createConsumerMetrics(metrics),
  });
  let isStarted = false;
  let isTaking = false;

  const apply = (): void => {
    if (!isStarted) return;
    const applied = consumer.setTaking(isTaking).then(consumer.start);
    applied.catch((error) => logger.error({ err: error, queue }, 'a queue was not begun or left'));
  };

  return {
    tell: async (eventIds, signal) => void (await effects.untilTaken(eventIds, { signal })),
    // The relay hears of them by their commit.
    tellSoon: () => {},
    start() {
      isStarted = true;
      effects.start();
      apply();
    },
    setTaking(wanted) {
      isTaking = wanted;
      apply();
    },
    async stop() {
      await Promise.all([effects.stop(), consumer.stop(STOP_MS)]);
    },
  };
}
