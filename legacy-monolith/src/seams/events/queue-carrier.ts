import type { Event } from '@banyan/contracts/events/v1/events';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { QueuesConfig } from '../../config.ts';
import { AGGREGATES, type Aggregate, type OwnerMirror } from '../owners/owner-mirror.ts';
import { createAcknowledged } from './acknowledged.ts';
import type { EventCarrier } from './carrier.ts';
import type { QueueConsumer } from './queue-consumer.ts';

/**
 * Events by queues. Those of this outbox are its relay's, a process of its own, to bring; what is addressed to a
 * context is taken from its queue while that context is here.
 */
export function createQueueCarrier(parts: {
  queues: QueuesConfig;
  pool: Pool;
  databaseUrl: string;
  mirror: OwnerMirror;
  take: (event: Event, traceParent: string | undefined) => Promise<unknown>;
  random: () => number;
  logger: Logger;
}): EventCarrier {
  const { queues, mirror, logger } = parts;
  const acknowledged = createAcknowledged(parts);
  const consumers = new Map<Aggregate, QueueConsumer>();
  let opening: Promise<void> | undefined;
  let release = (): void => {};
  let isStopped = false;

  const open = async (): Promise<void> => {
    acknowledged.start();
    // Only here: a process without queues never loads their library.
    const { createQueueConsumer } = await import('./queue-consumer.ts');
    if (isStopped) return;
    for (const aggregate of AGGREGATES) {
      consumers.set(aggregate, createQueueConsumer({ ...parts, queue: queues.events[aggregate] }));
    }
    follow();
  };

  const follow = (): void => {
    // Where no owners are recorded nothing was ever anybody else's, and nobody has anything to tell.
    if (isStopped || mirror.records().length === 0) return;
    opening ??= open().catch((error) => logger.error({ err: error }, 'the queues cannot be opened'));
    for (const [aggregate, consumer] of consumers) {
      consumer.setTaking(mirror.lastOwnerOf(aggregate) === 'monolith');
    }
  };

  return {
    start() {
      release = mirror.onChange(follow);
      follow();
    },
    async stop() {
      isStopped = true;
      release();
      await opening;
      await Promise.all([acknowledged.stop(), ...[...consumers.values()].map((each) => each.stop())]);
    },
    untilTaken: acknowledged.untilTaken,
  };
}
