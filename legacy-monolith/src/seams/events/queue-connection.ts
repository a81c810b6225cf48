import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';

/** The connection of a worker to the Redis of the queues, with those that BullMQ makes of it. */
export type QueueConnection = {
  redis: Redis;
  /** All of them can be talked to now. */
  isReady(): boolean;
  /**
   * Whether those that BullMQ makes bear the name by which it counts the workers of a queue; at first they do not. A
   * new name is there when what they wait for in Redis has come, or its time is over.
   */
  showWorkers(areShown: boolean): void;
  /** Ends all of them, whether or not Redis answers. */
  close(): Promise<void>;
};

const CONNECT_MS = 2000;
const RECONNECT_MS = { base: 50, most: 1000 } as const;
const DISCONNECT_MS = 200;
/** Longer than commands wait in Redis, which is 10 s at most for BullMQ's. */
export const SILENCE_MS = 15_000;
const HIDDEN = ':not-taking';
/** A reconnection under way is over by then, and is the last. */
const CLOSE_MS = RECONNECT_MS.most + DISCONNECT_MS;

/**
 * Whoever takes events waits until Redis is back, however long that is. A connection on which nothing is heard for
 * `silenceMs` is made anew, and what was asked on it is asked again.
 */
export function connectQueues(
  url: string,
  { random, logger, silenceMs = SILENCE_MS }: { random: () => number; logger: Logger; silenceMs?: number },
): QueueConnection {
  const clients = new Set<Redis>();
  /** Those that BullMQ makes, with the name it wants for each. */
  const workers = new Map<Redis, string>();
  let areShown = false;
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
    client.duplicate = (override) => {
      const name = override?.connectionName;
      if (!name) return keep(duplicate(override));
      const made = keep(duplicate({ ...override, connectionName: shown(name) }));
      workers.set(made, name);
      return made;
    };
    return client;
  };
  const shown = (name: string): string => (areShown ? name : `${name}${HIDDEN}`);

  const redis = keep(
    new Redis(url, {
      connectTimeout: CONNECT_MS,
      disconnectTimeout: DISCONNECT_MS,
      maxRetriesPerRequest: null,
      socketTimeout: silenceMs,
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
    showWorkers(wanted) {
      if (areShown === wanted) return;
      areShown = wanted;
      for (const [client, name] of workers) {
        // As it calls itself when it is connected again, and now.
        client.options.connectionName = shown(name);
        client.client('SETNAME', shown(name)).catch(() => {});
      }
    },
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
