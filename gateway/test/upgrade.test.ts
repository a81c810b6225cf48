import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { sendRaw } from './support/raw-client.ts';
import { refusedUrl, startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';

const HANDSHAKE =
  'GET /ws HTTP/1.1\r\nHost: shop.example\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\n\r\n';

describe('an upgrade', () => {
  it('becomes a connection to the monolith, both ways, with what came along with the handshake', async () => {
    let seen: IncomingMessage | undefined;
    await using upstream = await startUpstream(() => {});
    upstream.server.on('upgrade', (request, socket, head) => {
      seen = request;
      socket.write(SWITCHED);
      socket.write(`hello ${head}`);
      socket.on('data', (chunk) => socket.write(`echo ${chunk}`));
      socket.on('end', () => socket.end());
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port, logLines }) => {
      const { socket, receive } = sendRaw(port, `${HANDSHAKE}early`);
      await receive((text) => text.includes('early'));
      socket.write('later');
      const text = await receive((text) => text.endsWith('echo later'));
      assert.ok(text.startsWith(SWITCHED), text);
      assert.equal(seen?.headers['sec-websocket-protocol'], 'a, b');
      assert.equal(seen?.headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(seen?.headers.host, 'shop.example');
      socket.destroy();
      const line = await until(async () => (await logLines()).find(({ msg }) => msg === 'request'), {
        deadlineMs: 30_000,
      });
      assert.equal(line.status, 101);
      assert.equal(line.upgrade, true);
    });
  });

  it('that the monolith refuses is refused with its own status and body', async () => {
    await using upstream = await startUpstream(() => {});
    upstream.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 403 Not You\r\nContent-Length: 6\r\nX-Why: because\r\n\r\nsorry\n');
    });
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
      const { receive, received, socket } = sendRaw(port, HANDSHAKE);
      await receive((text) => text.endsWith('sorry\n'));
      socket.destroy();
      assert.match(received(), /^HTTP\/1.1 403 Not You\r\n[\s\S]*x-why: because\r\n[\s\S]*\r\nsorry\n$/i);
    });
  });

  it('to a monolith that is away is answered 502', async () => {
    await withGateway({ env: { MONOLITH_URL: await refusedUrl() } }, async ({ port }) => {
      const { receive, received, socket } = sendRaw(port, HANDSHAKE);
      await receive((text) => text.endsWith('}\n'));
      socket.destroy();
      assert.match(received(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    });
  });

  it('to a monolith that never answers is answered 504', async () => {
    await using upstream = await startUpstream(() => {});
    upstream.server.on('upgrade', (_request, socket) => {
      socket.on('end', () => socket.end()).resume();
    });
    const env = { MONOLITH_URL: upstream.url, FIRST_BYTE_TIMEOUT_MS: '100' };
    await withGateway({ env }, async ({ port }) => {
      const { receive, received, socket } = sendRaw(port, HANDSHAKE);
      await receive((text) => text.endsWith('}\n'));
      socket.destroy();
      assert.match(received(), /^HTTP\/1.1 504 Gateway Timeout\r\n/);
    });
  });

  for (const side of ['the client', 'the monolith'] as const) {
    it(`ends on both sides when ${side} leaves`, async () => {
      await using upstream = await startUpstream(() => {});
      let upstreamClosed = false;
      upstream.server.on('upgrade', (_request, socket) => {
        socket.write(SWITCHED);
        socket.on('error', () => {});
        socket.on('end', () => socket.end());
        socket.on('close', () => {
          upstreamClosed = true;
        });
        socket.on('data', () => socket.destroy());
      });
      await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
        const { socket, receive, ended } = sendRaw(port, HANDSHAKE);
        await receive((text) => text.endsWith('\r\n\r\n'));
        if (side === 'the client') socket.destroy();
        else socket.write('leave');
        await ended();
        await until(() => upstreamClosed, { deadlineMs: 30_000 });
      });
    });
  }
});
