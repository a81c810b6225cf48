import { Redis, ReplyError } from 'ioredis';
import { StoreAway, StoreCorrupt } from '../flag-store.ts';

const CONNECT_MS = 2_000;
/** Of a command's time: nothing heard for so long while an answer is due, and the connection is given up. */
const SILENCE_FACTOR = 1.5;
const RECONNECT_MS_MAX = 1_000;
/** For closing in order; then the socket is destroyed. */
const DISCONNECT_MS = 100;

export type RedisConnection = {
  readonly redis: Redis;
  /** Runs a command that changes nothing. Throws StoreAway when it is not connected, at once, or has no answer in time. */
  ask<T>(command: (redis: Redis) => Promise<T>): Promise<T>;
  /** As `ask`, for what may have been changed when the answer is lost. */
  change<T>(command: (redis: Redis) => Promise<T>): Promise<T>;
  /** Why there is no connection, or why the last one ended. */
  reason(): string;
  close(): Promise<void>;
};

/**
 * A connection that comes back by itself, and lets nobody wait for that. Connects when it is told to. `commandMs` is
 * how long a command may take, its way there and back included.
 */
export function createRedisConnection(url: string, commandMs: number): RedisConnection {
  let last: unknown;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: commandMs,
    socketTimeout: commandMs * SILENCE_FACTOR,
    disconnectTimeout: DISCONNECT_MS,
    // What cannot be sent now is not sent: a change that was refused must not be made later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    // Half of it is chance, so that replicas do not come back all at once.
    retryStrategy: (times) =>
      Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX) * (0.5 + Math.random() / 2),
  });
  redis.on('error', (error: Error) => {
    last = error;
  });
  redis.on('ready', () => {
    last = undefined;
  });

  const run = async <T>(command: (redis: Redis) => Promise<T>, isChange: boolean): Promise<T> => {
    if (redis.status !== 'ready') {
      throw new StoreAway(last === undefined ? 'not connected' : describe(last), { cause: last });
    }
    try {
      return await command(redis);
    } catch (error) {
      // An answer, if a refusal: Redis did nothing.
      if (error instanceof ReplyError) throw refusalOf(error as Error);
      throw new StoreAway(describe(error), { cause: error, isUnknown: isChange });
    }
  };

  return {
    redis,
    ask: (command) => run(command, false),
    change: (command) => run(command, true),
    reason: () => (last === undefined ? 'the connection was closed' : describe(last)),
    close: async () => {
      const closed = Promise.withResolvers<void>();
      redis.once('end', closed.resolve);
      const timer = setTimeout(closed.resolve, DISCONNECT_MS * 2);
      redis.disconnect();
      if (redis.status !== 'end') await closed.promise;
      clearTimeout(timer);
    },
  };
}

function refusalOf(error: Error): Error {
  if (error.message.startsWith('WRONGTYPE')) {
    return new StoreCorrupt('a key of the flags holds something else', { cause: error });
  }
  return new StoreAway(describe(error), { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
};

/** An error's text may hold addresses and credentials; its code, and the code that Redis' own begin with, do not. */
function describe(error: unknown): string {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (code !== undefined) return REASONS[code] ?? `connection failed (${code})`;
  if (message === 'Command timed out' || message.startsWith('Socket timeout')) {
    return 'no answer in time';
  }
  const [word = ''] = message.split(' ');
  return /^[A-Z]{3,}$/.test(word) ? `Redis refuses: ${word}` : 'the connection was lost';
}
