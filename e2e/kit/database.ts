import pg from 'pg';

/** The monolith's database, for what no page can do: new flights, a change of gate, a session's end. */
export type Database = {
  rows<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The only row that there is. */
  row<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row>;
  /** Keeps what the statement locks until the work is done: a server that is slow at one thing alone. */
  holding<Result>(
    text: string,
    values: unknown[],
    work: (lock: HeldLock) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
};

export type HeldLock = {
  /** How many others wait for it. */
  waiting(): Promise<number>;
};

const LIMIT_MS = 5_000;

export function openDatabase(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    // One for the test's statements, and one that holds a lock meanwhile.
    max: 2,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  const rows = async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(text, values)).rows;
  return {
    rows,
    async row<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      const [only, ...more] = await rows<Row>(text, values);
      if (only === undefined || more.length > 0)
        throw new Error(`not one row, but ${more.length + 1}: ${text}`);
      return only;
    },
    async holding(text, values, work) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query(text, values);
        const { pid } = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0] ?? {};
        const waiting = async (): Promise<number> =>
          (await rows('SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))', [pid])).length;
        return await work({ waiting });
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
