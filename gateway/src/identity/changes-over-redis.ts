import { Redis } from 'ioredis';

/** Tells the other replicas, and is told by them, of callers that changed. Keys are hashes of credentials. */
export type CallerChanges = {
  start(listener: CallerChangesListener): void;
  /** Told or not, returns at once: a replica that is not told finds out within seconds by itself. */
  publish(key: string): void;
  close(): void;
};

export type CallerChangesListener = {
  onChanged(key: string): void;
  /** Listening (again): what was published before was not heard. */
  onListening(): void;
};

export type CallerChangesOptions = {
  readonly url: string;
  readonly onState: (state: 'connected' | 'lost', cause?: Error) => void;
};

const CHANNEL = 'banyan:identity:changed';
const CONNECT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;
/** For closing in order; then the socket is destroyed. */
const DISCONNECT_MS = 100;
const COMMAND_MS = 1_000;
/** Told at a time; more than this, and Redis does not keep up. */
const PUBLISHING_MAX = 1_000;

/** Over Redis' publish and subscribe: one connection listens, one tells. Both come back by themselves. */
export function createCallerChanges({ url, onState }: CallerChangesOptions): CallerChanges {
  const connection = () =>
    new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: COMMAND_MS,
      // Also what a connection that is gone already takes to be closed.
      disconnectTimeout: DISCONNECT_MS,
      // What cannot be sent now is not sent: nobody waits for it, and it would pile up.
      enableOfflineQueue: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX),
    });
  const listening = connection();
  const telling = connection();
  let publishing = 0;
  let isLost = false;
  let cause: Error | undefined;

  const lost = (): void => {
    if (isLost) return;
    isLost = true;
    onState('lost', cause);
  };
  for (const each of [listening, telling]) {
    each.on('error', (error: Error) => {
      cause = error;
    });
  }
  listening.on('close', lost);

  let isClosed = false;
  return {
    start: ({ onChanged, onListening }) => {
      listening.on('message', (_channel: string, key: string) => {
        if (/^[0-9a-f]{64}$/.test(key)) onChanged(key);
      });
      listening.on('ready', () => {
        listening.subscribe(CHANNEL).then(
          () => {
            // Said of a connection that was ended meanwhile.
            if (isClosed) return;
            onListening();
            isLost = false;
            onState('connected');
          },
          (error: Error) => {
            if (isClosed) return;
            // A connection that does not listen is of no use; the next one tries again.
            cause = error;
            listening.disconnect(true);
          },
        );
      });
      for (const each of [listening, telling]) {
        // It tries again by itself; why it failed comes with the event above.
        each.connect().catch(() => {});
      }
    },
    publish: (key) => {
      if (telling.status !== 'ready' || publishing >= PUBLISHING_MAX) return;
      publishing += 1;
      telling
        .publish(CHANNEL, key)
        // The connection says itself that it is lost.
        .catch(() => {})
        .finally(() => {
          publishing -= 1;
        });
    },
    close: () => {
      isClosed = true;
      listening.off('close', lost);
      listening.disconnect();
      telling.disconnect();
    },
  };
}
