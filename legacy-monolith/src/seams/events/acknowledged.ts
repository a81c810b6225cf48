import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';
import { listenTo } from '../../db/listen-to.ts';
import type { EventCarrier } from './carrier.ts';

export type Acknowledged = Pick<EventCarrier, 'start' | 'stop' | 'untilTaken'>;

/** Relays tell on it, when they commit what was acknowledged: `<table> <id>,<id>,…`. */
const CHANNEL = 'outbox_acknowledged';
const TABLE = 'seam_outbox';
const WAIT_MS = 1000;
/** Behind the channel: while a writer waits, and while what writers gave up waiting for is on its way. */
const POLL_MS = { awaited: 250, late: 1000 } as const;
/** If nothing is acknowledged for so long, Redis or those who take are away, and no writer waits for them. */
const SILENCE_MS = 5000;
/** Events whose acknowledgement is looked out for; writers of more do not wait. */
const AWAITED_MAX = 2000;
const EARLY_MAX = 500;

/** Waits for events of the outbox to be acknowledged, as far as their relay has noted it. */
export function createAcknowledged(parts: {
  pool: Pick<Pool, 'query'>;
  databaseUrl: string;
  logger: Logger;
  nowMs?: () => number;
}): Acknowledged {
  const { pool, databaseUrl, logger, nowMs = () => performance.now() } = parts;
  const stopping = new AbortController();
  /** Of each event that is not acknowledged, what to do then; also of those that nobody waits for any more. */
  const awaited = new Map<string, (() => void)[]>();
  /** Acknowledged before their writer asked. */
  const early = new Set<string>();
  let writers = 0;
  /** Since when something is awaited and nothing was acknowledged. */
  let silentSinceMs: number | null = null;
  let polling: Promise<void> | undefined;
  let channel: { stop(): Promise<void> } | undefined;

  const acknowledge = (ids: readonly string[]): void => {
    if (ids.length > 0) silentSinceMs = null;
    for (const id of ids) {
      for (const tell of awaited.get(id) ?? []) tell();
      if (!awaited.delete(id)) early.add(id);
    }
    for (const id of early) {
      if (early.size <= EARLY_MAX) break;
      early.delete(id);
    }
  };

  const onNotify = (payload: string): void => {
    const [table, ids = ''] = payload.split(' ');
    if (table === TABLE) acknowledge(ids.split(','));
  };

  const look = async (): Promise<void> => {
    const ids = [...awaited.keys()];
    const { rows } = await pool.query<{ id: string }>(STILL_WAITING, [ids]);
    const waiting = new Set(rows.map(({ id }) => id));
    acknowledge(ids.filter((id) => !waiting.has(id)));
  };

  const poll = async (): Promise<void> => {
    while (awaited.size > 0 && !stopping.signal.aborted) {
      await pause(writers > 0 ? POLL_MS.awaited : POLL_MS.late, stopping.signal);
      if (stopping.signal.aborted) break;
      await look().catch((error) => logger.debug({ err: error }, 'acknowledgements cannot be looked for'));
    }
    polling = undefined;
  };

  return {
    start() {
      channel ??= listenTo({ databaseUrl, channel: CHANNEL, logger, onNotify });
    },
    async stop() {
      stopping.abort();
      await channel?.stop();
      await polling;
    },
    async untilTaken(written) {
      const ids = written.filter((id) => !early.delete(id));
      if (ids.length === 0 || awaited.size + ids.length > AWAITED_MAX || stopping.signal.aborted) return;
      silentSinceMs ??= nowMs();
      if (nowMs() - silentSinceMs > SILENCE_MS) return;
      const taken = ids.map(
        (id) => new Promise<void>((resolve) => awaited.set(id, [...(awaited.get(id) ?? []), resolve])),
      );
      writers += 1;
      polling ??= poll();
      const over = new AbortController();
      await Promise.race([
        Promise.all(taken),
        pause(WAIT_MS, AbortSignal.any([over.signal, stopping.signal])),
      ]);
      over.abort();
      writers -= 1;
    },
  };
}

/** A dead letter is waited for no longer: somebody has to look at it. */
const STILL_WAITING = `
  SELECT id FROM seam_outbox WHERE id = ANY ($1::uuid[]) AND delivered_at IS NULL AND dead_at IS NULL`;
