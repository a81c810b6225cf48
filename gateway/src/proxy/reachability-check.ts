import { connect } from 'node:net';

/** While a backend is away it is tried this often at least: whoever waits for it wants to know. */
const AWAY_INTERVAL_MS_MAX = 500;

export type ReachabilityCheck = {
  /** Tries at once: a request has just failed in a way that may mean that the backend is gone. */
  now(): void;
  stop(): void;
};

/**
 * Tries a TCP connection now and then, so that it is known whether a backend can be reached while nobody asks for
 * it. Sends nothing.
 */
export function startReachabilityCheck(
  target: { readonly url: string; readonly connectTimeoutMs: number; readonly intervalMs: number },
  report: { onReachable(): void; onUnreachable(cause: Error): void },
): ReachabilityCheck {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let socket: ReturnType<typeof connect> | undefined;

  const check = (): void => {
    timer = undefined;
    socket = connect({ host, port });
    let intervalMs = target.intervalMs;
    const onAway = (cause: Error): void => {
      if (stopped) return;
      intervalMs = Math.min(intervalMs, AWAY_INTERVAL_MS_MAX);
      report.onUnreachable(cause);
      socket?.destroy();
    };
    socket.setTimeout(target.connectTimeoutMs, () => onAway(timeout()));
    socket.once('connect', () => {
      if (stopped) return;
      report.onReachable();
      socket?.destroy();
    });
    socket.once('error', onAway);
    socket.once('close', () => {
      if (!stopped) timer = setTimeout(check, intervalMs);
    });
  };
  check();
  return {
    now: () => {
      // Without a timer a check is under way, which is as good.
      if (timer === undefined) return;
      clearTimeout(timer);
      check();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}

function timeout(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}
