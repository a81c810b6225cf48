import { createHash } from 'node:crypto';
import { type Answer, expressRaw, type HeaderLine, type TranslationRequest } from '@banyan/gateway/carve-out';
import { stringify } from 'csv-stringify/sync';

export type CsvFile<Row> = {
  readonly fileName: string;
  readonly columns: readonly string[];
  /** Begins to read them; not called for HEAD. */
  readonly rows: () => AsyncIterable<readonly Row[]>;
  /** The values of a row, in the order of the columns. */
  readonly toRow: (row: Row) => readonly unknown[];
};

/**
 * A file that is written as it is read, with its row count and digest behind it. Waits for the first batch: a service
 * that fails before it is still answered with an error.
 */
export async function csvAnswer<Row>(
  request: Pick<TranslationRequest, 'method'>,
  file: CsvFile<Row>,
): Promise<Answer> {
  const head: readonly HeaderLine[] = [
    ['Content-Type', 'text/csv; charset=utf-8'],
    ['Content-Disposition', `attachment; filename="${file.fileName}"`],
  ];
  if (request.method === 'HEAD') return expressRaw(200, head, null);
  const batches = file.rows()[Symbol.asyncIterator]();
  const first = await batches.next();
  const hash = createHash('sha256');
  let rowCount = 0;

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      const header = Buffer.from(lines([file.columns]));
      hash.update(header);
      yield header;
      for (let batch = first; !batch.done; batch = await batches.next()) {
        if (batch.value.length === 0) continue;
        rowCount += batch.value.length;
        const bytes = Buffer.from(lines(batch.value.map(file.toRow)));
        hash.update(bytes);
        yield bytes;
      }
    } finally {
      await batches.return?.();
    }
  }

  return expressRaw(200, [...head, ['Trailer', 'X-Row-Count, X-Content-SHA256']], body(), () => [
    ['X-Row-Count', String(rowCount)],
    ['X-Content-SHA256', hash.digest('hex')],
  ]);
}

function lines(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows as unknown[][], { record_delimiter: 'windows' });
}
