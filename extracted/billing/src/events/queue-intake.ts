import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { EventConsumer } from '@banyan/service-kit/queues/consumer';
import { eventFaultKindOf, type IntakeParts, takeEvent } from './take-event.ts';

/** Takes the events of billing's queue while billing is this service's; its owner takes them while it is not. */
export type QueueIntake = {
  /** Once the tables are there. */
  start(): Promise<void>;
  /** Looks again at whose billing is. */
  follow(): Promise<void>;
  /** Lets those in hand end, within a limit: what is not done by then comes again. */
  stop(): Promise<void>;
};

const STOP_MS = 5_000;

export function createQueueIntake(options: {
  readonly queue: { readonly redisUrl: string; readonly prefix: string; readonly name: string };
  /** Events at once. */
  readonly concurrency: number;
  readonly intake: IntakeParts;
  readonly isOwner: () => boolean;
  readonly parts: Pick<ServiceParts, 'logger' | 'metrics' | 'tracing' | 'random'>;
}): QueueIntake {
  const { queue, concurrency, intake, isOwner, parts } = options;
  const { logger, metrics, random, tracing = null } = parts;
  let consumer: EventConsumer | undefined;
  let starting: Promise<void> | undefined;

  const follow = async (): Promise<void> => {
    await consumer
      ?.setTaking(isOwner())
      .catch((error) => logger.error({ err: error, queue: queue.name }, 'a queue was not begun or left'));
  };

  const start = async (): Promise<void> => {
    // BullMQ is loaded where there is a queue, and nowhere else.
    const [{ createEventConsumer }, { createConsumerMetrics }] = await Promise.all([
      import('@banyan/service-kit/queues/consumer'),
      import('@banyan/service-kit/queues/queue-metrics'),
    ]);
    consumer = createEventConsumer({
      redisUrl: queue.redisUrl,
      prefix: queue.prefix,
      queue: queue.name,
      concurrency,
      take: (event) => takeEvent(intake, event),
      kindOf: eventFaultKindOf,
      logger,
      random,
      tracing,
      metrics: createConsumerMetrics(metrics),
    });
    await follow();
    consumer.start();
  };

  return {
    start() {
      starting ??= start();
      return starting;
    },
    follow,
    async stop() {
      await starting?.catch(() => undefined); // Whoever started it has heard of that.
      await consumer?.stop(STOP_MS);
    },
  };
}
