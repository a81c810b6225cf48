const MINUTE_MS = 60_000;
/** Whole minutes, beside the one that runs. */
export const RATE_MINUTES = 5;

/** BullMQ's own count of what ended in one way; see `collectMetrics.lua` of BullMQ. */
export type MinuteCounts = {
  readonly meta: {
    /** All there ever were. */
    readonly count: number;
    /** When the last one ended, or the first one of its minute. */
    readonly prevTS: number;
    /** All that had ended before that minute. */
    readonly prevCount: number;
  };
  /** The minutes before that one, the latest first. */
  readonly data: readonly number[];
};

/**
 * How many ended per minute, over the minute that runs and the five before it. BullMQ writes a minute down when
 * something ends in a later one: a queue that has become quiet still shows its last minutes, and is read by the clock.
 */
export function perMinute({ meta, data }: MinuteCounts, nowMs: number): number {
  if (meta.count === 0) return 0;
  const runs = Math.floor(nowMs / MINUTE_MS);
  const counted = Math.floor(meta.prevTS / MINUTE_MS);
  const oldest = runs - RATE_MINUTES;
  let ended = counted >= oldest ? meta.count - meta.prevCount : 0;
  for (const [index, count] of data.entries()) {
    if (counted - 1 - index >= oldest) ended += count;
  }
  return ended / (RATE_MINUTES + (nowMs % MINUTE_MS) / MINUTE_MS);
}
