import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const { pool } = monolith.monolith;
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
const agent = await logIn(monolith.port, 'agent@meridian.example');

const exporting = `SELECT count(*)::integer AS n FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE '%AS passengers%' AND state <> 'idle' AND pid <> pg_backend_pid()`;
const exportsUnderWay = async (): Promise<number> => (await pool.query(exporting)).rows[0].n;

test('the file is chunked, oldest first, and its trailers count and prove it', async () => {
  const answer = await agent.get('/bookings/export.csv');
  assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="bookings.csv"');
  assert.equal(answer.headers['transfer-encoding'], 'chunked');
  assert.equal(answer.headers.trailer, 'X-Row-Count, X-Content-SHA256');
  const [head, ...lines] = answer.text.split('\r\n');
  assert.equal(
    head,
    'id,reference,status,account_id,flight_number,from,to,departs_at,fare_class,passengers,total_amount,currency,created_at',
  );
  assert.equal(lines.pop(), '');
  assert.deepEqual(answer.trailers, {
    'x-row-count': String(lines.length),
    'x-content-sha256': createHash('sha256').update(answer.text).digest('hex'),
  });
  assert.equal(lines.length, 200);
  const created = lines.map((line) => line.split(',').at(-1) as string);
  assert.deepEqual(created, created.toSorted());
});

test('days select, both included; a partner gets its own; bad days are a 422', async () => {
  const all = (await partner.get('/bookings/export.csv')).text.split('\r\n').slice(1, -1);
  const own = await pool.query('SELECT count(*)::integer AS n FROM bookings WHERE account_id = 5');
  assert.equal(all.length, own.rows[0].n);
  const day = (all[0] as string).split(',').at(-1)?.slice(0, 10);
  const ofDay = (await partner.get(`/bookings/export.csv?from=${day}&to=${day}`)).text
    .split('\r\n')
    .slice(1, -1);
  assert.deepEqual(
    ofDay,
    all.filter((line) =>
      line
        .split(',')
        .at(-1)
        ?.startsWith(day as string),
    ),
  );
  const empty = await partner.get('/bookings/export.csv?from=2030-01-01');
  assert.equal(empty.trailers['x-row-count'], '0');
  assert.match(empty.text, /^id,[^\n]*\r\n$/);
  const bad = await partner.get('/bookings/export.csv?from=2026-13-01');
  assert.equal(bad.text, '{"status":"error","code":"BKG-422","message":"from must be a day, YYYY-MM-DD"}');
});

test('customers and accountants are refused', async () => {
  for (const email of ['alice@example.com', 'accounts@meridian.example']) {
    const client = await logIn(monolith.port, email);
    assert.equal((await client.get('/bookings/export.csv')).json.code, 'BKG-403');
  }
});

test('HEAD gives the headers and announces no trailer; HTTP/1.0 gets the file without', async () => {
  const head = await partner.call('/bookings/export.csv', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.trailer, head.text], [200, undefined, '']);
  assert.equal(head.headers['content-type'], 'text/csv; charset=utf-8');
  const old = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(monolith.port, '127.0.0.1');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.write(`GET /api/v1/bookings/export.csv HTTP/1.0\r\nX-Api-Key: ${KEYS.globetrotter}\r\n\r\n`);
  });
  assert.match(old, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(old, /\r\ntrailer:/i);
  assert.match(old, /\r\n\r\nid,reference,/);
});

/** More than fits into the sockets' buffers. */
async function insertManyBookings(): Promise<void> {
  const client = new pg.Client({ connectionString: monolith.databaseUrl });
  await client.connect();
  // The rows refer to what the seed has: checking that row by row would take longer than the test.
  await client.query('SET session_replication_role = replica');
  await client.query(`
    INSERT INTO bookings (id, account_id, flight_id, fare_class, status, contact_email, base_amount, tax_amount,
                          total_amount, currency, created_at, updated_at)
    SELECT 1000001 + 2 * n, 5, 1, 'FLEX', 'CANCELLED', 'x@example.com', 1, 0, 1, 'EUR', '2026-01-01', '2026-01-01'
    FROM generate_series(1, 100000) AS n`);
  await client.query('ANALYZE bookings');
  await client.end();
}

/** An export whose client has read the beginning and then reads no more. */
async function stalledExport(): Promise<Socket> {
  const socket = connect(monolith.port, '127.0.0.1');
  socket.on('error', () => {});
  const head = `Host: x\r\nCookie: ${agent.cookie}\r\nConnection: close`;
  socket.write(`GET /api/v1/bookings/export.csv HTTP/1.1\r\n${head}\r\n\r\n`);
  const [chunk] = await once(socket, 'data');
  socket.pause();
  assert.match(String(chunk), /^HTTP\/1\.1 200/);
  return socket;
}

test('clients that stop reading hold five connections at most; hanging up gives them back', async () => {
  await insertManyBookings();
  const sockets = await Promise.all(Array.from({ length: 5 }, stalledExport));
  assert.equal(await exportsUnderWay(), 5);
  const sixth = await partner.get('/bookings/export.csv');
  assert.deepEqual([sixth.status, sixth.json.code, sixth.headers['retry-after']], [503, 'BKG-503', '5']);
  // Requests have connections of their own.
  assert.equal((await partner.get('/bookings?per_page=1')).status, 200);
  for (const socket of sockets) socket.destroy();
  await until(async () => (await exportsUnderWay()) === 0, {
    deadlineMs: 20_000,
    what: 'the connections free',
  });
  assert.equal((await partner.get('/bookings/export.csv?from=2026-11-01')).status, 200);
  assert.doesNotMatch(monolith.log(), /"level":"error"/);
});

test('a database that goes away in the middle cuts the file off, without the trailers of a whole one', async () => {
  const socket = await stalledExport();
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await until(async () => (await exportsUnderWay()) === 1, {
    deadlineMs: 20_000,
    what: 'that the test before has let go',
  });
  const ended = await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%AS passengers%' AND state <> 'idle' AND pid <> pg_backend_pid()`);
  assert.equal(ended.rowCount, 1);
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  // Paused, it would not hear of the end behind what it has not read.
  socket.resume();
  await closed;
  assert.doesNotMatch(text, /x-content-sha256: /i);
  assert.match(monolith.log(), /"level":"error"/);
  assert.equal((await agent.get('/bookings/export.csv?from=2026-11-01')).status, 200);
});
