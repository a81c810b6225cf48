import { jitteredBackoffMs } from '@banyan/service-kit/backoff';

export type BackoffById = {
  /** The ids whose next attempt is not due yet. */
  waiting(): bigint[];
  failed(id: bigint): void;
  forget(id: bigint): void;
};

/**
 * Waits twice as long after each failure of an id. Kept in memory: after a restart everything is due at once, which
 * is what one wants of it. Beyond `entriesMax` the longest known is forgotten, and is due again.
 */
export function createBackoffById(options: {
  readonly baseMs: number;
  readonly mostMs: number;
  readonly entriesMax: number;
  readonly now: () => Date;
  readonly random: () => number;
}): BackoffById {
  const { entriesMax, now } = options;
  const entries = new Map<bigint, { failures: number; dueAt: number }>();
  return {
    waiting() {
      const at = now().getTime();
      return [...entries].filter(([, { dueAt }]) => dueAt > at).map(([id]) => id);
    },
    failed(id) {
      const failures = (entries.get(id)?.failures ?? 0) + 1;
      entries.set(id, { failures, dueAt: now().getTime() + jitteredBackoffMs(failures, options) });
      if (entries.size > entriesMax) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
    },
    forget: (id) => void entries.delete(id),
  };
}
