import pg from 'pg';
import type { Logger } from 'pino';
import { pause } from '../clock.ts';

/** A seat that a booking took or freed, as committed. */
export type SeatChange = { flightId: string; seat: string; op: 'taken' | 'freed' };

export type SeatFeedListener = {
  /** In the order of the commits. */
  onChange(change: SeatChange): void;
  /** Changes may have been missed, the latest just now: whoever remembers seats reads them anew. */
  onGap(): void;
};

/** What the live map asks of whoever owns the seats: their changes, wherever they were made. */
export type SeatFeed = {
  start(listener: SeatFeedListener): void;
  stop(): Promise<void>;
};

export type SeatFeedTimes = {
  connectMs: number;
  probeEveryMs: number;
  retryMinMs: number;
  retryMaxMs: number;
};

const TIMES: SeatFeedTimes = { connectMs: 5000, probeEveryMs: 15_000, retryMinMs: 100, retryMaxMs: 5000 };
const CHANNEL = 'seat_claims';

/**
 * Seat changes from Postgres by LISTEN, on one connection of the process's own: the pool's come and go. A
 * connection that is lost, or answers a probe no more, is replaced, waiting longer each time; notifications are
 * not kept for who was away, so every connection begins with a gap.
 */
export function createSeatFeed(databaseUrl: string, logger: Logger, times: SeatFeedTimes = TIMES): SeatFeed {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let current: pg.Client | undefined;

  const run = async (listener: SeatFeedListener): Promise<void> => {
    let retryMs = times.retryMinMs;
    while (!stopping.signal.aborted) {
      const client = createClient(databaseUrl, times);
      current = client;
      const lost = lossOf(client, stopping.signal);
      try {
        // An end in the middle of connecting leaves pg's connect pending for ever.
        await Promise.race([client.connect(), lost]);
        client.on('notification', ({ payload }) => {
          const change = parseSeatChange(payload);
          if (change) listener.onChange(change);
          else logger.warn('a seat notification was not understood');
        });
        await client.query(`LISTEN ${CHANNEL}`);
        listener.onGap();
        retryMs = times.retryMinMs;
        await probeUntil(client, lost, times.probeEveryMs);
      } catch (error) {
        if (!stopping.signal.aborted) logger.warn({ err: error }, 'the connection for seat changes is lost');
      } finally {
        await client.end().catch((error) => logger.debug({ err: error }, 'a lost connection did not end'));
      }
      await pause(retryMs, stopping.signal);
      retryMs = Math.min(retryMs * 2, times.retryMaxMs);
    }
  };

  return {
    start(listener) {
      running ??= run(listener);
    },
    async stop() {
      stopping.abort();
      await current?.end().catch((error) => logger.debug({ err: error }, 'a connection did not end'));
      await running;
    },
  };
}

export function parseSeatChange(payload: string | undefined): SeatChange | null {
  let value: unknown;
  try {
    value = JSON.parse(payload ?? '');
  } catch {
    // Anybody with a database session can notify; what is no change of ours is told to the caller as null.
    return null;
  }
  const { flight_id, seat, op } = (value ?? {}) as Record<string, unknown>;
  if (typeof flight_id !== 'string' || !/^\d{1,18}$/.test(flight_id)) return null;
  if (typeof seat !== 'string' || !/^[1-9]\d?[A-K]$/.test(seat)) return null;
  return op === 'taken' || op === 'freed' ? { flightId: flight_id, seat, op } : null;
}

function createClient(databaseUrl: string, times: SeatFeedTimes): pg.Client {
  return new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: times.connectMs,
    query_timeout: times.connectMs,
    keepAlive: true,
    application_name: 'meridian-seats',
  });
}

/** Rejects when the connection ends, resolves when the process stops. */
function lossOf(client: pg.Client, stopping: AbortSignal): Promise<void> {
  const lost = new Promise<void>((resolve, reject) => {
    // More than one may come of one loss, and one that nobody listens to ends the process.
    client.on('error', reject);
    client.once('end', () => reject(new Error('the connection ended')));
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  // It may be lost before anybody waits for it.
  lost.catch(() => undefined);
  return lost;
}

/** A peer that vanished without a word is noticed only by asking. */
async function probeUntil(client: pg.Client, lost: Promise<void>, everyMs: number): Promise<void> {
  const over = Symbol('over');
  for (;;) {
    const timer = new AbortController();
    const outcome = await Promise.race([lost.then(() => over), pause(everyMs, timer.signal)]).finally(() =>
      timer.abort(),
    );
    if (outcome === over) return;
    await Promise.race([client.query('SELECT 1'), lost]);
  }
}
