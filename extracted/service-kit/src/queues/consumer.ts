import type { Event } from '@banyan/contracts/events/v1/events';
import type { Database, Transaction } from '../database.ts';
import { once } from '../inbox.ts';
import { EVENT_DECODERS } from './event-job.ts';
import { createQueueConsumer, type QueueConsumer, type TakeItem } from './queue-consumer.ts';

export type { ConsumerMetrics } from './queue-consumer.ts';

/**
 * Does what follows from an event, and has recorded its id in the same transaction when it comes back; see `TakeItem`.
 */
export type TakeEvent = TakeItem<Event>;
export type EventConsumer = QueueConsumer;

type Options = Parameters<typeof createQueueConsumer<Event>>[0];

/** Takes the events of one queue. */
export function createEventConsumer(options: Omit<Options, 'decoders'>): EventConsumer {
  return createQueueConsumer({ ...options, decoders: EVENT_DECODERS });
}

/** The effect of an event and the record of it in one transaction. */
export function takeOnce(
  database: Database,
  effect: (tx: Transaction, event: Event) => Promise<void>,
): TakeEvent {
  return (event, { signal }) =>
    database.transaction(async (tx) => {
      const taken = await once(tx, event.id, () => effect(tx, event));
      signal.throwIfAborted();
      return taken;
    });
}
