import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { sendRaw } from './support/raw-client.ts';
import { startRawUpstream, startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';

const ECHOED_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT'];

describe('a request passes through', () => {
  it('with its method, raw target and body, whatever they are', async () => {
    await using upstream = await startUpstream(async (request, response) => {
      const body = await readAll(request);
      response.end(JSON.stringify([request.method, request.url, body]));
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      for (const method of ECHOED_METHODS) {
        for (const target of ['/', '//x', '/a%zz/../b?', '/%2F?a=1&a=2', `/${'x'.repeat(8_192)}`]) {
          const { socket, receive } = sendRaw(
            port,
            `${method} ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`,
          );
          const text = await receive((text) => text.includes(']'));
          assert.deepEqual(JSON.parse(text.slice(text.indexOf('['))), [method, target, 'abc']);
          socket.destroy();
        }
      }
    });
  });

  it('with its headers in case, order and number, without those of the connection', async () => {
    let seen: string[] = [];
    await using upstream = await startUpstream((request, response) => {
      seen = request.rawHeaders;
      response.end('ok');
    });
    const env = { MONOLITH_URL: upstream.url, FORWARDED_HEADERS: 'off' };
    await withGateway({ env }, async ({ port }) => {
      const { receive, socket } = sendRaw(
        port,
        'GET / HTTP/1.1\r\nHOST: shop.example\r\nX-Zoo: 1\r\nCookie: a=1\r\nx-hop: secret\r\nTE: trailers\r\n' +
          'aCCept: */*\r\nX-Zoo: 2\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=9\r\nX-Latin: \xe9\r\n\r\n',
      );
      await receive((text) => text.endsWith('ok'));
      socket.destroy();
    });
    assert.deepEqual(
      seen
        .join('\n')
        .replace(/\nConnection\nkeep-alive$/, '')
        .split('\n'),
      [
        ...['HOST', 'shop.example', 'X-Zoo', '1', 'Cookie', 'a=1'],
        ...['aCCept', '*/*', 'X-Zoo', '2', 'X-Latin', '\xe9'],
      ],
    );
  });

  it('and a request without a body gets none', async () => {
    let seen: string[] = [];
    await using upstream = await startUpstream((request, response) => {
      seen = request.rawHeaders.map((text) => text.toLowerCase());
      response.end('ok');
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const { receive, socket } = sendRaw(port, `${method} / HTTP/1.1\r\nHost: h\r\n\r\n`);
        await receive((text) => text.endsWith('ok'));
        socket.destroy();
        assert.ok(
          !seen.includes('content-length') && !seen.includes('transfer-encoding'),
          `${method}: ${seen}`,
        );
      }
    });
  });
});

describe('a response passes through', () => {
  it('with status, reason, headers in case, order and number, trailers and the monolith’s Date', async () => {
    await using upstream = await startRawUpstream((socket) => {
      socket.once('data', () => {
        socket.write(
          'HTTP/1.1 299 Very Fine\r\nX-Powered-By: Express\r\nset-cookie: a=1\r\nWWW-Authenticate: A\r\nSet-Cookie: b=2\r\n' +
            'WWW-Authenticate: B\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nX-Latin: \xe9\r\nTransfer-Encoding: chunked\r\n' +
            'Trailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n',
          'latin1',
        );
      });
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      const { receive, socket } = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      const text = await receive((text) => text.endsWith('X-Sum: 3\r\n\r\n'));
      socket.destroy();
      assert.equal(
        text,
        'HTTP/1.1 299 Very Fine\r\nX-Powered-By: Express\r\nset-cookie: a=1\r\nWWW-Authenticate: A\r\nSet-Cookie: b=2\r\n' +
          'WWW-Authenticate: B\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\nX-Latin: \xe9\r\nTransfer-Encoding: chunked\r\n' +
          'Trailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n',
      );
    });
  });

  it('as it comes: events are not held back, nor is a head without a body yet', async () => {
    await using upstream = await startUpstream((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      request.socket.once('drain', () => {});
      upstream.server.once('next', () => response.write('data: 1\n\n'));
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      const { receive, received, socket } = sendRaw(port, 'GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
      await receive((text) => text.includes('\r\n\r\n'));
      assert.ok(!received().includes('data:'));
      upstream.server.emit('next');
      await receive((text) => text.includes('data: 1\n\n'));
      socket.destroy();
    });
  });

  it('at the speed of its reader: the monolith is held back, not buffered', async () => {
    let written = 0;
    await using upstream = await startUpstream((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const write = (): void => {
        while (written < 64 * 1_048_576) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      const { socket } = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      socket.pause();
      let before = -1;
      await until(
        () => {
          const still = written === before;
          before = written;
          return still && written > 0;
        },
        { deadlineMs: 30_000, everyMs: 200 },
      );
      assert.ok(written < 32 * 1_048_576, `${written} bytes were taken from the monolith`);
      socket.destroy();
    });
  });

  it('even where the monolith declines an upgrade by answering', async () => {
    await using upstream = await startUpstream((_request, response) => response.end('plain'));
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      const { receive, socket } = sendRaw(
        port,
        'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
      );
      await receive((text) => text.endsWith('plain'));
      socket.destroy();
    });
  });
});

describe('forwarding headers', () => {
  const cases = [
    {
      rule: 'of an untrusted client are replaced',
      env: {},
      expected: {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'shop.example',
      },
    },
    {
      rule: 'of a trusted proxy are believed and extended',
      env: { TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.0/8' },
      expected: {
        'x-forwarded-for': '6.6.6.6, 127.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'shop.example',
        forwarded: 'for=6.6.6.6',
      },
    },
    {
      rule: 'pass untouched when turned off',
      env: { FORWARDED_HEADERS: 'off' },
      expected: { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', forwarded: 'for=6.6.6.6' },
    },
  ];
  for (const { rule, env, expected } of cases) {
    it(rule, async () => {
      let seen: IncomingMessage['headers'] = {};
      await using upstream = await startUpstream((request, response) => {
        seen = request.headers;
        response.end('ok');
      });
      await withGateway({ env: { MONOLITH_URL: upstream.url, ...env } }, async ({ port }) => {
        const { receive, socket } = sendRaw(
          port,
          'GET / HTTP/1.1\r\nHost: shop.example\r\nx-forwarded-for: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n\r\n',
        );
        await receive((text) => text.endsWith('ok'));
        socket.destroy();
      });
      const got = Object.fromEntries(Object.entries(seen).filter(([name]) => name.includes('forwarded')));
      assert.deepEqual(got, expected);
    });
  }
});

it('an upload streams: the monolith reads before the client is done', async () => {
  await using upstream = await startUpstream((request, response) => {
    request.once('data', (chunk) => {
      response.write(`got ${chunk}`);
      request.on('data', (more) => response.write(` and ${more}`)).on('end', () => response.end('.'));
    });
  });
  await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
    const upload = httpRequest({ port, method: 'POST' });
    upload.write('one');
    const [response] = (await once(upload, 'response')) as [IncomingMessage];
    upload.end('two');
    assert.equal(await readAll(response), 'got one and two.');
  });
});

async function readAll(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
