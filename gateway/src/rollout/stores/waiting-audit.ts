import type { Logger } from '../../telemetry/logger.ts';
import type { AuditEntry } from '../audit.ts';
import { type FlagStore, StoreAway, StoreCorrupt } from '../flag-store.ts';
import type { ListFile } from './list-file.ts';

const BATCH = 500;

/** Audit entries of what changed no flag, on their way into the store. */
export type WaitingAudit = {
  open(): Promise<void>;
  /** On disk when it returns. */
  add(entry: AuditEntry): Promise<void>;
  /** Gives the store what waits, as far as it takes it. Throws nothing; calls at once are one. */
  flush(): Promise<void>;
  /** A flush that is under way has ended, its last word on disk, when it returns. */
  settled(): Promise<void>;
  /** Oldest first. */
  list(): readonly AuditEntry[];
};

export function createWaitingAudit(parts: {
  readonly file: ListFile<AuditEntry>;
  readonly store: FlagStore;
  readonly now: () => number;
  readonly logger: Logger;
}): WaitingAudit {
  const { file, store, now, logger } = parts;
  let waiting: readonly AuditEntry[] = [];
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      // Whatever ends between this and the next line: handed in again, an entry is there once.
      await store.append(batch);
      waiting = waiting.slice(batch.length);
      await file.write(waiting);
    }
  };

  return {
    open: async () => {
      try {
        waiting = await file.read();
      } catch (error) {
        logger.error({ err: error }, 'audit entries that waited for the store cannot be read');
        const at = new Date(now()).toISOString().replaceAll(':', '-');
        await file.setAside(`damaged-${at}`).catch(() => {});
      }
    },
    add: async (entry) => {
      waiting = [...waiting, entry];
      await file.write(waiting);
    },
    flush: () => {
      flushing ??= flush()
        .catch((error: unknown) => {
          if (error instanceof StoreAway || error instanceof StoreCorrupt) return;
          logger.warn({ err: error }, 'audit entries that wait could not be kept as they are');
        })
        .finally(() => {
          flushing = undefined;
        });
      return flushing;
    },
    settled: async () => flushing,
    list: () => waiting,
  };
}
