import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import express from 'express';
import { pino } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { createErrorMiddleware } from '../src/http/error-middleware.ts';
import type { ServerMessage } from '../src/live/protocol.ts';
import type { Place, SeatHub } from '../src/live/seat-hub.ts';
import { createSeatSocket, type SeatSocket } from '../src/live/seat-socket.ts';
import { createSeatSockets } from '../src/live/seat-sockets.ts';
import { createUpgrades } from '../src/live/upgrades.ts';

const LIMITS = { frameRate: { burst: 40, perSecond: 10 }, unreadBytesMax: 65_536, closeMs: 300 };

type Fixture = {
  client: WebSocket;
  accepted: WebSocket;
  /** What the room would send. */
  send(message: ServerMessage): void;
  seatSocket: SeatSocket;
  hasLeft(): boolean;
};

/** A client and the server's side of its socket, in a room of its own. */
async function withSocket(
  check: (fixture: Fixture) => Promise<void>,
  limits: Partial<typeof LIMITS> = {},
): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let send: Fixture['send'] = () => {};
  let hasLeft = false;
  const place: Place = {
    enter: (given) => {
      send = given;
    },
    pick: () => {},
    release: () => {},
    leave: () => {
      hasLeft = true;
    },
  };
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    autoPong: false,
  });
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  const seatSocket = createSeatSocket(accepted, '7', place, { ...LIMITS, ...limits }, () => new Date());
  try {
    await check({ client, accepted, send, seatSocket, hasLeft: () => hasLeft });
  } finally {
    client.terminate();
    server.close();
  }
}

describe('a socket', () => {
  test('that does not read is dropped with 1013, having cost no more than its bound', () =>
    withSocket(async ({ client, send, hasLeft }) => {
      client.pause();
      const message: ServerMessage = { type: 'error', message: 'x'.repeat(10_000) };
      const bytesMax = 64 * 1024 * 1024;
      let sent = 0;
      // The kernel's buffers take the first megabytes.
      while (!hasLeft() && sent < bytesMax) {
        send(message);
        sent += 10_000;
        await new Promise(setImmediate);
      }
      assert.ok(hasLeft(), `not dropped after ${sent} bytes`);
      send(message);
      const closed = once(client, 'close');
      client.resume();
      const [code] = await closed;
      assert.ok(code === 1013 || code === 1006, `closed with ${code}`);
    }));

  test('that reads again before it is cut learns that it was dropped for being slow', () =>
    withSocket(
      async ({ client, send, hasLeft }) => {
        client.pause();
        while (!hasLeft()) {
          send({ type: 'error', message: 'x'.repeat(10_000) });
          await new Promise(setImmediate);
        }
        const closed = once(client, 'close');
        client.resume();
        assert.equal((await closed)[0], 1013);
      },
      { closeMs: 60_000 },
    ));

  test('is dropped when a ping was not answered by the time of the next', () =>
    withSocket(async ({ client, accepted, seatSocket, hasLeft }) => {
      seatSocket.probe();
      await once(client, 'ping');
      client.pong();
      await once(accepted, 'pong');
      seatSocket.probe();
      await once(client, 'ping');
      const closed = once(client, 'close');
      seatSocket.probe();
      assert.equal((await closed)[0], 1006);
      await until(hasLeft, { deadlineMs: 20_000 });
    }));
});

test('sockets are bounded, of one account and of all; a place that is given back serves the next', async () => {
  const hub: Pick<SeatHub, 'open'> = {
    open: async () => ({ enter: () => {}, pick: () => {}, release: () => {}, leave: () => {} }),
  };
  const app = express();
  const upgrades = createUpgrades((req, res) => app(req, res));
  const parts = {
    hub: hub as SeatHub,
    upgrades,
    clock: () => new Date(),
    logger: pino({ level: 'silent' }),
    guards: {
      requireLogin: ((req, _res, next) => {
        const accountId = String(req.headers['x-account']);
        req.identity = { accountId, email: '', name: '', role: 'customer', via: 'session' };
        next();
      }) satisfies express.RequestHandler,
    } as never,
  };
  const sockets = createSeatSockets(parts, { socketsMax: 3, socketsPerAccountMax: 2, closeMs: 300 });
  app.use(sockets.router);
  app.use(createErrorMiddleware({ logger: parts.logger, randomBytes: Buffer.alloc }));
  const server = createServer(app);
  server.on('upgrade', upgrades.listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/seats?flight_id=7`;
  const open = async (account: string): Promise<WebSocket | string> => {
    const client = new WebSocket(url, { headers: { 'X-Account': account } });
    return new Promise((resolve) => {
      client.on('open', () => resolve(client));
      client.on('unexpected-response', (_req, res) => {
        resolve(`${res.statusCode} ${res.headers['retry-after']}`);
        res.destroy();
      });
      client.on('error', () => {});
    });
  };

  const first = await open('1');
  assert.ok(first instanceof WebSocket);
  assert.ok((await open('1')) instanceof WebSocket);
  assert.equal(await open('1'), '503 5');
  assert.ok((await open('2')) instanceof WebSocket);
  assert.equal(await open('3'), '503 5');
  first.close();
  await until(async () => (await open('3')) instanceof WebSocket, { deadlineMs: 20_000 });

  const closed = once(server, 'close');
  sockets.close();
  assert.equal(await open('9'), '503 5', 'none is let in any more');
  server.close();
  // Upgraded connections hold a server open, and nothing but their own end releases it.
  await closed;
});
