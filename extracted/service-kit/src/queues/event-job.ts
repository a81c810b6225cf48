import { Event } from '@banyan/contracts/events/v1/events';
import { type Decoders, type JobReading, PoisonError, type QueueJob, readQueueJob } from './queue-job.ts';

export { POISONS, type Poison } from './queue-job.ts';

/** An event on its way through a queue, as JSON in Redis. */
export type EventJob = QueueJob;

export const EVENT_SCHEMA = 'events.v1';
/** The name of a job whose event says nothing that is known here. */
export const UNKNOWN_TYPE = 'unknown';

/** Versions that are still read. */
export const EVENT_DECODERS: Decoders<Event> = {
  [EVENT_SCHEMA](id, body) {
    const event = Event.decode(body);
    if (event.id.toLowerCase() !== id) throw new PoisonError('ID_DIFFERS');
    if (event.body === undefined) throw new PoisonError('UNKNOWN_TYPE');
    return event;
  },
};

/** Reads a job that may be anybody's. */
export function readEventJob(id: string, data: unknown): JobReading<Event> {
  return readQueueJob(id, data, EVENT_DECODERS);
}

/** The case of an event's body, where that can be told. */
export function typeOfEvent(body: Uint8Array): string | null {
  try {
    return Event.decode(body).body?.$case ?? null;
  } catch {
    return null; // Whoever takes it says that it does not decode.
  }
}
