import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../refusal.ts';
import { isBusy } from './records.ts';

export type Patience = {
  /** How long the first try waits for open transactions. Writers that come meanwhile wait behind it. */
  readonly lockTryMs: number;
  /** How long all tries and the pauses between them may take. */
  readonly lockLimitMs: number;
};

export const DEFAULT_PATIENCE: Patience = { lockTryMs: 500, lockLimitMs: 30_000 };

const TRY_MS_MAX = 4_000;
const PAUSE_MS_MAX = 2_000;

/**
 * Tries for a lock that open transactions hold. Between two tries writers get through; each try is more patient than
 * the one before.
 */
export async function withPatience<T>(
  what: string,
  { lockTryMs, lockLimitMs }: Patience,
  attempt: (lockMs: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const startedAt = performance.now();
  let tryMs = lockTryMs;
  let pauseMs = 50;
  for (;;) {
    try {
      return await attempt(tryMs);
    } catch (error) {
      if (!isBusy(error)) throw error;
      const leftMs = lockLimitMs - (performance.now() - startedAt) - pauseMs;
      if (leftMs <= 0) {
        throw new Refusal(
          'WRITERS',
          `${what} was in use by open transactions for ${Math.round(lockLimitMs / 1000)} s: ` +
            'end them (pg_stat_activity shows the oldest by xact_start), or try again when there is less to do.',
          { cause: error },
        );
      }
      await pause(pauseMs, undefined, signal === undefined ? {} : { signal });
      tryMs = Math.max(1, Math.min(tryMs * 2, TRY_MS_MAX, leftMs));
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    }
  }
}
