import type { Dial } from '../datapath/dial.ts';
import type { BackendHealth } from '../http/backend-health.ts';

/** Tells of every connection that requests make or fail to make, as it happens: a request itself may try again. */
export function observeDial(dial: Dial, health: BackendHealth): Dial {
  return ({ timeoutMs, connected, failed }) =>
    dial({
      timeoutMs,
      connected: (socket) => {
        health.onReachable();
        connected(socket);
      },
      failed: (cause, why) => {
        health.onUnreachable(cause);
        failed(cause, why);
      },
    });
}
