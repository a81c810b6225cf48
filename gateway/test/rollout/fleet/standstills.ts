const TICK_MS = 10;
/** Later than this is no timer's usual lateness. */
const LATE_MS = 20;

/** How long nothing moved, because the machine was busy with other work. */
export type Standstills = Disposable & {
  /** Of the time between the two, in milliseconds. Both are milliseconds since the epoch. */
  between(fromMs: number, toMs: number): number;
};

/**
 * Watches a timer of this process, which should come every 10 ms. What a bound of time says about a gateway, it says
 * of a machine that lets it run: the time in which not even this timer did is taken off.
 */
export function createStandstills(): Standstills {
  const stood: { readonly fromMs: number; readonly toMs: number }[] = [];
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > TICK_MS + LATE_MS) stood.push({ fromMs: last + TICK_MS, toMs: now });
    last = now;
  }, TICK_MS);
  return {
    between: (fromMs, toMs) =>
      stood.reduce(
        (sum, each) => sum + Math.max(0, Math.min(each.toMs, toMs) - Math.max(each.fromMs, fromMs)),
        0,
      ),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
