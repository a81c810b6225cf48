import { Redis, type RedisOptions } from 'ioredis';
import { pause } from '../backoff.ts';
import type { Logger } from '../logger.ts';

/** A connection to the Redis of the queues, with those that BullMQ makes of it. */
export type QueueConnection = {
  readonly redis: Redis;
  /** All of them can be talked to now. */
  isReady(): boolean;
  /** Called whenever it can be talked to, at first and again after each loss. */
  onReady(listener: () => void): void;
  /** Throws when it cannot be talked to within that time. */
  whenReady(limitMs: number): Promise<void>;
  /**
   * Whether those that BullMQ makes bear the name by which it counts the workers of a queue; at first they do. A new
   * name is there when what they wait for in Redis has come, or its time is over.
   */
  showWorkers(areShown: boolean): void;
  /** Ends all of them, whether or not Redis answers. */
  close(): Promise<void>;
};

const CONNECT_MS = 2_000;
const RECONNECT_MS_MAX = 1_000;
const DISCONNECT_MS = 200;
const COMMAND_MS = 5_000;
/** Of a command's time: nothing heard for so long while an answer is due, and the connection is given up. */
const SILENCE_FACTOR = 1.5;
/** The same for connections on which commands wait in Redis, which BullMQ has them do for 10 s at most. */
export const SILENCE_MS = 15_000;
const HIDDEN = ':not-taking';
/** A reconnection under way is over by then, and is the last. */
const CLOSE_MS = RECONNECT_MS_MAX + DISCONNECT_MS;

/**
 * For those who put in: what cannot be sent now fails now, and what is not answered fails in a while. Whether it was
 * done is not known then.
 */
export function connectProducer(
  url: string,
  parts: { readonly logger: Logger; readonly commandMs?: number },
): QueueConnection {
  const { logger, commandMs = COMMAND_MS } = parts;
  return connect(url, logger, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandMs,
    socketTimeout: commandMs * SILENCE_FACTOR,
  });
}

/**
 * For those who take out: they wait until Redis is back, however long that is. A connection on which nothing is heard
 * for `silenceMs` is made anew, and what was asked on it is asked again.
 */
export function connectWorker(
  url: string,
  parts: { readonly logger: Logger; readonly silenceMs?: number },
): QueueConnection {
  const { logger, silenceMs = SILENCE_MS } = parts;
  return connect(url, logger, { maxRetriesPerRequest: null, socketTimeout: silenceMs });
}

function connect(url: string, logger: Logger, options: RedisOptions): QueueConnection {
  const clients = new Set<Redis>();
  /** Those that BullMQ makes, with the name it wants for each. */
  const workers = new Map<Redis, string>();
  const listeners: (() => void)[] = [];
  let areShown = true;
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
      ...options,
      // Half of it is chance, so that processes do not come back all at once. Null ends a client for good, and
      // fails what waits in it, which `disconnect` does not do between two attempts.
      retryStrategy: (times) =>
        isOver ? null : Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX) * (0.5 + Math.random() / 2),
    }),
  );
  redis.on('ready', () => {
    for (const listener of listeners) listener();
  });

  return {
    redis,
    isReady: () => [...clients].every(({ status }) => status === 'ready'),
    onReady(listener) {
      listeners.push(listener);
      if (redis.status === 'ready') listener();
    },
    async whenReady(limitMs) {
      if (redis.status === 'ready') return;
      const over = new AbortController();
      const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
      await Promise.race([ready, pause(limitMs, over.signal)]);
      over.abort();
      if ((redis.status as string) !== 'ready') throw new Error('the Redis of the queues is not reached');
    },
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
              if (client.status !== 'reconnecting') client.disconnect();
            }),
        );
      const over = new AbortController();
      await Promise.race([Promise.all(ended), pause(CLOSE_MS, over.signal)]);
      over.abort();
    },
  };
}
