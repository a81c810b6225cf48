import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { after, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createClient } from './support/client.ts';
import { startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after }, { env: { MERIDIAN_DRAIN_MS: '60000' } });
const { pool } = monolith.monolith;

type Stream = { response: IncomingMessage; text(): string; close(): void; ended: Promise<void> };

function open(path: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: monolith.port,
      path: `/api/v1${path}`,
      headers,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      const ended = new Promise<void>((end) => response.on('close', end));
      response.on('error', () => {});
      response.on('data', (chunk) => {
        text += chunk;
      });
      resolve({ response, text: () => text, close: () => outgoing.destroy(), ended });
    });
    outgoing.end();
  });
}

test('a stream begins with the retry time and the status, and tells every change once', async () => {
  const stream = await open('/flights/3/status/stream');
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.equal(stream.response.headers['cache-control'], 'no-cache');
  await until(() => stream.text().includes('event: status'), { deadlineMs: 20_000 });
  assert.match(
    stream.text(),
    /^retry: 3000\n\nid: 1\nevent: status\ndata: \{"flight_id":3,"number":"MA\d+",[^\n]*\}\n\n$/,
  );
  await pool.query(`UPDATE flights SET gate = 'Z9', status = 'DELAYED' WHERE id = 3`);
  await pool.query(`UPDATE flights SET gate = 'Z9' WHERE id IN (3, 4)`);
  await until(() => stream.text().includes('id: 2\n'), { deadlineMs: 20_000 });
  assert.match(stream.text(), /id: 2\nevent: status\ndata: [^\n]*"status":"DELAYED","gate":"Z9"/);
  stream.close();
});

test('who has the current event gets no repeat, but the next change', async () => {
  const stream = await open('/flights/5/status/stream', { 'last-event-id': '1' });
  await until(() => stream.text() === 'retry: 3000\n\n', { deadlineMs: 20_000 });
  await pool.query(`UPDATE flights SET gate = 'Y1' WHERE id = 5`);
  await until(() => stream.text().includes('"gate":"Y1"'), { deadlineMs: 20_000 });
  stream.close();
  const behind = await open('/flights/5/status/stream', { 'last-event-id': '1' });
  await until(() => behind.text().includes('id: 2\n'), { deadlineMs: 20_000 });
  behind.close();
});

test('many streams cost one query a second', async () => {
  const streams = await Promise.all(
    Array.from({ length: 50 }, (_, index) => open(`/flights/${index + 6}/status/stream`)),
  );
  await until(() => streams.every((stream) => stream.text().includes('event: status')), {
    deadlineMs: 20_000,
  });
  let queries = 0;
  const { query } = pool;
  pool.query = ((...args: Parameters<typeof query>) => {
    queries += 1;
    return query.apply(pool, args);
  }) as typeof query;
  await pool.query(`UPDATE flights SET gate = 'X7' WHERE id = 55`);
  await until(() => streams.at(-1)?.text().includes('X7'), { deadlineMs: 20_000 });
  pool.query = query;
  assert.ok(queries <= 4, `${queries} queries`);
  for (const stream of streams) stream.close();
});

test('an unknown flight is 404, HEAD ends at once, a stop ends the streams', async () => {
  const client = createClient(monolith.port);
  assert.equal(
    (await client.get('/flights/999/status/stream')).text,
    '{"error":"not_found","message":"No such flight."}',
  );
  const head = await client.call('/flights/3/status/stream', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-type'], head.text], [200, 'text/event-stream', '']);
  const stream = await open('/flights/3/status/stream');
  const startedMs = performance.now();
  await monolith.monolith.stop();
  await stream.ended;
  assert.ok(performance.now() - startedMs < 30_000);
});
