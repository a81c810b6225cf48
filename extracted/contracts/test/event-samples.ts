import { readFileSync } from 'node:fs';

/** An event as it was once written. */
export type EventSample = {
  readonly schema: string;
  readonly type: string;
  /** Where it is brought. */
  readonly queue: string;
  /** In base64. */
  readonly body: string;
  /** What it says: integers of 64 bits as `"1n"`, times in ISO 8601. */
  readonly event: { readonly id: string };
};

/**
 * Events may wait in an outbox, or be dead letters, for as long as anybody likes. So with each new type and field a
 * sample is added, and none is ever changed.
 */
export const EVENT_SAMPLES: readonly EventSample[] = JSON.parse(
  readFileSync(new URL('events.golden.json', import.meta.url), 'utf8'),
);

/** What an event says, as a sample has it. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
