import { type DeliverRequest, type DeliverResponse, Event } from '@banyan/contracts/events/v1/events';
import { jitteredBackoffMs, pause } from './backoff.ts';
import type { CallOptions } from './client.ts';
import type { Database, Transaction } from './database.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { createOutboxTable, type OutboxRow } from './outbox-table.ts';
import { createRepeating } from './repeating.ts';
import { scrub } from './safe-error.ts';

/** Whoever takes events: the `api` of a client of EventIntakeService. */
export type EventReceiver = {
  deliver(request: DeliverRequest, options?: CallOptions): Promise<DeliverResponse>;
};

export type DeliveryReport = { readonly delivered: number; readonly failed: number };

export type EventDispatcher = {
  start(): void;
  /** Lets deliveries under way end, or fail at their deadline. */
  stop(): Promise<void>;
  /** Delivers what is due, at most one batch. */
  runOnce(): Promise<DeliveryReport>;
  /**
   * Delivers events that were just committed, and waits for their acknowledgement for a while. What is missed then
   * goes on in the background and by the poll. Never throws.
   */
  deliverSoon(
    ids: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly waitMs?: number },
  ): Promise<{ readonly acked: number; readonly missed: number }>;
};

const POLL_MS = 1_000;
const WAIT_MS = 1_000;
const BATCH_ROWS = 20;
const DELIVERY_MS = 5_000;
/** A row in hand is nobody else's for so long; longer than a delivery can take. */
const LEASE_MS = 20_000;
const BACKOFF = { baseMs: 500, mostMs: 30_000 } as const;
const LOOK_MS = 25;
const LATE_DELIVERIES_MAX = 100;
const PURGE_EVERY_MS = 600_000;

const GRACE_MS = 2_000;

/**
 * Writes an event in the transaction that makes it true. The poll leaves it alone for a moment, in which its writer
 * calls `deliverSoon`.
 */
export async function writeEvent(
  tx: Transaction,
  event: Event,
  now: Date,
  /** Of the call that wrote it; whoever takes it belongs to that trace. */
  traceparent?: string,
): Promise<void> {
  if (event.body === undefined) throw new Error(`event ${event.id} says nothing`);
  const body = Buffer.from(Event.encode(event).finish());
  const dueAt = new Date(now.getTime() + GRACE_MS);
  await tx.query(WRITE, [
    event.id,
    body,
    event.occurredAt ?? now,
    dueAt,
    event.body.$case,
    traceparent ?? null,
  ]);
}

const WRITE = `
  INSERT INTO outbox (id, body, occurred_at, next_attempt_at, type, trace_parent)
  VALUES ($1, $2, $3, $4, $5, $6)`;

/**
 * Brings events of the outbox to their receivers, each at least once, in any order. Replicas share the work: a row
 * is taken with a lease, which whoever dies gives back by doing nothing. Nothing is ever given up.
 */
export function createEventDispatcher(options: {
  readonly database: Database;
  /** Who takes this event now. Null: nobody is known, come again later. */
  readonly resolve: (event: Event) => Promise<EventReceiver | null>;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly random: () => number;
  readonly metrics?: Metrics;
  readonly pollMs?: number;
}): EventDispatcher {
  const { database, resolve, logger, now, random, metrics, pollMs = POLL_MS } = options;
  const table = createOutboxTable(database);
  const stopping = new AbortController();
  const late = new Set<Promise<unknown>>();
  let purgeAt = now().getTime() + PURGE_EVERY_MS;

  const deliver = async (row: OutboxRow): Promise<boolean> => {
    try {
      const event = Event.decode(row.body);
      const receiver = await resolve(event);
      if (receiver === null) throw new Error('nobody who takes it is known');
      const { duplicate } = await receiver.deliver({ event }, { deadlineMs: DELIVERY_MS });
      await table.markDelivered(row.id, now());
      metrics?.onEventDelivery(duplicate ? 'duplicate' : 'acked');
      return true;
    } catch (error) {
      metrics?.onEventDelivery('failed');
      const inMs = jitteredBackoffMs(row.attempts, { ...BACKOFF, random });
      const said = scrub(error instanceof Error ? error.message : 'no Error')
        .replaceAll('\0', '')
        .toWellFormed();
      logger.warn({ err: error, event: row.id, attempts: row.attempts, inMs }, 'an event was not delivered');
      // If the note fails too, the lease runs out by itself.
      await table
        .markFailed(row.id, said, new Date(now().getTime() + inMs))
        .catch((noteError) => logger.warn({ err: noteError, event: row.id }, 'a failure was not noted'));
      return false;
    }
  };

  const deliverAll = async (rows: readonly OutboxRow[]): Promise<DeliveryReport> => {
    const results = await Promise.all(rows.map(deliver));
    const delivered = results.filter(Boolean).length;
    return { delivered, failed: rows.length - delivered };
  };

  const runOnce = async (): Promise<DeliveryReport> => {
    const time = now();
    const rows = await table.claimDue(BATCH_ROWS, time, leaseFrom(time));
    const report = await deliverAll(rows);
    const oldest = await table.oldestWaiting();
    metrics?.setOutboxAge(oldest === null ? 0 : Math.max(0, (now().getTime() - oldest.getTime()) / 1_000));
    if (now().getTime() >= purgeAt) {
      purgeAt = now().getTime() + PURGE_EVERY_MS;
      await table.purge(now());
    }
    return report;
  };

  /** Batch after batch while they go through, so that a backlog is gone soon after its receiver is back. */
  const round = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const { delivered, failed } = await runOnce();
      if (signal.aborted || failed > 0 || delivered < BATCH_ROWS) return;
    }
  };
  const worker = createRepeating({ name: 'event dispatcher', intervalMs: pollMs, logger, round });

  const deliverNow = async (ids: readonly string[]): Promise<void> => {
    const time = now();
    await deliverAll(await table.claimThese(ids, time, leaseFrom(time)));
  };

  const untilDelivered = async (ids: readonly string[], over: AbortSignal): Promise<void> => {
    try {
      await deliverNow(ids);
      // Somebody else may have one of them in hand.
      while (!over.aborted && (await table.countWaiting(ids)) > 0) await pause(LOOK_MS, over);
    } catch (error) {
      logger.warn({ err: error }, 'events were left to the poll');
    }
  };

  return {
    start: worker.start,
    runOnce,
    async stop() {
      stopping.abort();
      await worker.stop();
      await Promise.all(late);
    },
    async deliverSoon(ids, { signal, waitMs = WAIT_MS } = {}) {
      if (ids.length === 0) return { acked: 0, missed: 0 };
      const missedAll = { acked: 0, missed: ids.length };
      if (stopping.signal.aborted || late.size >= LATE_DELIVERIES_MAX) {
        metrics?.onDeliverSoon('missed', ids.length);
        return missedAll;
      }
      const over = AbortSignal.any([
        AbortSignal.timeout(waitMs),
        stopping.signal,
        ...(signal ? [signal] : []),
      ]);
      const work = untilDelivered(ids, over);
      late.add(work);
      void work.finally(() => late.delete(work));
      await Promise.race([work, pause(waitMs, over)]);
      // A database that does not answer now has acknowledged nothing.
      const missed = await table.countWaiting(ids).catch(() => ids.length);
      metrics?.onDeliverSoon('acked', ids.length - missed);
      metrics?.onDeliverSoon('missed', missed);
      return { acked: ids.length - missed, missed };
    },
  };
}

function leaseFrom(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
