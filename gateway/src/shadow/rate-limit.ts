/** So many a second, saved up for one second at most. Gives whether one more may be. */
export function createRateLimit(perSecond: number, monotonicMs: () => number): () => boolean {
  let saved = perSecond;
  let atMs = monotonicMs();
  return () => {
    const now = monotonicMs();
    saved = Math.min(perSecond, saved + ((now - atMs) * perSecond) / 1_000);
    atMs = now;
    if (saved < 1) return false;
    saved -= 1;
    return true;
  };
}
