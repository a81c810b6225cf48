import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Request, Response } from 'express';
import type { Pool } from 'pg';
import Cursor from 'pg-cursor';
import { Refusal } from './refusal.ts';

const ROWS_PER_READ = 500;
/** A batch of rows is there after this, or never. */
const ROWS_MS = 15_000;
/** A client that takes nothing for so long has its export cut off, and gives its connection back. */
const STALLED_MS = 60_000;

export type CsvExport = {
  filename: string;
  columns: readonly string[];
  sql: string;
  params: readonly unknown[];
  /** The values of a row, in the order of the columns. */
  toRow: (row: Record<string, unknown>) => readonly unknown[];
};

export type CsvExporter = (req: Request, res: Response, what: CsvExport) => Promise<void>;

/**
 * Streams query results as CSV, at the pace of the client and with bounded memory. An export holds a database
 * connection for as long as its client reads, so few may run at once, on connections of their own
 * (`createExportPool`): those of the requests stay free.
 */
export function createCsvExporter(pool: Pool, exportsMax: number): CsvExporter {
  let running = 0;
  return async (req, res, what) => {
    if (req.method === 'HEAD') {
      writeHead(res, what);
      res.end();
      return;
    }
    if (running >= exportsMax) {
      throw new Refusal('unavailable', 'Too many exports are running. Please try again later.', {
        retryAfterSeconds: 5,
      });
    }
    running += 1;
    try {
      await streamCsv(pool, req, res, what);
    } finally {
      running -= 1;
    }
  };
}

async function streamCsv(pool: Pool, req: Request, res: Response, what: CsvExport): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // One snapshot for the whole file.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const cursor = client.query(new Cursor<Row>(what.sql, [...what.params]));
    // The first rows come before the status, so that a failing query is still an error answer.
    const first = await readRows(cursor);
    if (!res.destroyed) await send(cursor, first, req, res, what);
    await cursor.close();
    await client.query('COMMIT');
  } catch (error) {
    // A connection on which rows may still be under way is not worth cleaning up.
    broken = error as Error;
    // A client that hung up has no fault to hear of.
    if (!isHangUp(error)) throw error;
  } finally {
    client.release(broken);
  }
}

type Row = Record<string, unknown>;

/** The next rows; a database that does not send them in time is taken for lost. */
async function readRows(cursor: Cursor<Row>): Promise<Row[]> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Query read timeout')), ROWS_MS);
  });
  try {
    return await Promise.race([cursor.read(ROWS_PER_READ), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  cursor: Cursor<Row>,
  first: Row[],
  req: Request,
  res: Response,
  what: CsvExport,
): Promise<void> {
  // HTTP/1.0 has no chunks, so no trailers either.
  const withTrailers = req.httpVersion !== '1.0';
  writeHead(res, what);
  if (withTrailers) res.set('Trailer', 'X-Row-Count, X-Content-SHA256');
  res.setTimeout(STALLED_MS, () => res.destroy());

  let rowCount = 0;
  async function* rows(): AsyncGenerator<readonly unknown[]> {
    for (let batch = first; batch.length > 0; batch = await readRows(cursor)) {
      for (const row of batch) {
        rowCount += 1;
        yield what.toRow(row);
      }
    }
  }
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const csv = stringify({ header: true, columns: [...what.columns], record_delimiter: 'windows' });
  await pipeline(Readable.from(rows()), csv, hashed, res, { end: false });
  if (withTrailers) {
    res.addTrailers({ 'X-Row-Count': String(rowCount), 'X-Content-SHA256': hash.digest('hex') });
  }
  res.end();
}

function writeHead(res: Response, what: CsvExport): void {
  res.status(200);
  res.set('Content-Type', 'text/csv; charset=utf-8');
  res.set('Content-Disposition', `attachment; filename="${what.filename}"`);
}

function isHangUp(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
