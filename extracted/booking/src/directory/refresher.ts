import type { Logger } from '@banyan/service-kit/logger';
import { type BackgroundWorker, createRepeating } from '@banyan/service-kit/repeating';
import type { Copies, CopyName } from './copies.ts';
import type { Directory } from './directory.ts';

export type CopyAge = {
  /** Since it was last seen to have everything; null before the first time. */
  ageMs(name: CopyName): number | null;
  /** Whether it ever had everything: then it may be read, and is as old as it is. */
  isWhole(name: CopyName): boolean;
};

export type Refresher = BackgroundWorker<void> & CopyAge & { onChange(listener: () => void): () => void };

/** Accounts are looked up one by one when they are needed; this is for those that nobody has asked for yet. */
const ACCOUNTS_EVERY_MS = 60_000;
const PROGRESS_EVERY_MS = 2_000;

/**
 * Brings the copies of flights and accounts up to date: all of them at the first start, then what has changed. While
 * the directory is away they stay as they are and grow old, which is said and counted.
 */
export function createRefresher(options: {
  readonly copies: Copies;
  readonly directory: Directory;
  readonly intervalMs: number;
  readonly now: () => Date;
  readonly logger: Logger;
}): Refresher {
  const { copies, directory, intervalMs, now, logger } = options;
  const refreshedAt = new Map<CopyName, Date>();
  const listeners = new Set<() => void>();
  let accountsDueAt = 0;
  let isAway = false;

  const note = (name: CopyName, at: Date): void => {
    const isFirst = !refreshedAt.has(name);
    refreshedAt.set(name, at);
    if (isFirst) for (const listener of listeners) listener();
  };

  const progressOf = (name: CopyName, isWhole: boolean) => {
    let rows = 0;
    let saidAt = now().getTime();
    const startedAt = saidAt;
    return {
      add(count: number): void {
        rows += count;
        if (isWhole || now().getTime() < saidAt + PROGRESS_EVERY_MS) return;
        saidAt = now().getTime();
        logger.info({ copy: name, rows }, 'copying the directory');
      },
      end(): void {
        if (!isWhole) logger.info({ copy: name, rows, ms: now().getTime() - startedAt }, 'directory copied');
      },
    };
  };

  async function refreshFlights(signal: AbortSignal): Promise<void> {
    const state = await copies.state('flights');
    // What another process, or this one before its restart, has copied.
    if (state.isWhole && state.refreshedAt !== null && !refreshedAt.has('flights')) {
      note('flights', state.refreshedAt);
    }
    const progress = progressOf('flights', state.isWhole);
    // As of when it was asked: what changes during the answer comes next time.
    const askedAt = now();
    let { cursor } = state;
    for await (const batch of directory.listFlights(cursor, signal)) {
      cursor = batch.cursor;
      if (batch.flights.length > 0) await copies.addFlights(batch.flights, cursor, now());
      progress.add(batch.flights.length);
    }
    await copies.finish('flights', cursor, askedAt);
    progress.end();
    note('flights', askedAt);
  }

  async function refreshAccounts(signal: AbortSignal): Promise<void> {
    if (now().getTime() < accountsDueAt) return;
    const state = await copies.state('accounts');
    const progress = progressOf('accounts', state.isWhole);
    const askedAt = now();
    let cursor = BigInt(state.cursor || '0');
    for await (const accounts of directory.listAccounts(cursor, signal)) {
      for (const { id } of accounts) if (id > cursor) cursor = id;
      await copies.addAccounts(accounts, String(cursor), now());
      progress.add(accounts.length);
    }
    await copies.finish('accounts', String(cursor), askedAt);
    progress.end();
    note('accounts', askedAt);
    accountsDueAt = now().getTime() + ACCOUNTS_EVERY_MS;
  }

  async function round(signal: AbortSignal): Promise<void> {
    try {
      await refreshFlights(signal);
      await refreshAccounts(signal);
      if (isAway) logger.info('the directory is back');
      isAway = false;
    } catch (error) {
      if (signal.aborted) return;
      const ages = { flightsMs: ageMs('flights'), accountsMs: ageMs('accounts') };
      logger[isAway ? 'debug' : 'warn'](
        { err: error, ...ages },
        'the copies of the directory were not refreshed',
      );
      isAway = true;
    }
  }

  const ageMs = (name: CopyName): number | null => {
    const at = refreshedAt.get(name);
    return at === undefined ? null : Math.max(0, now().getTime() - at.getTime());
  };

  return {
    ...createRepeating({ name: 'directory copy', intervalMs, logger, round }),
    ageMs,
    isWhole: (name) => refreshedAt.has(name),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
