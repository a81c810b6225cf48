import { setTimeout as pause } from 'node:timers/promises';

export type UntilOptions = {
  deadlineMs: number;
  /** Said when the deadline passes; a function, where what is said is known only then. */
  what?: string | (() => string);
  everyMs?: number;
};

/**
 * Waits until the condition gives something truthy, and returns that. A condition that throws counts as "not
 * yet"; its last error becomes the cause when the deadline passes.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { deadlineMs, what = 'the condition', everyMs = 20 }: UntilOptions,
): Promise<NonNullable<T>> {
  const endAt = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as NonNullable<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= endAt) {
      const said = typeof what === 'string' ? what : what();
      throw new Error(`${said} did not come true within ${deadlineMs} ms`, { cause });
    }
    await pause(everyMs);
  }
}
