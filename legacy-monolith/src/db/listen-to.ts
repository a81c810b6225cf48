import pg from 'pg';
import type { Logger } from 'pino';
import { pause } from '../clock.ts';

const CONNECT_MS = 5000;
/** A connection that only listens would not notice that its peer is gone. */
const PROBE_EVERY_MS = 15_000;
const RETRY_MS = { min: 100, max: 5000 } as const;

/**
 * LISTEN on a connection of its own, which is made again when it is lost. What was notified in between is lost,
 * so `onNotify` is called after every connecting, too, with an empty payload.
 */
export function listenTo(options: {
  databaseUrl: string;
  channel: string;
  onNotify: (payload: string) => void;
  logger: Logger;
}): { stop(): Promise<void> } {
  const { databaseUrl, channel, onNotify, logger } = options;
  const stopping = new AbortController();

  const attend = async (): Promise<void> => {
    const lost = new AbortController();
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
      application_name: `meridian-${channel}`,
    });
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    client.on('notification', ({ payload }) => onNotify(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      onNotify('');
      const over = AbortSignal.any([lost.signal, stopping.signal]);
      while (!over.aborted) {
        await pause(PROBE_EVERY_MS, over);
        if (!over.aborted) await client.query('SELECT 1');
      }
    } finally {
      // Of a connection that is gone there is nothing to end.
      await client.end().catch(() => undefined);
    }
  };

  const running = (async () => {
    let retryMs: number = RETRY_MS.min;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      await attend().catch((error) => logger.debug({ err: error, channel }, 'listening was interrupted'));
      retryMs = performance.now() - startedAt > PROBE_EVERY_MS ? RETRY_MS.min : retryMs * 2;
      retryMs = Math.min(retryMs, RETRY_MS.max);
      await pause(retryMs, stopping.signal);
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
