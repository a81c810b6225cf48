import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Request, Response } from 'express';
import type { Pool } from 'pg';
import Cursor from 'pg-cursor';
import { Refusal } from './refusal.ts';

const ROWS_PER_READ = 500;
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
 * connection for as long as its client reads, so few may run at once: the rest of the pool stays free.
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
    // One snapshot for the whole file. The statement's limit would count the time the client takes.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query('SET LOCAL statement_timeout = 0');
    const cursor = client.query(new Cursor<Record<string, unknown>>(what.sql, [...what.params]));
    try {
      // The first rows come before the status, so that a failing query is still an error answer.
      const first = await cursor.read(ROWS_PER_READ);
      if (!res.destroyed) await send(cursor, first, req, res, what);
    } finally {
      await cursor.close();
    }
    await client.query('COMMIT');
  } catch (error) {
    // A client that hung up has no fault to hear of; the connection is as good as before.
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    if (!isHangUp(error)) throw error;
  } finally {
    client.release(broken);
  }
}

async function send(
  cursor: Cursor<Record<string, unknown>>,
  first: Record<string, unknown>[],
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
    for (let batch = first; batch.length > 0; batch = await cursor.read(ROWS_PER_READ)) {
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
