import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { inTransaction, quoteName } from '../database.ts';
import { between, keyArray, orderBy } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { type Part, readPart, writePart } from './progress.ts';

/** A batch ends at so many bytes, too: rows may be large. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const NEWLINE = 10;

export type Transfer = {
  readonly mapping: Mapping;
  /** A session of the giving database that is used for nothing else, and not again. */
  readonly source: pg.Client;
  /** A session that the receiving database's fence lets through. */
  readonly target: pg.Client;
  readonly copyId: string;
  readonly batchRows: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly onBatch: (part: Part) => void | Promise<void>;
  readonly signal: AbortSignal | undefined;
};

/**
 * Brings a table's rows across in the order of their keys, from behind the last key that the receiving database
 * remembers. Rows are never held whole: they flow from one COPY into another, and a batch is committed together
 * with how far it came. A row that is equal already is not written.
 */
export async function transferRows(transfer: Transfer): Promise<Part> {
  const { mapping, source, target, copyId } = transfer;
  const name = partOf(mapping);
  let part = await readPart(target, copyId, name);
  if (part.done) return part;
  await createStage(target, mapping);
  const rows = source.query(copyTo(readSql(mapping, part)));
  // What ends the stream early is thrown by the loop; the event may come once more after it.
  rows.on('error', () => {});
  const nextPiece = createPieceReader(rows);
  try {
    for (let last = false; !last; ) {
      transfer.signal?.throwIfAborted();
      const before = part.batches;
      part = await inTransaction(
        target,
        async () => {
          const batch = await fillStage(target, nextPiece, transfer.batchRows);
          last = batch.last;
          const lastKey = await lastKeyOf(target, mapping);
          if (batch.rows > 0) await target.query(upsertSql(mapping));
          const next: Part = {
            lastKey: lastKey ?? part.lastKey,
            rows: part.rows + batch.rows,
            batches: part.batches + (batch.rows > 0 ? 1 : 0),
            done: last,
          };
          await writePart(target, copyId, name, next);
          return next;
        },
        transfer.settings,
      );
      if (part.batches > before) await transfer.onBatch(part);
    }
  } finally {
    rows.destroy();
  }
  await target.query('DROP TABLE pg_temp.banyan_stage');
  return part;
}

export const partOf = (mapping: Mapping): string => `rows of ${mapping.name}`;

const names = (columns: readonly string[], row?: string): string =>
  columns.map((column) => (row === undefined ? '' : `${row}.`) + quoteName(column)).join(', ');

function readSql(mapping: Mapping, { lastKey }: Part): string {
  return `COPY (SELECT * FROM (${mapping.mapped}) AS r
                 WHERE ${between(mapping, 'r', lastKey)} ORDER BY ${orderBy(mapping, 'r')}) TO STDOUT`;
}

/** Of the table's own types, so that Postgres reads each value as the table will hold it. */
async function createStage(target: pg.Client, { columns, table }: Mapping): Promise<void> {
  await target.query('DROP TABLE IF EXISTS pg_temp.banyan_stage');
  await target.query(
    `CREATE TEMP TABLE banyan_stage ON COMMIT DELETE ROWS AS SELECT ${names(columns)} FROM ${table} WITH NO DATA`,
  );
}

async function lastKeyOf(target: pg.Client, mapping: Mapping): Promise<string[] | null> {
  const { rows } = await target.query<{ key: string[] }>(
    `SELECT ${keyArray(mapping, 's')} AS key FROM pg_temp.banyan_stage s ORDER BY ${orderBy(mapping, 's', 'DESC')} LIMIT 1`,
  );
  return rows[0]?.key ?? null;
}

function upsertSql(mapping: Mapping): string {
  const { table, columns, key } = mapping;
  const others = columns.filter((column) => !key.includes(column));
  const update = others.map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`).join(', ');
  return `
    INSERT INTO ${table} AS t (${names(columns)}) OVERRIDING SYSTEM VALUE
    SELECT ${names(columns, 's')} FROM pg_temp.banyan_stage s ORDER BY ${orderBy(mapping, 's')}
    ON CONFLICT (${names(key)}) ${
      others.length === 0
        ? 'DO NOTHING'
        : `DO UPDATE SET ${update}
           WHERE ROW(${names(others, 't')})::text IS DISTINCT FROM ROW(${names(others, 'excluded')})::text`
    }`;
}

/** Bytes of a COPY out of one chunk of it. */
type Piece = { readonly bytes: Buffer; readonly rows: number; readonly endsRow: boolean };
type PieceReader = (rowsMax: number) => Promise<Piece | null>;

/** COPY's text form writes a line break inside a value as an escape: a byte 10 always ends a row. */
function createPieceReader(stream: AsyncIterable<Buffer>): PieceReader {
  const chunks = stream[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  return async (rowsMax) => {
    while (chunk.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return null;
      chunk = next.value;
    }
    let rows = 0;
    let stop = 0;
    while (rows < rowsMax && stop < chunk.length) {
      const end = chunk.indexOf(NEWLINE, stop);
      if (end !== -1) rows++;
      stop = end === -1 ? chunk.length : end + 1;
    }
    const bytes = chunk.subarray(0, stop);
    chunk = chunk.subarray(stop);
    return { bytes, rows, endsRow: bytes[stop - 1] === NEWLINE };
  };
}

/** Fills the stage with whole rows, as many as a batch may have; `last` where there are no more. */
async function fillStage(
  target: pg.Client,
  nextPiece: PieceReader,
  batchRows: number,
): Promise<{ rows: number; last: boolean }> {
  const stage = target.query(copyFrom('COPY pg_temp.banyan_stage FROM STDIN'));
  const written = finished(stage);
  // Awaited below; a failure in between must not count as one that nobody saw.
  written.catch(() => {});
  let rows = 0;
  let bytes = 0;
  let endsRow = true;
  try {
    for (;;) {
      if (endsRow && (rows >= batchRows || bytes >= BATCH_BYTES_MAX)) break;
      const piece = await nextPiece(bytes >= BATCH_BYTES_MAX ? 1 : batchRows - rows);
      if (piece === null) break;
      rows += piece.rows;
      bytes += piece.bytes.length;
      endsRow = piece.endsRow;
      if (!stage.write(piece.bytes)) await once(stage, 'drain');
    }
    stage.end();
    await written;
    return { rows, last: endsRow && rows < batchRows && bytes < BATCH_BYTES_MAX };
  } catch (error) {
    stage.destroy();
    throw error;
  }
}
