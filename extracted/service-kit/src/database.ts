import pg from 'pg';
import { jitteredBackoffMs, pause } from './backoff.ts';
import { getTypeParser } from './column-types.ts';
import { isConnectionLost, isRetryable } from './database-fault.ts';
import { type ChannelListener, listenTo } from './database-listen.ts';
import { refuse } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics, PoolStats } from './metrics.ts';

export { isDatabaseUnavailable, isNotTheOwner, violatedConstraint } from './database-fault.ts';

export type QueryResult<Row> = { readonly rows: Row[]; readonly rowCount: number | null };

/** What runs statements: a database (each by itself) or a transaction. */
export type Queryable = {
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
};
export type Transaction = Queryable;

export type TransactionOptions = {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** How often the work is run at most, when the database asks for another go. */
  readonly attemptsMax?: number;
};

export type Database = Queryable & {
  /**
   * Runs `work` in one transaction. A deadlock or a serialization failure is tried again, so `work` may run several
   * times and must do nothing outside the database.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Rows in batches from one snapshot, as fast as they are taken. Holds a connection until the loop is left; when
   * all that are for streams are taken, one more is refused with RESOURCE_EXHAUSTED.
   */
  stream<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[],
    options: { readonly batchRows?: number; readonly signal: AbortSignal },
  ): AsyncIterable<Row[]>;
  /** Comes back when the database answers, or when the signal is aborted. */
  waitUntilReady(signal: AbortSignal): Promise<void>;
  /** Whether it answered when last asked, which is once in a while if nobody asks. */
  healthy(): boolean;
  onHealth(listener: (healthy: boolean) => void): () => void;
  /** `onNotify` is called for every notification, and whenever some may have been missed. */
  listen(channel: string, onNotify: (payload: string) => void): ChannelListener;
  stats(): PoolStats;
  end(): Promise<void>;
};

export type DatabaseOptions = {
  /** The one schema in which unqualified names are looked up. */
  readonly schema: string;
  /** Shows in pg_stat_activity and metrics. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly poolMax?: number;
  readonly streamsMax?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  readonly readOnly?: boolean;
  /** How often a database that is not asked for anything is looked at. */
  readonly healthEveryMs?: number;
  readonly random?: () => number;
};

