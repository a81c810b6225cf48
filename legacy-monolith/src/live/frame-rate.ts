/** A token bucket: how many frames a client may send at once, and how many a second for long. */
export type FrameRate = { burst: number; perSecond: number };

/** Gives a function that says whether one more frame at `nowMs` is within the rate. */
export function createFrameMeter(rate: FrameRate): (nowMs: number) => boolean {
  let tokens = rate.burst;
  let lastMs: number | undefined;
  return (nowMs) => {
    // A clock that is set back gives nothing.
    const elapsedMs = Math.max(0, nowMs - (lastMs ?? nowMs));
    lastMs = nowMs;
    tokens = Math.min(rate.burst, tokens + (elapsedMs * rate.perSecond) / 1000);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
