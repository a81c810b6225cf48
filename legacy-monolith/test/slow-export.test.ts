import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { createCsvExporter } from '@meridian/monolith/http/csv';
import express from 'express';
import pg from 'pg';

const ROWS = 20_000;
const ANSWER_MS = 300;

it('an export is whole, however slowly its client reads', { timeout: 20_000 }, async () => {
  const database = await createTestDatabase('empty');
  // The pool's limit for an answer, far shorter than the client takes for the file.
  const pool = new pg.Pool({ connectionString: database.url, query_timeout: ANSWER_MS });
  const exportCsv = createCsvExporter(pool, 1);
  const app = express();
  app.get('/export.csv', (req, res) =>
    exportCsv(req, res, {
      filename: 'export.csv',
      columns: ['n'],
      sql: `SELECT n || repeat('x', 900) AS n FROM generate_series(1, ${ROWS}) n`,
      params: [],
      toRow: ({ n }) => [n],
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, path: '/export.csv', host: '127.0.0.1' }, resolve).on('error', reject);
    });
    const startedAt = performance.now();
    let lines = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      lines += chunk.filter((byte) => byte === 0x0a).length;
      if (performance.now() - startedAt < 3 * ANSWER_MS) await pause(20);
    }
    assert.equal(lines, ROWS + 1);
    assert.equal(response.trailers['x-row-count'], String(ROWS));
  } finally {
    server.close();
    await pool.end();
    await database.drop();
  }
});
