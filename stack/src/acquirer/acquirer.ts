import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createAcquirerApp } from './app.ts';
import { openJournal } from './journal.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { LogEntry } from './log-entry.ts';

export type AcquirerOptions = {
  /** 0 picks a free one. */
  port: number;
  host?: string;
  clock?: () => Date;
  /** 24 hexadecimal characters by default. */
  newId?: () => string;
  /** Where the ledger is kept across restarts; null keeps it in memory only. */
  dataDir?: string | null;
  ledgerRowsMax?: number;
  shortWaitMs?: number;
  /** Longer than the patience of those who pay here. */
  longWaitMs?: number;
  log?: (entry: LogEntry) => void;
};

export type Acquirer = {
  port: number;
  url: string;
  ledger: Ledger;
  stop(): Promise<void>;
};

/** Listens when it resolves. `stop` ends every connection, the ones that wait for an answer too. */
export async function createAcquirer({
  port,
  host = '127.0.0.1',
  clock = () => new Date(),
  newId = () => randomBytes(12).toString('hex'),
  dataDir = null,
  ledgerRowsMax = 100_000,
  shortWaitMs = 3_000,
  longWaitMs = 15_000,
  log = () => undefined,
}: AcquirerOptions): Promise<Acquirer> {
  const kept = dataDir === null ? { journal: null, restored: [] } : await openJournal(dataDir);
  const ledger = createLedger({ clock, newId, rowsMax: ledgerRowsMax, ...kept });
  const stopping = new AbortController();
  const app = createAcquirerApp({
    ledger,
    log,
    wait: (patience) =>
      pause(patience === 'short' ? shortWaitMs : longWaitMs, undefined, { signal: stopping.signal }),
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  server.maxConnections = 1_000;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    await kept.journal?.close();
    throw error;
  }
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://${host}:${bound}`,
    ledger,
    async stop() {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await kept.journal?.close();
    },
  };
}
