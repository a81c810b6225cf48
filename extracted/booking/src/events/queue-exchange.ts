import type { Database } from '@banyan/service-kit/database';
import { createEffects } from '@banyan/service-kit/effects';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { EventConsumer, TakeEvent } from '@banyan/service-kit/queues/consumer';
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
  let consumer: EventConsumer | undefined;
  let isTaking = false;
  let isStopped = false;

  const follow = async (): Promise<void> => {
    try {
      await consumer?.setTaking(isTaking);
    } catch (error) {
      logger.error({ err: error, queue, isTaking }, 'a queue was not followed or left');
    }
  };

  return {
    tell: async (eventIds, signal) => void (await effects.untilTaken(eventIds, { signal })),
    catchUp: (signal) => effects.untilCaughtUp({ signal }),
    async start() {
      effects.start();
      // BullMQ is loaded where there is a queue, and nowhere else.
      const { createEventConsumer } = await import('@banyan/service-kit/queues/consumer');
      if (isStopped) return;
      consumer = createEventConsumer({
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
      await follow();
      consumer.start();
    },
    setTaking(wanted) {
      isTaking = wanted;
      void follow();
    },
    async stop() {
      isStopped = true;
      await Promise.all([effects.stop(), consumer?.stop(STOP_MS)]);
    },
  };
}
