export type Backoff = {
  /** The ids whose next attempt is not due yet. */
  waiting(): string[];
  failed(id: string): void;
  forget(id: string): void;
};

/**
 * Waits twice as long after each failure of an id. Kept in memory: after a restart everything is due at once,
 * which is what one wants of it. Beyond `entriesMax` the longest known is forgotten, and is due again.
 */
export function createBackoff(options: {
  baseMs: number;
  mostMs: number;
  entriesMax: number;
  clock: () => Date;
}): Backoff {
  const { baseMs, mostMs, entriesMax, clock } = options;
  const entries = new Map<string, { failures: number; dueAt: number }>();
  return {
    waiting() {
      const now = clock().getTime();
      return [...entries].filter(([, { dueAt }]) => dueAt > now).map(([id]) => id);
    },
    failed(id) {
      const failures = (entries.get(id)?.failures ?? 0) + 1;
      entries.set(id, { failures, dueAt: clock().getTime() + backoffMs(failures, baseMs, mostMs) });
      if (entries.size > entriesMax) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
    },
    forget: (id) => void entries.delete(id),
  };
}

/** `baseMs` after the first failure, then twice as much each time, `mostMs` at most. */
export function backoffMs(failures: number, baseMs: number, mostMs: number): number {
  return Math.min(baseMs * 2 ** Math.min(failures - 1, 30), mostMs);
}
