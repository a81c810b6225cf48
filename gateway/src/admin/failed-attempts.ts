/** How many wrong tokens one address may send in a window, before they are no longer answered as such. */
const ATTEMPTS_MAX = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; the one that was seen first is forgotten for the next. */
const ADDRESSES_MAX = 1_000;

/** What becomes of a wrong token. `count`: within this window. */
export type Attempt =
  | { readonly kind: 'counted'; readonly count: number }
  | { readonly kind: 'limited'; readonly count: number; readonly retryAfterSeconds: number };

export type FailedAttempts = {
  /** One more wrong token from an address. */
  onFailure(address: string): Attempt;
};

/**
 * Counts wrong tokens by address. A right token is never held against its address: whoever shares it with a script
 * that has an old token, or with somebody who guesses, could else not kill a service when it matters. What keeps
 * guessing hopeless is the length of a token; this keeps it cheap for us, and visible.
 */
export function createFailedAttempts(monotonicMs: () => number): FailedAttempts {
  const windows = new Map<string, { endsMs: number; count: number }>();
  return {
    onFailure: (address) => {
      const nowMs = monotonicMs();
      const who = networkOf(address);
      let window = windows.get(who);
      if (window === undefined || nowMs >= window.endsMs) {
        windows.delete(who);
        if (windows.size >= ADDRESSES_MAX) windows.delete(windows.keys().next().value as string);
        window = { endsMs: nowMs + WINDOW_MS, count: 0 };
        windows.set(who, window);
      }
      window.count += 1;
      const { count, endsMs } = window;
      if (count <= ATTEMPTS_MAX) return { kind: 'counted', count };
      return { kind: 'limited', count, retryAfterSeconds: Math.max(1, Math.ceil((endsMs - nowMs) / 1_000)) };
    },
  };
}

/** Whoever has one IPv6 address has all of its /64. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === '' ? 0 : tail.split(':').length;
  const zeros = address.includes('::') ? Math.max(0, 8 - groups.length - behind) : 0;
  const whole = [...groups, ...Array<string>(zeros).fill('0'), ...tail.split(':')];
  return `${whole.slice(0, 4).join(':')}::/64`;
}
