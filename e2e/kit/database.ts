import pg from 'pg';

/** The monolith's database, for what no page can do: new flights, a change of gate, a session's end. */
export type Database = {
  rows<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The only row that there is. */
  row<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row>;
  close(): Promise<void>;
};

const LIMIT_MS = 5_000;

export function openDatabase(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
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
    close: () => pool.end(),
  };
}
