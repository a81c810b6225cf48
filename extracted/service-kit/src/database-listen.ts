import pg from 'pg';
import { jitteredBackoffMs, pause } from './backoff.ts';
import type { Logger } from './logger.ts';

export type ChannelListener = { stop(): Promise<void> };

const CONNECT_MS = 5_000;
/** A connection that hears nothing would not notice that its peer is gone. */
const LOOK_EVERY_MS = 15_000;
const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * LISTEN on a connection of its own, which is made again when it is lost. A notification in between is lost, so
 * `onNotify` is called after each connecting too, with an empty payload.
 */
export function listenTo(options: {
  readonly url: string;
  readonly name: string;
  readonly channel: string;
  readonly onNotify: (payload: string) => void;
  readonly logger: Logger;
  readonly random: () => number;
}): ChannelListener {
  const { url, name, channel, onNotify, logger, random } = options;
  if (!CHANNEL.test(channel)) throw new Error(`"${channel}" is no name of a channel`);
  const stopping = new AbortController();

  const attend = async (): Promise<void> => {
    const lost = new AbortController();
    const client = new pg.Client({
      connectionString: url,
      application_name: `${name} listener`,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    client.on('notification', ({ payload }) => onNotify(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      onNotify('');
      const over = AbortSignal.any([lost.signal, stopping.signal]);
      while (!over.aborted) {
        await pause(LOOK_EVERY_MS, over);
        if (!over.aborted) await client.query('SELECT 1');
      }
    } finally {
      // Of a connection that is gone there is nothing to end.
      await client.end().catch(() => undefined);
    }
  };

  const running = (async () => {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      const startedAt = performance.now();
      await attend().catch((error) => logger.debug({ err: error, channel }, 'listening was interrupted'));
      if (performance.now() - startedAt > LOOK_EVERY_MS) failures = 1;
      await pause(jitteredBackoffMs(failures, { baseMs: 100, mostMs: 5_000, random }), stopping.signal);
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
