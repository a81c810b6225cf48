import { type ChannelOptions, Client, connectivityState, credentials } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from './channel-options.ts';

/** One target's channel, shared by all that call it. */
export type ServiceChannel = {
  readonly client: Client;
  readonly isReady: boolean;
  /**
   * Waits for a connection as long as the service may be starting again: for `RESTART_MS` from the moment it was
   * lost, and no longer than `limitMs`. A service that is away for longer is not waited for. What was not sent can be
   * sent later, writes too. Gives whether there is a connection.
   */
  untilReady(limitMs: number): Promise<boolean>;
  /** Ends the channel. Calls under way go on to their end; new ones fail. */
  close(): void;
};

const RESTART_MS = 2_000;

/** Connects at once, so that the first request need not wait, and stays connected. */
export function createServiceChannel(
  target: string,
  now: () => number,
  options: ChannelOptions = CHANNEL_OPTIONS,
): ServiceChannel {
  const client = new Client(target, credentials.createInsecure(), options);
  const channel = client.getChannel();
  const waiting = new Set<() => void>();
  let isReady = false;
  let isClosed = false;
  let lostAtMs = now();

  const release = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const follow = (): void => {
    if (isClosed) return;
    // Asking for the state also makes an idle channel connect.
    const state = channel.getConnectivityState(true);
    const wasReady = isReady;
    isReady = state === connectivityState.READY;
    if (isReady) release();
    else if (wasReady) lostAtMs = now();
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, follow);
  };
  follow();

  return {
    client,
    get isReady() {
      return isReady;
    },
    untilReady: (limitMs) => {
      const leftMs = Math.min(lostAtMs + RESTART_MS - now(), limitMs);
      // Asked anew: the news of a connection's end may be under way.
      const isReadyNow = !isClosed && channel.getConnectivityState(true) === connectivityState.READY;
      if (isReadyNow || isClosed || leftMs <= 0) return Promise.resolve(isReadyNow);
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          resolve(isReady);
        };
        const timer = setTimeout(() => {
          waiting.delete(wake);
          resolve(false);
        }, leftMs);
        waiting.add(wake);
      });
    },
    close: () => {
      isClosed = true;
      release();
      client.close();
    },
  };
}
