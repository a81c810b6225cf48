import {
  type Ownership,
  OwnershipServiceService,
  Owner as WireOwner,
  ServiceData as WireServiceData,
} from '@banyan/contracts/ownership/v1/ownership';
import { pause } from './backoff.ts';
import type { Database } from './database.ts';
import { refuse } from './errors.ts';
import { implement, type ServedService } from './handlers.ts';
import type { Logger } from './logger.ts';

/** Which side may write an aggregate; 'nobody' while it is copied, 'unknown' where no record is. */
export type Owner = 'monolith' | 'service' | 'nobody' | 'unknown';
export type OwnershipRecord = { readonly aggregate: string; readonly owner: Owner; readonly epoch: bigint };

export type OwnershipReader = {
  /** Comes back after the first attempt to read, whether or not the database was there. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As last read: the database itself refuses a write that this lets through too late. */
  ownerOf(aggregate: string): Owner;
  records(): readonly OwnershipRecord[];
  onChange(listener: () => void): () => void;
  /** Reads now. Throws when the database does not answer; what was read before stays. */
  refresh(): Promise<void>;
};

const CHANNEL = 'banyan_own';
const POLL_MS = 1_000;
const OWNERS: readonly string[] = ['monolith', 'service', 'nobody'] satisfies Owner[];
/** Undefined table, undefined schema: no ownership was installed, so there is nothing to know. */
const NOT_INSTALLED = ['42P01', '3F000'];

/** Follows the record of owners in this side's database: by notification, and by a poll for what that misses. */
export function createOwnershipReader(options: {
  readonly database: Database;
  readonly logger: Logger;
  readonly pollMs?: number;
}): OwnershipReader {
  const { database, logger, pollMs = POLL_MS } = options;
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  let records: readonly OwnershipRecord[] = [];
  let reading: Promise<void> | undefined;
  let isReadAgain = false;
  let polling: Promise<void> | undefined;
  let channel: { stop(): Promise<void> } | undefined;

  const read = async (): Promise<void> => {
    const found = await readRecords(database);
    if (isSame(found, records)) return;
    const before = records;
    records = found;
    logger.info({ before: describe(before), after: describe(found) }, 'ownership changed');
    for (const listener of listeners) listener();
  };
  /** One read at a time; a wish during one is granted after it, for it may have come too late for that one. */
  const refresh = async (): Promise<void> => {
    if (reading) {
      isReadAgain = true;
      return reading;
    }
    const readAll = async (): Promise<void> => {
      do {
        isReadAgain = false;
        await read();
      } while (isReadAgain);
    };
    reading = readAll().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const refreshQuietly = (): Promise<void> =>
    refresh().catch((error) => logger.debug({ err: error }, 'ownership could not be read'));
  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(pollMs, stopping.signal);
      if (!stopping.signal.aborted) await refreshQuietly();
    }
  };

  return {
    async start() {
      await refreshQuietly();
      channel = database.listen(CHANNEL, () => void refreshQuietly());
      polling = poll();
    },
    async stop() {
      stopping.abort();
      await channel?.stop();
      await polling;
      await reading?.catch(() => undefined);
    },
    ownerOf: (aggregate) => records.find((record) => record.aggregate === aggregate)?.owner ?? 'unknown',
    records: () => records,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh,
  };
}

type Row = { aggregate: string; owner: string; epoch: bigint };

async function readRecords(database: Database): Promise<readonly OwnershipRecord[]> {
  try {
    const { rows } = await database.query<Row>(
      'SELECT aggregate, owner, epoch FROM banyan.own ORDER BY aggregate LIMIT 100',
    );
    return rows.map((row) => ({
      ...row,
      owner: OWNERS.includes(row.owner) ? (row.owner as Owner) : 'unknown',
    }));
  } catch (error) {
    if (NOT_INSTALLED.includes((error as { code?: string }).code ?? '')) return [];
    throw error;
  }
}

function isSame(left: readonly OwnershipRecord[], right: readonly OwnershipRecord[]): boolean {
  return describe(left).join() === describe(right).join();
}

function describe(records: readonly OwnershipRecord[]): string[] {
  return records.map(({ aggregate, owner, epoch }) => `${aggregate}=${owner}@${epoch}`);
}

const WATCH_DEADLINE_MS = 86_400_000;

const WIRE_OWNERS = {
  monolith: WireOwner.MONOLITH,
  service: WireOwner.SERVICE,
  nobody: WireOwner.NOBODY,
  unknown: WireOwner.UNSPECIFIED,
} as const satisfies Record<Owner, WireOwner>;

export function ownerFromWire(owner: WireOwner): Owner {
  const found = Object.entries(WIRE_OWNERS).find(([, wire]) => wire === owner);
  return (found?.[0] as Owner | undefined) ?? 'unknown';
}

/** What a service reads of an aggregate while the monolith owns it: the monolith's tables, or nothing. */
export type ServiceData = 'shared' | 'none';

const WIRE_DATA = {
  shared: WireServiceData.SHARED,
  none: WireServiceData.NONE,
} as const satisfies Record<ServiceData, WireServiceData>;

/** Tells others what the reader reads, and what this service can read, by aggregate; what is not named it cannot. */
export function ownershipService(
  reader: OwnershipReader,
  data: Readonly<Record<string, ServiceData>>,
): ServedService {
  const ownerships = (): Ownership[] =>
    reader.records().map(({ aggregate, owner, epoch }) => ({
      aggregate,
      owner: WIRE_OWNERS[owner],
      epoch,
      data: WIRE_DATA[data[aggregate] ?? 'none'],
    }));
  return implement(
    OwnershipServiceService,
    'open',
    {
      async listOwnership() {
        // Whoever asks is about to decide by it.
        await reader.refresh();
        return { ownerships: ownerships() };
      },
      async *watchOwnership(_request, { signal, draining }) {
        let wake = (): void => {};
        let isStale = true;
        const tell = (): void => {
          isStale = true;
          wake();
        };
        const release = reader.onChange(tell);
        const end = (): void => wake();
        signal.addEventListener('abort', end, { once: true });
        draining.addEventListener('abort', end, { once: true });
        try {
          while (!signal.aborted) {
            if (isStale) {
              isStale = false;
              yield { ownerships: ownerships() };
              continue; // It may have changed while the client took that.
            }
            if (draining.aborted) throw refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 });
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        } finally {
          release();
          signal.removeEventListener('abort', end);
          draining.removeEventListener('abort', end);
        }
      },
    },
    { streamDeadlineMs: WATCH_DEADLINE_MS },
  );
}
