import { jitteredBackoffMs, pause } from './backoff.ts';
import type { Database } from './database.ts';
import type { Logger } from './logger.ts';

export type BringUp = {
  start(): void;
  /** Waits for its end, and no longer than that. */
  doneWithin(limitMs: number): Promise<void>;
  isDone(): boolean;
  stop(): Promise<void>;
};

/**
 * What needs the database before calls can be served: tried until it succeeds, however long the database is away,
 * while the process answers that it does not serve.
 */
export function createBringUp(options: {
  readonly database: Database;
  readonly work: () => Promise<void>;
  readonly onDone: () => void;
  readonly random: () => number;
  readonly logger: Logger;
}): BringUp {
  const { database, work, onDone, random, logger } = options;
  const stopping = new AbortController();
  let isDone = false;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      await database.waitUntilReady(stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await work();
        isDone = true;
        onDone();
        return;
      } catch (error) {
        logger.error({ err: error, failures }, 'the database could not be made ready: trying again');
        await pause(jitteredBackoffMs(failures, { baseMs: 200, mostMs: 10_000, random }), stopping.signal);
      }
    }
  };

  return {
    start() {
      running ??= run();
    },
    async doneWithin(limitMs) {
      const over = new AbortController();
      await Promise.race([running, pause(limitMs, over.signal)]);
      over.abort();
    },
    isDone: () => isDone,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
