import type { DeadLetter, InspectedLetter } from './queues.ts';

/** The fields of a job's hash that tell of a dead letter, as BullMQ names them. */
export const LETTER_FIELDS = ['name', 'failedReason', 'atm', 'finishedOn', 'timestamp'] as const;

/** A dead letter by those fields; undefined where the job is gone. */
export function readLetter(
  id: string,
  fields: readonly (string | null)[],
  bytes: number,
): DeadLetter | undefined {
  const [type, reason, attempts, finishedOn, timestamp] = fields;
  if (typeof type !== 'string') return undefined;
  return {
    id,
    type,
    reason: reason ?? '',
    attempts: wholeOf(attempts),
    since: new Date(wholeOf(finishedOn ?? timestamp)).toISOString(),
    bytes,
  };
}

/** What the job itself says: anybody can write to Redis, so nothing of it is taken for granted. */
export function readContent(data: string): Pick<InspectedLetter, 'source' | 'schema' | 'body' | 'bodyBytes'> {
  const { source, schema, body } = parse(data);
  const base64 = typeof body === 'string' && BASE64.test(body) ? body : null;
  return {
    source: typeof source === 'string' && SOURCE.test(source) ? source : null,
    schema: typeof schema === 'string' ? schema : null,
    body: base64,
    bodyBytes: base64 === null ? null : Buffer.byteLength(base64, 'base64'),
  };
}

const SOURCE = /^[a-z][a-z0-9-]{0,62}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const EVENT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What an outbox reads of an event that an operator has discarded: it is done with, and not sent again. Undefined
 * where the job is of no outbox.
 */
export function discardedEntry(id: string, reason: string): string | undefined {
  return EVENT_ID.test(id) ? `x${id} discarded: ${reason}` : undefined;
}

function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // It says nothing of itself.
  }
}

function wholeOf(text: string | null | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value >= 0 && value <= 8.64e15 ? value : 0;
}
