import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import type { Answer, HeaderLine } from './answer.ts';
import { expressJson } from './express-answers.ts';

const BODY = '{"name":"Ł","id":9007199254742993}';
const cases: { path: string; status: number; lines: readonly HeaderLine[] }[] = [
  { path: '/plain', status: 200, lines: [] },
  { path: '/created', status: 201, lines: [['Location', '/x/1']] },
  { path: '/tagged', status: 200, lines: [['ETag', '"7-1"']] },
  { path: '/dated', status: 200, lines: [['Last-Modified', 'Sun, 22 Nov 2026 19:30:00 GMT']] },
  { path: '/refused', status: 404, lines: [] },
];

const conditions: Record<string, string>[] = [
  {},
  { 'If-None-Match': '*' },
  { 'If-None-Match': '"7-1"' },
  { 'If-None-Match': 'W/"7-1", "other"' },
  { 'If-None-Match': '"7-1"', 'Cache-Control': 'no-cache' },
  { 'If-Modified-Since': 'Sun, 22 Nov 2026 19:30:00 GMT' },
  { 'If-Modified-Since': 'Sun, 22 Nov 2026 19:29:59 GMT' },
  { 'If-None-Match': '"stale"', 'If-Modified-Since': 'Sun, 22 Nov 2026 19:30:00 GMT' },
  { 'If-None-Match': '' },
];

/** The answers are held against Express itself, line by line. */
describe('an answer as Express writes it', () => {
  const app = express();
  for (const { path, status, lines } of cases) {
    app.all(path, (_request, response) => {
      for (const [name, value] of lines) response.set(name, value);
      response.status(status).type('json').send(BODY);
    });
  }
  const server = createServer(app);
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  for (const { path, status, lines } of cases) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      for (const headers of conditions) {
        it(`${method} ${path} ${JSON.stringify(headers)}`, async () => {
          const expected = await ask(method, path, headers);
          const small = Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
          );
          const get = (name: string): string | undefined => small[name];
          const answer = expressJson({ method, headers: { get, values: () => [] } }, status, BODY, lines);
          assert.deepEqual({ status: answer.status, lines: inOrder(answer) }, expected);
        });
      }
    }
  }

  const inOrder = ({ headers }: Answer): string[] => headers.map(([name, value]) => `${name}: ${value}`);

  async function ask(method: string, path: string, headers: Record<string, string>) {
    const { port } = server.address() as AddressInfo;
    const sent = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent: false }).end();
    const [response] = await once(sent, 'response');
    response.resume();
    const lines: string[] = [];
    for (let i = 0; i < response.rawHeaders.length; i += 2) {
      const [name, value] = response.rawHeaders.slice(i, i + 2);
      if (!['Date', 'Connection', 'Keep-Alive'].includes(name)) lines.push(`${name}: ${value}`);
    }
    return { status: response.statusCode, lines };
  }
});