const CONNECT_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 15_000;
/** How long the reader of a stream may take over one batch. */
const STREAM_IDLE_MS = 120_000;
/** A server that neither answers nor hangs up is given up so much after its own limit. */
const ANSWER_EXTRA_MS = 5_000;
const ATTEMPTS_MAX = 4;
const BATCH_ROWS = 500;
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** Connects to nothing before it is used. */
export function createDatabase(url: string, options: DatabaseOptions): Database {
  const { schema, name, logger, random = Math.random } = options;
  const { poolMax = 10, streamsMax = 5, statementTimeoutMs = 10_000, lockTimeoutMs = 5_000 } = options;
  if (!SCHEMA.test(schema)) throw new Error(`"${schema}" is no name of a schema`);
  const settings: Record<string, string | number> = {
    timezone: 'UTC',
    datestyle: 'ISO',
    search_path: schema,
    lock_timeout: lockTimeoutMs,
    default_transaction_read_only: options.readOnly ? 'on' : 'off',
  };
  const pool = poolOf(poolMax, IDLE_IN_TRANSACTION_MS);
  const streams = poolOf(streamsMax, STREAM_IDLE_MS);
  const listeners = new Set<(healthy: boolean) => void>();
  const ended = new AbortController();
  let isHealthy = false;
  let isKnown = false;
  let looking: Promise<void> | undefined;

  function poolOf(max: number, idleInTransactionMs: number): pg.Pool {
    const all = { ...settings, idle_in_transaction_session_timeout: idleInTransactionMs };
    const made = new pg.Pool({
      connectionString: url,
      max,
      application_name: name,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + ANSWER_EXTRA_MS,
      options: Object.entries(all)
        .map(([key, value]) => `-c ${key}=${value}`)
        .join(' '),
      types: { getTypeParser },
    });
    // Without a listener the loss of a connection ends the process. The pool listens to its idle ones alone; one
    // that is in use, between two statements, is nobody's unless we listen.
    made.on('connect', (client) => {
      client.on('error', (error) => {
        logger.warn({ err: error, database: name }, 'database connection lost');
        lookSoon();
      });
    });
    // The pool repeats what its idle connections have just said.
    made.on('error', () => {});
    return made;
  }

  function setHealth(healthy: boolean): void {
    // One that was never there has lost nothing, and who reads the log is to know what is waited for.
    if (!isKnown && !healthy) logger.warn({ database: name }, 'database not reached: trying on');
    isKnown = true;
    if (healthy === isHealthy) return;
    isHealthy = healthy;
    logger[healthy ? 'info' : 'warn']({ database: name }, healthy ? 'database reached' : 'database lost');
    for (const listener of listeners) listener(healthy);
  }

  /** What a statement said of the database, heard on its way to whoever asked. */
  async function heard<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      setHealth(true);
      return result;
    } catch (error) {
      if (isConnectionLost(error)) lookSoon();
      throw error;
    }
  }

  /** A lost connection may be that one's own trouble: the database is asked before it is called away. */
  function lookSoon(): void {
    looking ??= ping().finally(() => {
      looking = undefined;
    });
  }

  async function ping(): Promise<void> {
    if (ended.signal.aborted) return;
    try {
      await pool.query('SELECT 1');
      setHealth(true);
    } catch (error) {
      // A full pool is a busy database, not a lost one.
      if (pool.totalCount > 0 && pool.waitingCount > 0 && /timeout exceeded/.test((error as Error).message))
        return;
      setHealth(false);
    }
  }

  const watching = watch();
  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      await pause(isHealthy ? (options.healthEveryMs ?? 5_000) : 500, ended.signal);
      lookSoon();
      await looking;
    }
  }

  async function transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    { isolation = 'read committed', readOnly = false, attemptsMax = ATTEMPTS_MAX }: TransactionOptions = {},
  ): Promise<T> {
    const begin = `BEGIN ISOLATION LEVEL ${isolation}${readOnly ? ' READ ONLY' : ''}`;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await heard(attemptTransaction(pool, begin, work));
      } catch (error) {
        if (!isRetryable(error) || attempt >= attemptsMax) throw error;
        // Those who collided would collide again in step.
        await pause(jitteredBackoffMs(attempt, { baseMs: 10, mostMs: 200, random }));
      }
    }
  }

  async function* stream<Row>(
    text: string,
    values: readonly unknown[],
    { batchRows = BATCH_ROWS, signal }: { readonly batchRows?: number; readonly signal: AbortSignal },
  ): AsyncGenerator<Row[]> {
    if (streams.totalCount - streams.idleCount >= streamsMax) {
      throw refuse('RESOURCE_EXHAUSTED', 'TOO_MANY_STREAMS', { retryAfterSeconds: 2 });
    }
    const client = await heard(streams.connect());
    let broken: Error | undefined;
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // Each FETCH is a statement of its own to the time limit; a portal that is read on counts as one.
      await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${text}`, [...values]);
      for (;;) {
        signal.throwIfAborted();
        const { rows } = await client.query(`FETCH ${batchRows} FROM rows`);
        if (rows.length > 0) yield rows as Row[];
        if (rows.length < batchRows) break;
      }
    } finally {
      await client.query('ROLLBACK').catch((error: Error) => {
        broken = error;
      });
      client.release(broken);
    }
  }

  const stats = (): PoolStats => ({
    total: pool.totalCount + streams.totalCount,
    idle: pool.idleCount + streams.idleCount,
    waiting: pool.waitingCount,
  });
  options.metrics?.watchPool(name, stats);

  return {
    query: (text, values) => heard(pool.query(text, values ? [...values] : undefined)) as never,
    transaction,
    stream,
    async waitUntilReady(signal) {
      for (let failures = 0; !signal.aborted && !ended.signal.aborted; failures += 1) {
        if (failures > 0) {
          await pause(jitteredBackoffMs(failures, { baseMs: 100, mostMs: 2_000, random }), signal);
        }
        lookSoon();
        await looking;
        if (isHealthy) return;
      }
    },
    healthy: () => isHealthy,
    onHealth(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    listen: (channel, onNotify) => listenTo({ url, name, channel, onNotify, logger, random }),
    stats,
    async end() {
      if (ended.signal.aborted) return;
      ended.abort();
      await watching;
      await Promise.all([pool.end(), streams.end()]);
    },
  };
}

async function attemptTransaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work({
      query: (text, values) => client.query(text, values ? [...values] : undefined) as never,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      // A connection that cannot even roll back must not go back to the pool.
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
