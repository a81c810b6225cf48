import { strict as assert } from 'node:assert';
import { METHODS } from 'node:http';
import { type Case, OK, withoutForwarding } from '../kit/case.ts';

const OWN_METHODS = ['BASELINE-CONTROL', 'BAN', 'get', 'X!y'];
const TARGETS = [
  '/%zz/%',
  '/a%2Fb%2f%2e%2E',
  '//x//y',
  '/a/../b/./c/..',
  '/a;b=1;c/d;e',
  '/p?',
  '/?a=b?c&a&=',
  '/\xc3\xbc\xff?q=\xe2\x82\xac',
  '/"{}|\\^`<>[]\'',
  '/a#fragment',
  `/${'x'.repeat(8192)}`,
];

const line = (head: string): string => head.slice(0, head.indexOf('\r\n'));

export const requestLineCases: readonly Case[] = [
  {
    clause: 'request line: method',
    name: 'every method that Node knows and any other token reaches the monolith as it is',
    // Those that may not be repeated are to find a connection young enough, too.
    isTimeByHand: true,
    run: async (kit) => {
      const client = await kit.client();
      let upstream: Awaited<ReturnType<typeof kit.upstream.take>> | undefined;
      for (const method of [...METHODS.filter((name) => name !== 'CONNECT'), ...OWN_METHODS]) {
        client.send(`${method} /m HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
        upstream ??= await kit.upstream.take();
        assert.equal(line(await upstream.readHead()), `${method} /m HTTP/1.1`);
        upstream.send(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n' : OK);
        await client.readHead();
        if (method !== 'HEAD') await client.readExactly(2);
      }
    },
  },
  {
    clause: 'request line: method',
    name: 'CONNECT is refused with 501',
    run: async (kit) => {
      const client = await kit.client();
      client.send('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
      assert.match(await client.readHead(), /^HTTP\/1\.1 501 /);
      kit.assertUntouched();
    },
  },
  {
    clause: 'request line: path and query',
    name: 'the target reaches the monolith byte for byte',
    run: async (kit) => {
      const client = await kit.client();
      let upstream: Awaited<ReturnType<typeof kit.upstream.take>> | undefined;
      for (const target of TARGETS) {
        client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
        upstream ??= await kit.upstream.take();
        assert.equal(line(await upstream.readHead()), `GET ${target} HTTP/1.1`);
        upstream.send(OK);
        await client.readUntil('ok');
      }
    },
  },
  {
    clause: 'request line: OPTIONS *',
    name: 'the asterisk form reaches the monolith',
    run: async (kit) => {
      assert.equal(line(await kit.seen('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')), 'OPTIONS * HTTP/1.1');
    },
  },
  {
    clause: 'request line: absolute-form',
    name: 'an absolute target becomes origin-form, and its authority the Host',
    run: async (kit) => {
      const head = await kit.seen(
        'GET http://b.example:81/p//q?r HTTP/1.1\r\nHost: a.example\r\nX: 1\r\n\r\n',
      );
      assert.equal(withoutForwarding(head), 'GET /p//q?r HTTP/1.1\r\nHost: b.example:81\r\nX: 1\r\n\r\n');
    },
  },
  {
    clause: 'request line: absolute-form',
    name: 'an absolute target without a path asks for the root, or for * with OPTIONS',
    run: async (kit) => {
      assert.equal(line(await kit.seen('GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n')), 'GET /?q HTTP/1.1');
      assert.equal(
        line(await kit.seen('OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n')),
        'OPTIONS * HTTP/1.1',
      );
    },
  },
  {
    clause: 'request line: version',
    name: 'an HTTP/1.0 request is answered in its terms: chunks decoded, the end is the close',
    run: async (kit) => {
      const client = await kit.client();
      client.send('GET / HTTP/1.0\r\n\r\n');
      const upstream = await kit.upstream.take();
      assert.equal(line(await upstream.readHead()), 'GET / HTTP/1.0');
      upstream.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
      assert.deepEqual(await client.readToEnd(), {
        text: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde',
        how: 'end',
      });
    },
  },
  {
    clause: 'request line: version',
    name: 'an HTTP/1.0 client that asks for it keeps its connection',
    run: async (kit) => {
      const client = await kit.client();
      for (let i = 0; i < 2; i++) {
        client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(OK);
        assert.match(await client.readUntil('ok'), /\r\nConnection: keep-alive\r\n/i);
      }
    },
  },
];
