import { Event } from '@banyan/contracts/events/v1/events';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { pause, plusMs } from '../../clock.ts';
import { backoffMs } from '../../jobs/backoff.ts';
import { createRepeating } from '../../jobs/repeating.ts';
import type { BackgroundWorker } from '../../parts.ts';
import type { EventCarrier } from './carrier.ts';
import { claimDue, claimNew, markDelivered, markFailed, type OutboxRow, purgeDelivered } from './outbox.ts';

/** Takes an event to whoever it is for; resolves when its effect is committed. */
export type Deliver = (event: Event) => Promise<void>;

/** Delivers what has just been committed. What is not acknowledged in time is late, and the poll's. */
export type Dispatcher = BackgroundWorker<{ delivered: number; failed: number }> & EventCarrier;

const POLL_MS = 1000;
const WAIT_MS = 1000;
const GRACE_MS = 1500;
const BATCH_ROWS = 20;
const BACKOFF = { baseMs: 1000, mostMs: 60_000 } as const;
const PURGE_EVERY_MS = 600_000;
const PURGE_ROWS = 1000;
/** Deliveries whose writers have stopped waiting; beyond that the poll alone delivers. */
const LATE_MAX = 100;

/** Delivers the outbox: each event at least once, in no order, by any number of processes. */
export function createDispatcher(parts: {
  pool: Pool;
  clock: () => Date;
  logger: Logger;
  deliver: Deliver;
  /** Whether there can be anything: a monolith alone has nothing to look for. */
  isNeeded: () => boolean;
  pollMs?: number;
}): Dispatcher {
  const { pool, clock, logger, deliver, isNeeded, pollMs = POLL_MS } = parts;
  const late = new Set<Promise<unknown>>();
  let purgedAt = clock().getTime();

  const attempt = async (row: OutboxRow): Promise<boolean> => {
    try {
      await deliver(Event.decode(row.body));
      await markDelivered(pool, row.id, clock());
      return true;
    } catch (error) {
      const inMs = backoffMs(row.attempts, BACKOFF.baseMs, BACKOFF.mostMs);
      const said = error instanceof Error ? error.message : 'no error';
      logger.warn({ err: error, event: row.id, attempts: row.attempts, inMs }, 'an event was not delivered');
      const kept = said.replaceAll('\0', '').toWellFormed().slice(0, 500);
      // If the note fails too, the lease runs out by itself.
      await markFailed(pool, row.id, kept, plusMs(clock(), inMs)).catch((noteError) =>
        logger.warn({ err: noteError, event: row.id }, 'a failure was not noted'),
      );
      return false;
    }
  };

  const round = async (signal: AbortSignal): Promise<{ delivered: number; failed: number }> => {
    const report = { delivered: 0, failed: 0 };
    if (!isNeeded()) return report;
    while (!signal.aborted) {
      const rows = await claimDue(pool, clock(), BATCH_ROWS);
      const results = await Promise.all(rows.map(attempt));
      report.delivered += results.filter(Boolean).length;
      report.failed += results.filter((isDone) => !isDone).length;
      if (report.failed > 0 || rows.length < BATCH_ROWS) break;
    }
    if (clock().getTime() - purgedAt > PURGE_EVERY_MS) {
      purgedAt = clock().getTime();
      await purgeDelivered(pool, clock(), PURGE_ROWS);
    }
    return report;
  };
  const worker = createRepeating('events', pollMs, logger, round);

  const deliverNow = async (ids: readonly string[]): Promise<void> => {
    try {
      await Promise.all((await claimNew(pool, ids, clock())).map(attempt));
    } catch (error) {
      logger.warn({ err: error }, 'events were left to the poll');
    }
  };

  return {
    graceMs: GRACE_MS,
    start: worker.start,
    runOnce: worker.runOnce,
    async stop() {
      await worker.stop();
      await Promise.all(late);
    },
    async untilTaken(ids) {
      if (ids.length === 0 || late.size >= LATE_MAX) return;
      const work = deliverNow(ids).finally(() => late.delete(work));
      late.add(work);
      const over = new AbortController();
      await Promise.race([work, pause(WAIT_MS, over.signal)]);
      over.abort();
    },
  };
}
