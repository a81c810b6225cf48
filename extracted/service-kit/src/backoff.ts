/** `baseMs` after the first failure, then twice as much each time, `mostMs` at most; half of it by chance. */
export function jitteredBackoffMs(
  failures: number,
  {
    baseMs,
    mostMs,
    random,
  }: { readonly baseMs: number; readonly mostMs: number; readonly random: () => number },
): number {
  const whole = Math.min(baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 30), mostMs);
  return Math.round(whole / 2 + (whole / 2) * random());
}

/** Resolves after the time, or as soon as the signal is aborted. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Whether the work was done within the time; it goes on where it was not. */
export async function within(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const over = new AbortController();
  const isDone = await Promise.race([work.then(() => true), pause(limitMs, over.signal).then(() => false)]);
  over.abort();
  return isDone;
}
