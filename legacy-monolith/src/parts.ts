import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Guards } from './auth/guards.ts';
import type { Border } from './border.ts';
import type { MonolithConfig } from './config.ts';

/** What a process takes from the world; a test passes its own. */
export type Parts = {
  clock: () => Date;
  randomBytes: (bytes: number) => Buffer;
  logger: Logger;
};

/** What every router is built from. */
export type RouterParts = Parts & {
  config: MonolithConfig;
  pool: Pool;
  guards: Guards;
  border: Border;
};

/** What runs beside the requests: `runOnce` is one round, `start` repeats it, `stop` waits for the round under way. */
export type BackgroundWorker<Report = unknown> = {
  start(): void;
  stop(): Promise<void>;
  runOnce(): Promise<Report>;
};
