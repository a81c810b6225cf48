import { jitteredBackoffMs, pause } from '../backoff.ts';
import type { Database } from '../database.ts';
import type { Logger } from '../logger.ts';
import { scrub } from '../safe-error.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import { typeOfEvent } from './event-job.ts';
import { type EventQueues, isTooLarge, type OutgoingEvent } from './event-queues.ts';
import { type ClaimedRow, createRelayTable, type ResendTimes } from './relay-table.ts';

export type RelayMetrics = {
  /** A batch: one commit, of rows taken, acknowledgements noted, or both. */
  onTurn(): void;
  onHanded(count: number): void;
  onHandOverFailed(count: number): void;
  onAcknowledged(outcome: Acknowledgement['outcome'], count: number): void;
  setOutboxAge(seconds: number): void;
};

export type Relay = {
  start(): void;
  /** There may be something new in the outbox. */
  wake(): void;
  /** Redis may have lost what it had: what was not acknowledged is sent again. */
  sendAllAgain(): void;
  /** Comes back when there is room for more. */
  acknowledge(acks: readonly Acknowledgement[]): Promise<void>;
  /** Lets the turn under way end. */
  stop(): Promise<void>;
};

export const OUTBOX_CHANNEL = 'outbox_written';

const POLL_MS = 1_000;
const BATCH_ROWS = 250;
const ACKS_MAX = 500;
const ACKS_WAITING_MAX = 2_000;
/** Between two batches that only note acknowledgements: those that come meanwhile go together. */
const GATHER_MS = 3;
/** Between looks at a queue that is full. */
const FULL_MS = 100;
const BACKOFF = { baseMs: 100, mostMs: 2_000 } as const;
const HOUSEKEEPING_MS = 1_000;
const PURGE_EVERY_MS = 600_000;
/** While there is more to be purged; what is written in a second is then purged in one. */
const PURGE_ON_MS = 1_000;
const RESEND: ResendTimes = { afterMs: 15_000, mostMs: 120_000, deadMs: 600_000 };

/**
 * Brings the events of one outbox to their queues, each until it is acknowledged. Any number of relays may work on an
 * outbox. One commit for a batch: it takes the rows of the batch and notes what was acknowledged since the last. A
 * relay that dies with a batch in hand leaves it to the time after which everything is sent again.
 */
