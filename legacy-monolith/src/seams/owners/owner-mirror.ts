import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';
import { listenTo } from '../../db/listen-to.ts';

export const AGGREGATES = ['booking', 'billing'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** Which side's database may write an aggregate; nobody's while it is being copied. */
export const OWNERS = ['monolith', 'service', 'nobody'] as const;
export type Owner = (typeof OWNERS)[number];

export type OwnershipRecord = Readonly<{ aggregate: string; owner: Owner; epoch: bigint }>;

/**
 * Who owns what, as this database records it. Late by moments: the database itself refuses a write that comes too
 * late. A database without the record is all the monolith's.
 */
export type OwnerMirror = {
  /** Comes back after the first attempt to read. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Waits for the first reading, where there was none; throws what keeps it from being had. */
  ownerOf(aggregate: Aggregate): Promise<Owner>;
  /** As last read; the monolith before that. */
  lastOwnerOf(aggregate: Aggregate): Owner;
  /** Of this database; none where ownership is not recorded in it. */
  records(): readonly OwnershipRecord[];
  onChange(listener: () => void): () => void;
  refresh(): Promise<void>;
};

const CHANNEL = 'banyan_own';
const POLL_MS = 1000;

export function createOwnerMirror(
  { pool, databaseUrl, logger }: { pool: Pool; databaseUrl: string; logger: Logger },
  pollMs: number = POLL_MS,
): OwnerMirror {
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  /** Null before the first reading; `installed` whether there is anything to follow. */
  let state: { records: readonly OwnershipRecord[]; installed: boolean } | null = null;
  let reading: Promise<void> | undefined;
  let isReadAgain = false;
  let channel: { stop(): Promise<void> } | undefined;
  let polling: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const installed = (await pool.query<{ installed: boolean }>(IS_INSTALLED)).rows[0]?.installed === true;
    const records = installed ? (await pool.query<RecordRow>(READ)).rows.map(toRecord) : [];
    const before = state;
    state = { records, installed };
    if (installed && polling && !stopping.signal.aborted) {
      channel ??= listenTo({ databaseUrl, channel: CHANNEL, logger, onNotify: () => void refreshQuietly() });
    }
    if (before === null ? records.length === 0 : isSame(before.records, records)) return;
    logger.info(
      { owners: records.map(({ aggregate, owner }) => `${aggregate}=${owner}`) },
      'owners are read',
    );
    for (const listener of listeners) listener();
  };

  /** One reading at a time; a wish during one is granted after it, since it may have come too late for that one. */
  const refresh = (): Promise<void> => {
    isReadAgain = reading !== undefined;
    reading ??= (async () => {
      do {
        isReadAgain = false;
        await read();
      } while (isReadAgain);
    })().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  const refreshQuietly = (): Promise<void> =>
    refresh().catch((error) => logger.debug({ err: error }, 'owners cannot be read'));

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(pollMs, stopping.signal);
      if (!stopping.signal.aborted) await refreshQuietly();
    }
  };

  const lastOwnerOf = (aggregate: Aggregate): Owner =>
    state?.records.find((record) => record.aggregate === aggregate)?.owner ?? 'monolith';

  return {
    async start() {
      polling ??= poll();
      await refreshQuietly();
    },
    async stop() {
      stopping.abort();
      await channel?.stop();
      await polling;
      await reading?.catch(() => undefined);
    },
    async ownerOf(aggregate) {
      if (state === null) await refresh();
      return lastOwnerOf(aggregate);
    },
    lastOwnerOf,
    records: () => state?.records ?? [],
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh,
  };
}

type RecordRow = { aggregate: string; owner: string; epoch: string };

/** An owner that is not known is trusted with nothing. */
function toRecord({ aggregate, owner, epoch }: RecordRow): OwnershipRecord {
  return { aggregate, owner: OWNERS.find((each) => each === owner) ?? 'nobody', epoch: BigInt(epoch) };
}

function isSame(left: readonly OwnershipRecord[], right: readonly OwnershipRecord[]): boolean {
  const text = (records: readonly OwnershipRecord[]): string =>
    records.map(({ aggregate, owner, epoch }) => `${aggregate}=${owner}@${epoch}`).join();
  return text(left) === text(right);
}

const IS_INSTALLED = `SELECT to_regclass('banyan.own') IS NOT NULL AS installed`;
const READ = 'SELECT aggregate, owner, epoch FROM banyan.own ORDER BY aggregate LIMIT 100';
