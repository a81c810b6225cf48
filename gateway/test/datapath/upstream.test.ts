import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { describe, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createLocalDial, type DialRequest } from '../../src/datapath/dial.ts';
import { pathThrough } from './kit/path-through.ts';
import { type ProxySettings, startOurs } from './kit/proxies.ts';
import { connectRaw } from './kit/raw-socket.ts';

const certificate = (name: string): string =>
  readFileSync(new URL(`./kit/certificates/${name}`, import.meta.url), 'utf8');
const SOON = { deadlineMs: 30_000 };
const GET = 'GET /x HTTP/1.1\r\nHost: shop.example\r\n\r\n';

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answerThrough(url: string, settings: ProxySettings, request = GET): Promise<string> {
  const proxy = await startOurs(url, settings);
  const client = await connectRaw(proxy.port);
  try {
    client.send(request);
    const head = await client.readHead();
    return head + (await client.readExactly(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)));
  } finally {
    client.destroy();
    await proxy.stop();
  }
}

describe('an https upstream', () => {
  const tls = { key: certificate('localhost.key'), cert: certificate('localhost.pem') };
  const start = async (): Promise<{
    server: Server;
    port: number;
    names: unknown[];
  }> => {
    const names: unknown[] = [];
    const server = createTlsServer(tls, (req, res) => {
      let length = 0;
      req.on('data', (piece: Buffer) => {
        length += piece.length;
      });
      req.on('end', () =>
        res.setHeader('Content-Length', 30).end(`${req.headers.host} ${length}`.padEnd(30)),
      );
    });
    server.on('secureConnection', (socket) => names.push(socket.servername));
    return { server, port: await listening(server), names };
  };

  test("is trusted by MONOLITH_CA alone; its name is the URL's, the Host the client's", async () => {
    const { server, port, names } = await start();
    try {
      const answer = await answerThrough(`https://localhost:${port}`, {
        authorities: certificate('authority.pem'),
      });
      assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*shop\.example 0 *$/);
      assert.deepEqual(names, ['localhost']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('carries a large upload', async () => {
    const { server, port } = await start();
    try {
      const request = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n${'x'.repeat(3_000_000)}`;
      const settings = { authorities: certificate('authority.pem') };
      assert.match(await answerThrough(`https://localhost:${port}`, settings, request), /a 3000000 *$/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('that nobody trusted has signed, or that is another, is not spoken to: 502', async () => {
    const { server, port } = await start();
    try {
      assert.match(await answerThrough(`https://localhost:${port}`, {}), /^HTTP\/1\.1 502 /);
      const settings = { authorities: certificate('authority.pem') };
      assert.match(await answerThrough(`https://127.0.0.1:${port}`, settings), /^HTTP\/1\.1 502 /);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test('of several addresses of a name the one that answers is used', async () => {
  // localhost is both ::1 and 127.0.0.1 on most machines; the server listens on one of them.
  const server = createServer((_req, res) => res.setHeader('Content-Length', 2).end('ok'));
  const port = await listening(server, '127.0.0.1');
  try {
    assert.match(await answerThrough(`http://localhost:${port}`, {}), /^HTTP\/1\.1 200 [\s\S]*ok$/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a server in this process is an upstream like any other, without a port', async () => {
  const server = createServer((req, res) => {
    req.pipe(res.setHeader('X-Local', 'yes'));
  });
  const path = pathThrough(createLocalDial(server));
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    for (let i = 0; i < 3; i++) {
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
      assert.match(await client.readHead(), /\r\nX-Local: yes\r\n/);
      assert.equal(await client.readUntil('0\r\n\r\n'), '5\r\nhello\r\n0\r\n\r\n');
    }
    assert.equal(path.heldBytes, 0);
    client.send('GET / HTTP/1.1\r\nHost: a');
    await until(() => path.heldBytes > 0, SOON);
    assert.equal(path.heldBytes, 512, 'the least that a head takes that has not come whole');
  } finally {
    client.destroy();
    await path.drain(100);
    assert.equal(path.heldBytes, 0);
  }
});

test('a server in this process may keep what it is sent, and send what it keeps', async () => {
  const constant = Buffer.alloc(200_000, 'c');
  const server = createServer((req, res) => {
    const kept: Buffer[] = [];
    req.on('data', (piece: Buffer) => kept.push(piece));
    req.on('end', () => {
      assert.equal(Buffer.concat(kept).toString('latin1'), 'u'.repeat(300_000));
      res.setHeader('Content-Length', constant.length).end(constant);
    });
  });
  const path = pathThrough(createLocalDial(server));
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    for (let i = 0; i < 2; i++) {
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${'u'.repeat(300_000)}`);
      await client.readHead();
      assert.equal((await client.readExactly(constant.length)).toString('latin1'), 'c'.repeat(200_000));
    }
  } finally {
    client.destroy();
    await path.drain(100);
  }
});

test('a handler that fails after it forwarded is a 500, and no second answer follows it', async () => {
  const server = createServer((_req, res) => setTimeout(() => res.end('from the monolith'), 50));
  const path = pathThrough(createLocalDial(server), {
    handle: async (exchange, upstream) => {
      exchange.forward(upstream);
      throw new Error('on purpose');
    },
    reportFailure: () => {},
  });
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    client.send(GET);
    const head = await client.readHead();
    assert.match(head, /^HTTP\/1\.1 500 /);
    await client.readExactly(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    await client.staysQuiet(200);
  } finally {
    client.destroy();
    await path.drain(100);
  }
});

for (const [why, code] of [
  ['refused', 'ECONNREFUSED'],
  ['timeout', 'ETIMEDOUT'],
] as const) {
  test(`a connection that comes back while a GET dials serves it, once the dial has failed (${why})`, async () => {
    const held: ServerResponse[] = [];
    const server = createServer((_req, res) => {
      held.push(res);
    });
    const local = createLocalDial(server);
    const dials: DialRequest[] = [];
    const path = pathThrough((request) => {
      dials.push(request);
      return dials.length === 1 ? local(request) : () => {};
    });
    const fail = (dial: DialRequest | undefined): void =>
      dial?.failed(Object.assign(new Error(why), { code }), why);
    const { port } = await path.listen(0, '127.0.0.1');
    const clients = [await connectRaw(port), await connectRaw(port)] as const;
    try {
      clients[0].send(GET);
      await until(() => held.length === 1, SOON);
      clients[1].send(GET);
      await until(() => dials.length === 2, SOON);
      held[0]?.setHeader('Content-Length', 5).end('first');
      await clients[0].readUntil('first');
      fail(dials[1]);
      await until(() => held.length === 2, SOON);
      held[1]?.setHeader('Content-Length', 6).end('second');
      await clients[1].readUntil('second');
      assert.equal(dials.length, 2);
    } finally {
      for (const client of clients) client.destroy();
      await path.drain(100);
    }
  });
}
