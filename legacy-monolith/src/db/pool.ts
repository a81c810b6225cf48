import pg from 'pg';
import type { Logger } from 'pino';

export const DATABASE_CONNECT_MS = 5000;
export const STATEMENT_MS = 10_000;
/** A server that neither answers nor hangs up is given up after this, above the server's own limit. */
const ANSWER_MS = STATEMENT_MS + 5000;

type PoolSettings = { databaseUrl: string; databasePoolMax: number };

/** The connections of requests and jobs: no statement may take long. */
export function createPool({ databaseUrl, databasePoolMax }: PoolSettings, logger: Logger): pg.Pool {
  return poolOf(logger, {
    connectionString: databaseUrl,
    max: databasePoolMax,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
  });
}

/**
 * The connections of exports, which last as long as their clients take to read. Without the limits of the
 * others: both count from the start of a cursor to its end.
 */
export function createExportPool({ databaseUrl, databasePoolMax }: PoolSettings, logger: Logger): pg.Pool {
  return poolOf(logger, { connectionString: databaseUrl, max: databasePoolMax });
}

function poolOf(logger: Logger, settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...settings,
    connectionTimeoutMillis: DATABASE_CONNECT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'meridian',
    // Wall-clock columns have no zone; every session must agree on the one they mean.
    options: '-c timezone=UTC -c datestyle=ISO',
    types: { getTypeParser },
  });
  // Without a listener the loss of a connection ends the process. The pool listens to its idle ones alone; one
  // that is in use, between two statements, is nobody's unless we listen.
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.warn({ err: error }, 'database connection lost'));
  });
  // The pool repeats what its idle connections have just said.
  pool.on('error', () => {});
  return pool;
}

const asText = (value: string): string => value;
/** timestamp without zone and date stay the text that Postgres sends: `2026-11-22 19:30:00`, `2026-11-22`. */
const TEXT_TYPES = new Set<number>([pg.types.builtins.TIMESTAMP, pg.types.builtins.DATE]);

/**
 * bigint and numeric come as strings by pg's default, timestamptz as Date, json parsed.
 * biome-ignore lint/suspicious/noExplicitAny: pg declares parsers of every column type as `any`
 */
export function getTypeParser(type: number, format?: 'text' | 'binary'): any {
  return TEXT_TYPES.has(type) ? asText : pg.types.getTypeParser(type, format as 'text');
}