export function createRelay(options: {
  readonly database: Database;
  readonly queues: EventQueues;
  /** The outbox's name, to which consumers acknowledge. */
  readonly source: string;
  readonly table?: string;
  readonly logger: Logger;
  readonly random: () => number;
  readonly metrics?: RelayMetrics;
  readonly pollMs?: number;
  readonly batchRows?: number;
  readonly resend?: Partial<ResendTimes>;
}): Relay {
  const { database, queues, source, logger, random, metrics, pollMs = POLL_MS } = options;
  const { batchRows = BATCH_ROWS, resend } = options;
  const table = createRelayTable(database, options.table ?? 'outbox', { ...RESEND, ...resend });
  const stopping = new AbortController();
  const acks: Acknowledgement[] = [];
  let room = Promise.withResolvers<void>();
  let sleep = new AbortController();
  let isAgain = false;
  let gathering: NodeJS.Timeout | undefined;
  let isTurning = false;
  let turnedAt = 0;
  let running: Promise<void> | undefined;
  let housekeepingAt = 0;
  let purgeAt = performance.now() + PURGE_EVERY_MS;

  const wake = (): void => sleep.abort();

  /** Of these, those that a queue takes. The others are dead letters that no queue has. */
  const fitting = <E extends OutgoingEvent>(events: readonly E[]): E[] => {
    const { large = [], small = [] } = Object.groupBy(events, (event) =>
      isTooLarge(event) ? 'large' : 'small',
    );
    for (const { id, type } of large) {
      logger.error({ source, id, type }, 'an event is too large for a queue: a dead letter');
      acks.push({ id, outcome: 'dead', said: 'poison: TOO_LARGE' });
    }
    return small;
  };

  const handOver = async (rows: readonly ClaimedRow[]): Promise<void> => {
    if (rows.length === 0) return;
    const events = fitting(rows.map((row) => ({ isAgain: row.is_again, ...outgoing(row, source) })));
    try {
      await queues.add(events);
      metrics?.onHanded(events.length);
    } catch (error) {
      metrics?.onHandOverFailed(rows.length);
      const said = scrub(error instanceof Error ? error.message : 'no Error').toWellFormed();
      const inMs = jitteredBackoffMs(3, { ...BACKOFF, random });
      await table.giveBack(
        rows.map(({ id }) => id),
        said.replaceAll('\0', ''),
        inMs,
      );
      throw error;
    }
    const again = events.filter(({ isAgain }) => isAgain);
    if (again.length > 0) acks.push(...(await queues.findDead(again)));
  };

  const sendAllAgain = async (): Promise<void> => {
    isAgain = false;
    try {
      const count = await table.sendAllAgain();
      if (count > 0) logger.info({ count, source }, 'events are sent again');
    } catch (error) {
      isAgain = true;
      throw error;
    }
  };

  /** Gives what to do next: go on at once, or sleep for so long. */
  const turn = async (): Promise<number> => {
    if (isAgain) await sendAllAgain();
    const isReady = queues.isReady();
    const { events, filter } = isReady ? await queues.room() : NOTHING;
    const rowsMax = Math.min(batchRows, Math.max(events, 0));
    const batch = acks.slice(0, ACKS_MAX);
    if (rowsMax === 0 && batch.length === 0) return isReady ? FULL_MS : pollMs;
    const rows = await table.turn(batch, { rowsMax, filter });
    metrics?.onTurn();
    noted(batch);
    await handOver(rows);
    if (rows.length === rowsMax && rowsMax > 0) return 0;
    if (acks.length >= ACKS_MAX) return 0;
    return rowsMax === 0 && isReady ? FULL_MS : pollMs;
  };

  const noted = (batch: readonly Acknowledgement[]): void => {
    acks.splice(0, batch.length);
    room.resolve();
    room = Promise.withResolvers<void>();
    for (const [outcome, group] of Map.groupBy(batch, (each) => each.outcome)) {
      metrics?.onAcknowledged(outcome, group.length);
    }
  };

  const keepHouse = async (): Promise<void> => {
    const now = performance.now();
    if (now < housekeepingAt) return;
    housekeepingAt = now + HOUSEKEEPING_MS;
    const oldest = await table.oldestWaiting();
    metrics?.setOutboxAge(oldest === null ? 0 : Math.max(0, (Date.now() - oldest.getTime()) / 1_000));
    if (now < purgeAt) return;
    const { isMore } = await table.purge();
    purgeAt = now + (isMore ? PURGE_ON_MS : PURGE_EVERY_MS);
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      // Before the turn: what comes during it is not missed.
      sleep = new AbortController();
      let restMs = 0;
      try {
        isTurning = true;
        restMs = await turn();
        await keepHouse();
        if (acks.length > 0) restMs = Math.min(restMs, GATHER_MS);
        failures = 0;
      } catch (error) {
        failures += 1;
        restMs = jitteredBackoffMs(failures, { ...BACKOFF, random });
        logger.warn({ err: error, source, failures, inMs: restMs }, 'events stay in the outbox for now');
        // Being woken does not make it work again.
        sleep = new AbortController();
      } finally {
        isTurning = false;
        turnedAt = performance.now();
      }
      if (restMs > 0) await pause(restMs, AbortSignal.any([sleep.signal, stopping.signal]));
    }
    clearTimeout(gathering);
    // What was acknowledged is noted, if that is possible now; else it is sent again.
    if (acks.length > 0) await table.turn(acks, NOTHING_MORE).catch(() => undefined);
  };

  /** At once where nothing was done for a moment: a writer waits for it. */
  const gatherFrom = (): void => {
    // The turn under way is followed by one that finds them.
    if (isTurning || gathering) return;
    const inMs = turnedAt + GATHER_MS - performance.now();
    if (inMs <= 0) {
      wake();
      return;
    }
    gathering = setTimeout(() => {
      gathering = undefined;
      wake();
    }, inMs);
  };

  return {
    start() {
      running ??= run();
    },
    wake,
    sendAllAgain() {
      isAgain = true;
      wake();
    },
    async acknowledge(given) {
      acks.push(...given);
      gatherFrom();
      while (acks.length > ACKS_WAITING_MAX && !stopping.signal.aborted) await room.promise;
    },
    async stop() {
      stopping.abort();
      room.resolve();
      await running;
    },
  };
}

const NOTHING = { events: 0, filter: { types: [], areWanted: false } } as const;
const NOTHING_MORE = { rowsMax: 0, filter: NOTHING.filter } as const;

function outgoing(row: ClaimedRow, source: string): OutgoingEvent {
  const { id, body, schema, trace_parent: traceparent } = row;
  const job = { schema, body: body.toString('base64'), source, ...(traceparent !== null && { traceparent }) };
  return { id, type: row.type ?? typeOfEvent(body), job };
}
