import { Event } from '@banyan/contracts/events/v1/events';
import type { Transaction } from './database.ts';

/** Writes an event in the transaction that makes it true. A relay takes it once that is committed. */
export async function writeEvent(
  tx: Transaction,
  event: Event,
  now: Date,
  /** Of the call that wrote it; whoever takes it belongs to that trace. */
  traceparent?: string,
): Promise<void> {
  if (event.body === undefined) throw new Error(`event ${event.id} says nothing`);
  const body = Buffer.from(Event.encode(event).finish());
  await tx.query(WRITE, [event.id, body, event.occurredAt ?? now, event.body.$case, traceparent ?? null]);
}

/** When it is taken is the relay's matter, which goes by the database's clock. */
const WRITE = `
  INSERT INTO outbox (id, body, occurred_at, next_attempt_at, type, trace_parent)
  VALUES ($1, $2, $3, now(), $4, $5)`;
