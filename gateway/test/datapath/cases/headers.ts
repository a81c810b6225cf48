import { strict as assert } from 'node:assert';
import { type Case, GET, OK, withoutForwarding } from '../kit/case.ts';

const ANSWER_HEAD = [
  'HTTP/1.1 404 Nicht gefunden, ne\xdf?',
  'x-lower: 1',
  'X-UPPER:  spaced  ',
  'Set-Cookie: a=1; Path=/',
  'Set-Cookie: b=2',
  'x-LoWeR: 2',
  'WWW-Authenticate: Basic realm="x"',
  'WWW-Authenticate: Bearer',
  'X-Latin: caf\xe9 \xff',
  'X-Empty:',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

export const headerCases: readonly Case[] = [
  {
    clause: 'headers: request',
    name: "request fields keep their names' case, order, repeats and Latin-1 values, Host among them",
    run: async (kit) => {
      const request =
        'GET / HTTP/1.1\r\nx-b: 1\r\nHOST: A.Example:8080\r\nX-a: caf\xe9\r\nX-B: 2\r\nCookie: a=1\r\n' +
        'cookie: b=2\r\nX-Empty:\r\nAccept:*/*\r\n\r\n';
      assert.equal(withoutForwarding(await kit.seen(request)), request);
    },
  },
  {
    clause: 'headers: response',
    name: 'the answer reaches the client byte for byte, and nothing is added to it',
    run: async (kit) => {
      const { client, head } = await kit.exchange(GET, ANSWER_HEAD);
      assert.equal(head, ANSWER_HEAD);
      await client.staysQuiet();
    },
  },
  {
    clause: 'headers: response',
    name: 'a status line without a reason, and without the space before it, stays so',
    run: async (kit) => {
      const bare = 'HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n';
      assert.equal((await kit.exchange(GET, bare)).head, bare);
    },
  },
  {
    clause: 'headers: hop-by-hop',
    name: 'fields of the hop, and those that Connection names, do not reach the monolith',
    run: async (kit) => {
      const head = await kit.seen(
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Hop, x-hop-2\r\nKeep-Alive: timeout=5\r\n' +
          'TE: trailers\r\nX-Hop: 1\r\nX-Kept: 1\r\nProxy-Connection: keep-alive\r\nX-HOP-2: 2\r\n' +
          'Proxy-Authorization: Basic x\r\nX-Last: 1\r\n\r\n',
      );
      assert.equal(withoutForwarding(head), 'GET / HTTP/1.1\r\nHost: a\r\nX-Kept: 1\r\nX-Last: 1\r\n\r\n');
    },
  },
  {
    clause: 'headers: hop-by-hop',
    name: 'Connection cannot name away Host or the framing',
    run: async (kit) => {
      const client = await kit.client();
      client.send(
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: host, content-length, x-forwarded-for\r\nContent-Length: 2\r\n\r\nab',
      );
      const upstream = await kit.upstream.take();
      const head = await upstream.readHead();
      assert.match(head, /\r\nHost: a\r\nContent-Length: 2\r\n/);
      assert.match(head, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
    },
  },
  {
    clause: 'headers: hop-by-hop',
    name: "the monolith's hop-by-hop fields, and those that its Connection names, do not reach the client",
    run: async (kit) => {
      const { head } = await kit.exchange(
        GET,
        'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nA: 1\r\nKeep-Alive: timeout=77\r\nX-Hop: 1\r\n' +
          'Proxy-Authenticate: Basic\r\nB: 2\r\nContent-Length: 2\r\nUpgrade: h2c\r\n\r\nok',
      );
      assert.equal(head, 'HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 2\r\n\r\n');
    },
  },
  {
    clause: 'headers: hop-by-hop',
    name: "the monolith's Connection: close ends its own connection, not the client's",
    run: async (kit) => {
      const client = await kit.client();
      for (let i = 0; i < 2; i++) {
        client.send(GET);
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok');
        upstream.end();
        await client.readUntil('ok');
      }
    },
  },
  {
    clause: 'headers: forwarding',
    name: 'what an untrusted client says about itself is replaced, in any spelling',
    run: async (kit) => {
      const head = await kit.seen(
        'GET / HTTP/1.1\r\nHost: a.example:81\r\nX-Forwarded-For: 6.6.6.6\r\nx_forwarded_for: 6.6.6.7\r\n' +
          'X-FORWARDED-PROTO: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.8\r\nX-Forwarded-Prefix: /e\r\nX-Real-IP: 6.6.6.9\r\n' +
          'X-Forwarded: kept\r\n\r\n',
      );
      assert.equal(
        head,
        'GET / HTTP/1.1\r\nHost: a.example:81\r\nX-Forwarded: kept\r\nX-Forwarded-For: 127.0.0.1\r\n' +
          'X-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example:81\r\n\r\n',
      );
    },
  },
  {
    clause: 'headers: forwarding',
    name: "a trusted proxy's fields are kept, and its address appended",
    settings: { trusted: ['10.0.0.0/8', '127.0.0.1'] },
    run: async (kit) => {
      const head = await kit.seen(
        'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nB: 1\r\n' +
          'X-Forwarded-For: 5.6.7.8\r\nForwarded: for=1.2.3.4\r\n\r\n',
      );
      assert.equal(
        head,
        'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nB: 1\r\nForwarded: for=1.2.3.4\r\n' +
          'X-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.1\r\nX-Forwarded-Host: a\r\n\r\n',
      );
    },
  },
  {
    clause: 'headers: forwarding',
    name: 'switched off, nothing is added and all of them pass untouched',
    settings: { forwarding: 'off' },
    run: async (kit) => {
      const request =
        'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=b\r\nB: 1\r\n\r\n';
      assert.equal(await kit.seen(request), request);
    },
  },
  {
    clause: 'headers: pipelining',
    name: 'pipelined requests are answered in order, on one upstream connection',
    run: async (kit) => {
      const client = await kit.client();
      client.send(
        'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHo',
      );
      const upstream = await kit.upstream.take();
      for (const n of ['1', '2', '3']) {
        assert.match(await upstream.readHead(), new RegExp(`^GET /${n} `));
        if (n === '2') client.send('st: a\r\n\r\n');
        await upstream.staysQuiet(20);
        upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${n}`);
        assert.equal(
          await client.readUntil(`\r\n\r\n${n}`),
          `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${n}`,
        );
      }
      assert.equal(kit.upstream.connections.length, 1);
    },
  },
  {
    clause: 'headers: pipelining',
    name: 'a head that comes byte by byte is the same head',
    run: async (kit) => {
      const client = await kit.client();
      for (const byte of GET) {
        client.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const upstream = await kit.upstream.take();
      assert.equal(withoutForwarding(await upstream.readHead()), GET);
      for (const byte of OK) {
        upstream.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
];
