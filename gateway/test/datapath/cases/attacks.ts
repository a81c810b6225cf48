import { strict as assert } from 'node:assert';
import { type Case, GET, OK } from '../kit/case.ts';

/** Before the limits that hold where a case sets none. */
const LATE_MS = 9_000;
const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** Heads that must be refused before a byte reaches the monolith: name, bytes, status. */
const REFUSED: readonly (readonly [string, string, number])[] = [
  [
    'Content-Length with Transfer-Encoding',
    `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'the same in the other order',
    `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
  ['the same length twice', `${HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab`, 400],
  ['a list of lengths', `${HEAD}Content-Length: 2, 2\r\n\r\nab`, 400],
  ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n`, 400],
  ['a signed length', `${HEAD}Content-Length: +2\r\n\r\nab`, 400],
  ['a hexadecimal length', `${HEAD}Content-Length: 0x2\r\n\r\nab`, 400],
  ['an empty length', `${HEAD}Content-Length: \r\n\r\n`, 400],
  ['a length beyond numbers', `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`, 400],
  ['a coding that only looks like chunked', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n`, 400],
  ['chunked twice', `${HEAD}Transfer-Encoding: chunked, chunked\r\n\r\n`, 400],
  ['chunked on two lines', `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ['chunked not last', `${HEAD}Transfer-Encoding: chunked, gzip\r\n\r\n`, 400],
  ['identity', `${HEAD}Transfer-Encoding: identity\r\n\r\n`, 400],
  ['chunked with a parameter', `${HEAD}Transfer-Encoding: chunked;q=1\r\n\r\n`, 400],
  ['chunked behind a vertical tab', `${HEAD}Transfer-Encoding: \x0bchunked\r\n\r\n`, 400],
  ['chunked with a tab behind it (found by fuzzing)', `${HEAD}Transfer-Encoding: chunked\t\r\n\r\n`, 400],
  ['chunked in quotes', `${HEAD}Transfer-Encoding: "chunked"\r\n\r\n`, 400],
  ['an empty coding', `${HEAD}Transfer-Encoding:\r\n\r\n`, 400],
  ['a coding that is not supported', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ['a coding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['obsolete folding', `GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n`, 400],
  ['folding of the first field', `GET / HTTP/1.1\r\n Host: a\r\n\r\n`, 400],
  ['a bare LF behind the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
  ['a bare LF behind a field', 'GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n', 400],
  ['bare LFs throughout', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['a bare CR in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n', 400],
  ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\x002\r\n\r\n', 400],
  ['a control character in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x1b[1m\r\n\r\n', 400],
  ['NUL in a name', 'GET / HTTP/1.1\r\nHost: a\r\nX\x00: 1\r\n\r\n', 400],
  ['NUL in the target', 'GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a space before the colon', `${HEAD}Content-Length : 2\r\n\r\nab`, 400],
  ['a tab before the colon', `${HEAD}Transfer-Encoding\t: chunked\r\n\r\n`, 400],
  ['a line without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n', 400],
  ['an empty name', 'GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n', 400],
  ['a non-ASCII name', 'GET / HTTP/1.1\r\nHost: a\r\nX\xe9: 1\r\n\r\n', 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  ['a Host that is a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['a Host with a user', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 400],
  ['an absolute target with a user', 'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  [
    'an absolute target with a fragment for a path (found by fuzzing)',
    'GET http://a#b/c HTTP/1.1\r\nHost: a\r\n\r\n',
    400,
  ],
  ['a target of another scheme', 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target without a slash', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['an asterisk without OPTIONS', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['two spaces in the request line', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a tab in the request line', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a leading space', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['a version in small letters', 'GET / http/1.1\r\nHost: a\r\n\r\n', 400],
  ['HTTP/1.10', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n', 400],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 505],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['TLS spoken to a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a flood of field lines', `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(3000)}\r\n`, 431],
  ['a head beyond 64 KB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
  ['a target beyond 64 KB', `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ['a method beyond reason', `${'M'.repeat(100)} / HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
  ['a flood of empty lines', `${'\r\n'.repeat(50)}${GET}`, 400],
];

/** Chunked bodies that must never end the request: what comes behind must not be taken for another. */
const BAD_CHUNKS: readonly (readonly [string, string])[] = [
  ['a hexadecimal prefix', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a sign', '+3\r\nabc\r\n0\r\n\r\n'],
  ['a space before the size', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['a space behind the size', '3 \r\nabc\r\n0\r\n\r\n'],
  ['a bare LF behind the size', '3\nabc\r\n0\r\n\r\n'],
  ['a bare CR behind the size', '3\rabc\r\n0\r\n\r\n'],
  ['a bare LF behind the data', '3\r\nabc\n0\r\n\r\n'],
  ['data longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
  ['a size beyond numbers', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  ['an empty size', '\r\nabc\r\n0\r\n\r\n'],
  ['an extension with a bare LF', '3;a\nb\r\nabc\r\n0\r\n\r\n'],
  ['an extension with a bare CR', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
  ['an extension with NUL', '3;\x00\r\nabc\r\n0\r\n\r\n'],
  ['a flood of extensions', `${`1;${'e'.repeat(1000)}\r\na\r\n`.repeat(20)}0\r\n\r\n`],
  ['a folded trailer', '3\r\nabc\r\n0\r\nX: 1\r\n 2\r\n\r\n'],
  ['a bare LF in a trailer', '3\r\nabc\r\n0\r\nX: 1\nY: 2\r\n\r\n'],
  ['a Content-Length in a trailer', '3\r\nabc\r\n0\r\nContent-Length: 0\r\n\r\n'],
  ['a Transfer-Encoding in a trailer', '0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a flood of trailers', `0\r\n${`X: ${'x'.repeat(1000)}\r\n`.repeat(30)}\r\n`],
];

const MALFORMED_ANSWERS: readonly (readonly [string, string])[] = [
  [
    'Content-Length with Transfer-Encoding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n'],
  ['a coding that is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedx\r\n\r\n'],
  ['obsolete folding', 'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
  ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
  [
    'a bare CR that splits the answer',
    'HTTP/1.1 200 OK\r\nX: 1\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n',
  ],
  [
    'a control character in the reason (found by fuzzing)',
    'HTTP/1.1 200 O\x0bK\r\nContent-Length: 0\r\n\r\n',
  ],
  ['a status of 0 (found by fuzzing)', 'HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n'],
  [
    'a line end before the status line (found by fuzzing)',
    '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  ],
  [
    'a coding in HTTP/1.0 (found by fuzzing)',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 0\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
  ['a status that is no number', 'HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a bad chunk size at once', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a head beyond 64 KB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  ['interim answers without end', 'HTTP/1.1 103 Hint\r\n\r\n'.repeat(200)],
];

export const attackCases: readonly Case[] = [
  ...REFUSED.map(
    ([name, bytes, status]): Case => ({
      clause: 'attack: ambiguous or malformed request',
      name: `${name}: ${status}, connection closed, nothing reaches the monolith`,
      run: async (kit) => {
        const client = await kit.client();
        client.send(bytes);
        const { text } = await client.readToEnd();
        assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\nConnection: close\\r\\n`));
        kit.assertUntouched();
      },
    }),
  ),
  ...BAD_CHUNKS.map(
    ([name, body]): Case => ({
      clause: 'attack: chunk tricks',
      name: `${name} in a chunked upload: refused, and what follows is no request`,
      run: async (kit) => {
        const client = await kit.client();
        client.send(`${CHUNKED}${body}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
        const upstream = await kit.upstream.take();
        const { text } = await upstream.readToEnd();
        assert.doesNotMatch(text, /smuggled/);
        assert.doesNotMatch(text, /0\r\n\r\n$/, 'the upload seemed whole to the monolith');
        assert.match((await client.readToEnd()).text, /^HTTP\/1\.1 400 /);
        assert.equal(kit.upstream.connections.length, 1);
      },
    }),
  ),
  ...MALFORMED_ANSWERS.map(
    ([name, answer]): Case => ({
      clause: 'attack: malformed answer',
      name: `${name} in an answer: 502, and nothing of it reaches the client`,
      run: async (kit) => {
        const client = await kit.client();
        client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(answer);
        const { text } = await client.readToEnd();
        assert.match(text.replaceAll(/HTTP\/1\.1 103 Hint\r\n\r\n/g, ''), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
        await upstream.readToEnd();
      },
    }),
  ),
  {
    clause: 'attack: malformed answer',
    name: 'a fault inside a chunked answer breaks it off',
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(
        GET,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      );
      await client.readUntil('abc\r\n');
      upstream.send('3\nabc\r\n0\r\n\r\n');
      assert.doesNotMatch((await client.readToEnd()).text, /0\r\n\r\n/);
    },
  },
  {
    clause: 'attack: desync',
    name: 'bytes behind an answer reach neither this client nor the next',
    run: async (kit) => {
      const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
      const { client, upstream: first } = await kit.exchange(GET, `${OK}${poison}`);
      assert.equal(await client.readUntil('ok'), 'ok');
      await first.readToEnd();
      await client.staysQuiet(30);
      const next = await kit.client();
      next.send(GET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      upstream.send(OK);
      assert.equal(await next.readUntil('ok'), OK);
      upstream.send(poison);
      await upstream.readToEnd();
      const third = await kit.client();
      third.send(GET);
      const last = await kit.upstream.take();
      await last.readHead();
      last.send(OK);
      assert.equal(await third.readUntil('ok'), OK);
    },
  },
  {
    clause: 'attack: desync',
    name: 'a body that looks like a request, behind an early answer, stays a body',
    run: async (kit) => {
      const client = await kit.client();
      const inner = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\n\r\n`);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok');
      upstream.end();
      assert.match(await client.readUntil('ok'), /\r\nConnection: close\r\n/i);
      client.send(inner);
      await client.readToEnd();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(kit.upstream.connections.length, 1);
    },
  },
  {
    clause: 'attack: slowloris',
    name: 'a head that does not come to an end in time is refused with 408',
    settings: { limits: { headMs: 300 } },
    run: async (kit) => {
      const client = await kit.client();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n');
      const drip = setInterval(() => client.send('X: 1\r\n'), 50);
      try {
        assert.match((await client.readToEnd(LATE_MS)).text, /^HTTP\/1\.1 408 /);
      } finally {
        clearInterval(drip);
      }
      kit.assertUntouched();
    },
  },
  {
    clause: 'attack: slowloris',
    name: 'a body that stops coming is refused with 408, and the monolith is rid of it',
    settings: { limits: { bodyIdleMs: 300 } },
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${HEAD}Content-Length: 10\r\n\r\nabc`);
      const upstream = await kit.upstream.take();
      assert.match((await client.readToEnd(LATE_MS)).text, /^HTTP\/1\.1 408 /);
      await upstream.readToEnd();
    },
  },
  {
    clause: 'attack: slowloris',
    name: 'a connection without a request is closed in time',
    settings: { limits: { clientIdleMs: 200 } },
    run: async (kit) => {
      const client = await kit.client();
      assert.equal((await client.readToEnd(LATE_MS)).text, '');
    },
  },
];
