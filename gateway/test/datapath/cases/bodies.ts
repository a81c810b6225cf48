import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Case, GET, OK, withoutForwarding } from '../kit/case.ts';

const POST = (length: number): string => `POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const CHUNKED = 'POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

const PIECE = Buffer.alloc(1 << 20);
const STILL_ROUNDS = 3;

/** Sends a piece when the one before is gone, and says what went before nothing moved any more. */
async function sendUntilStill(socket: Socket, count: number): Promise<number> {
  let gone = 0;
  const send = (left: number): void => {
    if (left === 0) return;
    socket.write(PIECE, (error) => {
      if (error) return;
      gone += PIECE.length;
      send(left - 1);
    });
  };
  send(count);
  for (let before = -1, still = 0, rounds = 0; still < STILL_ROUNDS && rounds < 40; rounds++) {
    still = gone === before ? still + 1 : 0;
    before = gone;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return gone;
}

export const bodyCases: readonly Case[] = [
  {
    clause: 'bodies: framing',
    name: 'an upload of stated length keeps its length and every byte',
    run: async (kit) => {
      const client = await kit.client();
      const body = randomBytes(300_000);
      client.send(POST(body.length));
      client.send(body);
      const upstream = await kit.upstream.take();
      assert.equal(withoutForwarding(await upstream.readHead()), POST(body.length));
      assert.ok((await upstream.readExactly(body.length)).equals(body));
      upstream.send(OK);
      await client.readUntil('ok');
      await upstream.staysQuiet(30);
    },
  },
  {
    clause: 'bodies: framing',
    name: 'a chunked upload stays chunked, its extensions stay here, its trailers go on',
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${CHUNKED}3;ext="a;b"\r\nabc\r\n`);
      const upstream = await kit.upstream.take();
      assert.equal(withoutForwarding(await upstream.readHead()), CHUNKED);
      assert.equal(await upstream.readUntil('abc\r\n'), '3\r\nabc\r\n');
      client.send('0a;x\r\n0123456789\r\n0\r\nX-Sum: 1\r\nX-Forwarded-For: 6.6.6.6\r\nHost: b\r\n\r\n');
      assert.equal(await upstream.readUntil('\r\n\r\n'), '0a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n');
      upstream.send(OK);
      await client.readUntil('ok');
    },
  },
  {
    clause: 'bodies: framing',
    name: 'an extension cut in two right behind its semicolon leaves nothing behind (found by fuzzing)',
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${CHUNKED}3;`);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      await upstream.readUntil('3');
      client.send('a=b\r\nabc\r\n0\r\n\r\n');
      assert.equal(await upstream.readUntil('0\r\n\r\n'), '\r\nabc\r\n0\r\n\r\n');
    },
  },
  {
    clause: 'bodies: framing',
    name: 'a chunked answer stays chunked, with its trailers',
    run: async (kit) => {
      const { client, upstream, head } = await kit.exchange(
        GET,
        'HTTP/1.1 200 OK\r\nTrailer: X-Rows\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      );
      assert.equal(head, 'HTTP/1.1 200 OK\r\nTrailer: X-Rows\r\nTransfer-Encoding: chunked\r\n\r\n');
      assert.equal(await client.readUntil('hello\r\n'), '5\r\nhello\r\n');
      for (const byte of '0\r\nX-Rows: 5\r\n\r\n') {
        upstream.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(await client.readUntil('\r\n\r\n'), '0\r\nX-Rows: 5\r\n\r\n');
      client.send(GET);
      await upstream.readHead();
    },
  },
  {
    clause: 'bodies: framing',
    name: 'an answer that ends with the connection ends so for the client too',
    run: async (kit) => {
      const { client, upstream, head } = await kit.exchange(GET, 'HTTP/1.1 200 OK\r\nA: 1\r\n\r\npart');
      assert.equal(head, 'HTTP/1.1 200 OK\r\nA: 1\r\nConnection: close\r\n\r\n');
      await client.readUntil('part');
      upstream.send(' rest');
      upstream.end();
      assert.deepEqual(await client.readToEnd(), { text: ' rest', how: 'end' });
    },
  },
  {
    clause: 'bodies: streaming',
    name: 'the request head goes on before the first byte of the body',
    run: async (kit) => {
      const client = await kit.client();
      client.send(POST(4));
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      client.send('ab');
      assert.equal(await upstream.readUntil('ab'), 'ab');
    },
  },
  {
    clause: 'bodies: streaming',
    name: 'the answer head goes on before the first byte of its body',
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
      upstream.send('ab');
      assert.equal(await client.readUntil('ab'), 'ab');
    },
  },
  {
    clause: 'bodies: streaming',
    name: 'server-sent events pass one by one as they come',
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(
        GET,
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      for (let i = 0; i < 5; i++) {
        upstream.send(`9\r\ndata: ${i}\n\n\r\n`);
        assert.equal(await client.readUntil('\n\n\r\n'), `9\r\ndata: ${i}\n\n\r\n`);
      }
    },
  },
  {
    clause: 'bodies: streaming',
    name: 'a monolith that does not read holds the client back, in bounded memory',
    run: async (kit) => {
      const client = await kit.client();
      client.send(POST(200_000_000));
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      upstream.socket.pause();
      const before = process.memoryUsage().arrayBuffers;
      const takenBytes = await sendUntilStill(client.socket, 60);
      assert.ok(takenBytes < 30e6, `the proxy took ${takenBytes} bytes that nobody reads`);
      assert.ok(process.memoryUsage().arrayBuffers - before < 20e6);
    },
  },
  {
    clause: 'bodies: streaming',
    name: 'a client that does not read holds the monolith back',
    run: async (kit) => {
      const client = await kit.client();
      client.send(GET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      client.socket.pause();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n');
      const takenBytes = await sendUntilStill(upstream.socket, 60);
      assert.ok(takenBytes < 30e6, `the proxy took ${takenBytes} bytes that nobody reads`);
    },
  },
  {
    clause: 'bodies: 100-continue',
    name: 'Expect and 100 Continue go end to end: the monolith decides when the body comes',
    run: async (kit) => {
      const client = await kit.client();
      const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
      client.send(head);
      const upstream = await kit.upstream.take();
      assert.equal(withoutForwarding(await upstream.readHead()), head);
      await client.staysQuiet();
      upstream.send('HTTP/1.1 100 Continue\r\nX-Why: not\r\n\r\n');
      assert.equal(await client.readHead(), 'HTTP/1.1 100 Continue\r\nX-Why: not\r\n\r\n');
      client.send('abc');
      assert.equal(await upstream.readUntil('abc'), 'abc');
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
  {
    clause: 'bodies: 100-continue',
    name: 'a refusal in place of 100 Continue reaches the client, and nothing it sends is taken for a request',
    run: async (kit) => {
      const client = await kit.client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n');
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n');
      assert.equal(await client.readHead(), 'HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n');
      client.send('GET /smuggled HTTP/1.1\r\nHost: evil.a\r\n\r\n');
      assert.equal(
        (await upstream.readExactly(40)).toString(),
        'GET /smuggled HTTP/1.1\r\nHost: evil.a\r\n\r\n',
      );
      assert.equal(kit.upstream.connections.length, 1);
    },
  },
  {
    clause: 'bodies: 103',
    name: 'early hints pass, one after another, before the final answer',
    run: async (kit) => {
      const { client, upstream, head } = await kit.exchange(
        GET,
        'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n',
      );
      assert.equal(head, 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n');
      assert.equal(await client.readHead(), 'HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n');
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
  {
    clause: 'bodies: HEAD, 204, 304',
    name: 'answers without a body keep their fields and end with their head',
    run: async (kit) => {
      const client = await kit.client();
      let upstream: Awaited<ReturnType<typeof kit.upstream.take>> | undefined;
      for (const [method, answer] of [
        ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n'],
        ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
        ['HEAD', 'HTTP/1.1 200 OK\r\nX: 1\r\n\r\n'],
        ['GET', 'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n'],
        ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\nETag: "x"\r\n\r\n'],
        ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
      ] as const) {
        client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        upstream ??= await kit.upstream.take();
        await upstream.readHead();
        upstream.send(answer);
        assert.equal(await client.readHead(), answer);
        await client.staysQuiet(20);
      }
      assert.equal(kit.upstream.connections.length, 1);
    },
  },
  {
    clause: 'bodies: ranges',
    name: 'a partial answer and the fields that ask for it pass untouched',
    run: async (kit) => {
      const request = 'GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0,-1\r\nIf-Range: "e"\r\n\r\n';
      const client = await kit.client();
      client.send(request);
      const upstream = await kit.upstream.take();
      assert.equal(withoutForwarding(await upstream.readHead()), request);
      const answer =
        'HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\nContent-Length: 10\r\n\r\n--x\r\n--x--';
      upstream.send(answer.slice(0, 60));
      upstream.send(answer.slice(60));
      assert.equal((await client.readExactly(answer.length)).toString('latin1'), answer);
    },
  },
  {
    clause: 'bodies: empty',
    name: 'posts of length zero and of no length stay what they are',
    // Each is to find a connection young enough for a request that may not be repeated.
    isTimeByHand: true,
    run: async (kit) => {
      const client = await kit.client();
      let upstream: Awaited<ReturnType<typeof kit.upstream.take>> | undefined;
      for (const request of [POST(0), 'POST / HTTP/1.1\r\nHost: a\r\n\r\n', `${CHUNKED}0\r\n\r\n`]) {
        client.send(request);
        upstream ??= await kit.upstream.take();
        const seen = await upstream.readHead();
        const tail = request.startsWith(CHUNKED) ? await upstream.readUntil('0\r\n\r\n') : '';
        assert.equal(withoutForwarding(seen) + tail, request);
        upstream.send(OK);
        await client.readUntil('ok');
      }
    },
  },
  {
    clause: 'bodies: early answer',
    name: 'a 413 to an unfinished upload reaches the client, though the monolith closes at once',
    run: async (kit) => {
      kit.upstream.onConnection = async (connection) => {
        await connection.readHead();
        connection.socket.pause();
        connection.send('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig');
        connection.socket.destroySoon();
      };
      for (let i = 0; i < 20; i++) {
        const client = await kit.client();
        client.send(POST(3_000_000));
        for (let sent = 0; sent < 3_000_000; sent += 100_000) client.send(Buffer.alloc(100_000));
        assert.match(await client.readUntil('big'), /^HTTP\/1\.1 413 Too Large\r\n/);
        client.destroy();
      }
    },
  },
  {
    clause: 'bodies: early answer',
    name: 'an answer before the end of the upload leaves the upload running and both connections usable',
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${POST(6)}abc`);
      const upstream = await kit.upstream.take();
      await upstream.readUntil('abc');
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
      client.send(`def${GET}`);
      assert.equal(await upstream.readUntil('def'), 'def');
      assert.match(await upstream.readHead(), /^GET \/ /);
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
];
