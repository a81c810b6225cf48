/** Sets a timer; what it gives clears it. */
export type Schedule = (afterMs: number, run: () => void) => () => void;

/**
 * The one deadline of a request, from which every wait in it takes what is left. It can be started anew, for what
 * begins when the request has come whole, and stopped, when only a stream is left, which has none.
 */
export type Deadline = {
  /** When it passes, by the clock it was made with; infinite while it is stopped. */
  readonly atMs: number;
  restart(limitMs: number): void;
  stop(): void;
};

export function createDeadline(
  now: () => number,
  schedule: Schedule,
  limitMs: number,
  onPassed: () => void,
): Deadline {
  let atMs = now() + limitMs;
  let clear = schedule(limitMs, onPassed);
  return {
    get atMs() {
      return atMs;
    },
    restart: (limit) => {
      clear();
      atMs = now() + limit;
      clear = schedule(limit, onPassed);
    },
    stop: () => {
      clear();
      atMs = Number.POSITIVE_INFINITY;
    },
  };
}
