import { Event } from '@banyan/contracts/events/v1/events';

/** Why a job can never be done, whoever tries. */
export type Poison = 'UNREADABLE_JOB' | 'UNKNOWN_VERSION' | 'UNDECODABLE' | 'UNKNOWN_TYPE' | 'ID_DIFFERS';

export type EventReading =
  | { kind: 'event'; event: Event; source: string; traceParent: string | undefined }
  | { kind: 'poison'; poison: Poison };

const SCHEMA = 'events.v1';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a job of a queue of events, which may be anybody's (ADR 0030). Its id is the event's. */
export function readEventJob(id: string, data: unknown): EventReading {
  const { schema, body, source, traceparent } = (data ?? {}) as Record<string, unknown>;
  if (typeof schema !== 'string' || typeof body !== 'string' || sourceOf(data) === null) {
    return { kind: 'poison', poison: 'UNREADABLE_JOB' };
  }
  if (schema !== SCHEMA) return { kind: 'poison', poison: 'UNKNOWN_VERSION' };
  const event = BASE64.test(body) ? decode(Buffer.from(body, 'base64')) : null;
  if (event === null) return { kind: 'poison', poison: 'UNDECODABLE' };
  if (event.id.toLowerCase() !== id) return { kind: 'poison', poison: 'ID_DIFFERS' };
  if (event.body === undefined) return { kind: 'poison', poison: 'UNKNOWN_TYPE' };
  const traceParent = typeof traceparent === 'string' ? traceparent : undefined;
  return { kind: 'event', event, source: source as string, traceParent };
}

/** The outbox that a job is from, and that it is acknowledged to; null where it does not say. */
export function sourceOf(data: unknown): string | null {
  const { source } = (data ?? {}) as Record<string, unknown>;
  return typeof source === 'string' && source !== '' ? source : null;
}

function decode(bytes: Uint8Array): Event | null {
  try {
    return Event.decode(bytes);
  } catch {
    return null; // What the decoder says of the bytes may hold some of them.
  }
}
