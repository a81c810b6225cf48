import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';

/** The connection of a worker to the Redis of the queues, with those that BullMQ makes of it. */
export type QueueConnection = {
  redis: Redis;
  /** All of them can be talked to now. */
  isReady(): boolean;
  /** Ends all of them, whether or not Redis answers. */
  close(): Promise<void>;
};

const CONNECT_MS = 2000;
const RECONNECT_MS = { base: 50, most: 1000 } as const;
const DISCONNECT_MS = 200;
/** A reconnection under way is over by then, and is the last. */
const CLOSE_MS = RECONNECT_MS.most + DISCONNECT_MS;

/** Whoever takes events waits until Redis is back, however long that is. */
export function connectQueues(url: string, random: () => number, logger: Logger): QueueConnection {
  const clients = new Set<Redis>();
  let isOver = false;
  let isSaid = false;

  const keep = (client: Redis): Redis => {
    clients.add(client);
    // Without a listener a refused connection ends the process.
    client.on('error', (error: Error) => {
      if (isSaid || isOver) return;
      isSaid = true;
      logger.warn({ err: error }, 'the Redis of the queues is not reached: trying on');
    });
    client.on('ready', () => {
      if (isSaid) logger.info('the Redis of the queues is reached again');
      isSaid = false;
    });
    // BullMQ makes the connection that it waits on by itself, and cannot end it while Redis is away.
    const duplicate = client.duplicate.bind(client);
    client.duplicate = (override) => keep(duplicate(override));
    return client;
  };

  const redis = keep(
    new Redis(url, {
      connectTimeout: CONNECT_MS,
      disconnectTimeout: DISCONNECT_MS,
      maxRetriesPerRequest: null,
      // Half of it is chance, so that processes do not come back all at once. Null ends a client for good.
      retryStrategy: (times) =>
        isOver
          ? null
          : Math.min(RECONNECT_MS.base * 2 ** Math.min(times, 10), RECONNECT_MS.most) * (0.5 + random() / 2),
    }),
  );

  return {
    redis,
    isReady: () => [...clients].every(({ status }) => status === 'ready'),
    async close() {
      isOver = true;
      const ended = [...clients]
        .filter(({ status }) => status !== 'end')
        .map(
          (client) =>
            new Promise<void>((resolve) => {
              client.once('end', () => resolve());
              // One that waits for its next attempt ends by that; `disconnect` would leave what waits in it.
              if (client.status !== 'reconnecting') client.disconnect();
            }),
        );
      const over = new AbortController();
      await Promise.race([Promise.all(ended), pause(CLOSE_MS, over.signal)]);
      over.abort();
    },
  };
}
