import { connect } from 'node:net';

/**
 * Tries a TCP connection now and then, so that it is known whether a backend can be reached while nobody asks for
 * it. Sends nothing.
 */
export function startReachabilityCheck(
  target: { readonly url: string; readonly connectTimeoutMs: number; readonly intervalMs: number },
  report: { onReachable(): void; onUnreachable(): void },
): { stop(): void } {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let socket: ReturnType<typeof connect> | undefined;

  const check = (): void => {
    socket = connect({ host, port });
    const done = (told: () => void) => () => {
      if (stopped) return;
      told();
      socket?.destroy();
    };
    socket.setTimeout(target.connectTimeoutMs, done(report.onUnreachable));
    socket.once('connect', done(report.onReachable));
    socket.once('error', done(report.onUnreachable));
    socket.once('close', () => {
      if (!stopped) timer = setTimeout(check, target.intervalMs);
    });
  };
  check();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}
