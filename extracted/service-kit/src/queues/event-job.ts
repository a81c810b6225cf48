import { Event } from '@banyan/contracts/events/v1/events';

/** An event on its way through a queue, as JSON in Redis. */
export type EventJob = {
  /** What `body` is an event of. */
  readonly schema: string;
  /** The event, in base64. */
  readonly body: string;
  /** Whose outbox it is from, and whoever takes it acknowledges it to. */
  readonly source: string;
  readonly traceparent?: string;
};

export const EVENT_SCHEMA = 'events.v1';
/** The name of a job whose event says nothing that is known here. */
export const UNKNOWN_TYPE = 'unknown';

/** Why a job can never be done, whoever tries. */
export const POISONS = [
  'UNREADABLE_JOB',
  'UNKNOWN_VERSION',
  'UNDECODABLE',
  'UNKNOWN_TYPE',
  'ID_DIFFERS',
] as const;
export type Poison = (typeof POISONS)[number];

export type EventReading =
  | { readonly kind: 'event'; readonly event: Event; readonly job: EventJob }
  | { readonly kind: 'poison'; readonly poison: Poison; readonly source: string | null };

type Decoder = (body: Uint8Array) => Event;
/** Versions that are still read. */
const DECODERS: Readonly<Record<string, Decoder>> = { [EVENT_SCHEMA]: (body) => Event.decode(body) };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a job that may be anybody's. */
export function readEventJob(id: string, data: unknown): EventReading {
  const { schema, body, source, traceparent } = (data ?? {}) as Record<string, unknown>;
  const from = typeof source === 'string' && source !== '' ? source : null;
  const poison = (why: Poison): EventReading => ({ kind: 'poison', poison: why, source: from });
  if (typeof schema !== 'string' || typeof body !== 'string' || from === null)
    return poison('UNREADABLE_JOB');
  const decode = Object.hasOwn(DECODERS, schema) ? DECODERS[schema] : undefined;
  if (!decode) return poison('UNKNOWN_VERSION');
  if (!BASE64.test(body)) return poison('UNDECODABLE');
  let event: Event;
  try {
    event = decode(Buffer.from(body, 'base64'));
  } catch {
    return poison('UNDECODABLE'); // What the decoder says of the bytes may hold some of them.
  }
  if (event.id.toLowerCase() !== id) return poison('ID_DIFFERS');
  if (event.body === undefined) return poison('UNKNOWN_TYPE');
  const trace = typeof traceparent === 'string' ? { traceparent } : {};
  return { kind: 'event', event, job: { schema, body, source: from, ...trace } };
}

/** The case of an event's body, where that can be told. */
export function typeOfEvent(body: Uint8Array): string | null {
  try {
    return Event.decode(body).body?.$case ?? null;
  } catch {
    return null; // Whoever takes it says that it does not decode.
  }
}
