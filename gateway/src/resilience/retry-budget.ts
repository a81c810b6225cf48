/**
 * How many second tries a service is asked for: each first try earns a fraction of one, up to a bound. A service in
 * trouble thus sees a few per cent more calls, never twice as many.
 */
export type RetryBudget = {
  onFirstTry(): void;
  /** Spends one retry, if there is one. */
  trySpend(): boolean;
};

export function createRetryBudget(earnedPerCall = 0.1, savedMax = 20): RetryBudget {
  let saved = savedMax;
  return {
    onFirstTry: () => {
      saved = Math.min(savedMax, saved + earnedPerCall);
    },
    trySpend: () => {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
