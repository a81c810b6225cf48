import { strict as assert } from 'node:assert';
import { until } from '@banyan/stack/testing/until';
import { type Case, GET, OK } from '../kit/case.ts';
import type { RawSocket } from '../kit/raw-socket.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab';
/** Time for the proxy to look for what is late, and to look again. */
const SWEEPS_MS = 300;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers every request on the connection, for ever. */
const answerAll = async (connection: RawSocket): Promise<void> => {
  for (;;) {
    await connection.readHead(60_000);
    connection.send(OK);
  }
};

export const failureCases: readonly Case[] = [
  {
    clause: 'failures: client gone',
    name: 'a client that goes away, by close or reset, at any point, ends the upstream request at once',
    run: async (kit) => {
      for (const at of ['waiting', 'uploading', 'answered in part'] as const) {
        for (const how of ['close', 'reset'] as const) {
          const client = await kit.client();
          client.send(
            at === 'uploading' ? 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nabc' : GET,
          );
          const upstream = await kit.upstream.take();
          await upstream.readHead();
          if (at === 'answered in part') {
            upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc');
            await client.readUntil('abc');
          }
          if (how === 'close') client.destroy();
          else client.reset();
          await upstream.readToEnd();
        }
      }
    },
  },
  {
    clause: 'failures: client half-closes',
    name: 'a client that half-closes behind its request is answered by a monolith that would answer it',
    run: async (kit) => {
      const client = await kit.client();
      client.send(GET);
      client.end();
      const upstream = await kit.upstream.take();
      assert.match((await upstream.readToEnd()).text, /^GET \/ /);
      upstream.send(OK);
      assert.deepEqual(await client.readToEnd(), { text: OK, how: 'end' });
    },
  },
  {
    clause: 'failures: monolith gone mid-body',
    name: 'an answer cut short, by close or reset, is broken for the client too, whole to where it broke, and no hang',
    run: async (kit) => {
      for (const head of [
        'Content-Length: 99\r\n\r\nabc',
        'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      ]) {
        for (const how of ['close', 'reset'] as const) {
          const client = await kit.client();
          client.send(GET);
          const upstream = await kit.upstream.take();
          await upstream.readHead();
          upstream.send(`HTTP/1.1 200 OK\r\n${head}`);
          await client.readUntil('abc');
          if (how === 'close') upstream.end();
          else upstream.reset();
          const { text } = await client.readToEnd();
          assert.ok(text === '' || text === '\r\n', `the client saw more: ${text}`);
          upstream.destroy();
        }
      }
    },
  },
  {
    clause: 'failures: monolith gone mid-body',
    name: 'an answer that ends with the connection, cut by a reset, does not end cleanly',
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, 'HTTP/1.1 200 OK\r\n\r\nabc');
      await client.readUntil('abc');
      upstream.reset();
      assert.equal((await client.readToEnd()).how, 'reset');
    },
  },
  {
    clause: 'failures: monolith gone before its answer',
    name: 'a monolith that closes without an answer, or within its head, gives a 502, and the connection serves on',
    run: async (kit) => {
      const client = await kit.client();
      for (const part of ['', 'HTTP/1.1 200 O', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n']) {
        client.send(GET);
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(part);
        upstream.end();
        const head = await client.readHead();
        assert.match(head, /^HTTP\/1\.1 502 /);
        await client.readExactly(Number(/content-length: (\d+)/i.exec(head)?.[1]));
      }
    },
  },
  {
    clause: 'failures: not reachable',
    name: 'an upstream that refuses gives a small 502 of a type that the client accepts, and no word of the inside',
    run: async (kit) => {
      await kit.upstream.stop();
      for (const [accept, type] of [
        ['application/json', 'application/json'],
        ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
        ['*/*', 'application/json'],
        ['text/plain', 'text/plain'],
        ['text/html;q=0.2, application/problem+json', 'application/json'],
      ] as const) {
        const client = await kit.client();
        client.send(`GET / HTTP/1.1\r\nHost: a\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`);
        const { text } = await client.readToEnd();
        assert.match(text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
        assert.match(text, new RegExp(`\\r\\nContent-Type: ${type}`, 'i'));
        assert.doesNotMatch(text, new RegExp(`127\\.0\\.0\\.1|${kit.upstream.port}|ECONN|node|banyan`, 'i'));
        assert.ok(text.length < 600);
      }
    },
  },
  {
    clause: 'failures: late',
    name: 'a monolith that does not answer in time gives a 504, and its late answer goes to nobody',
    settings: { limits: { firstByteMs: 300 } },
    isTimeByHand: true,
    run: async (kit) => {
      const client = await kit.client();
      client.send(GET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      kit.pass(300);
      const head = await client.readHead();
      assert.match(head, /^HTTP\/1\.1 504 /);
      await client.readExactly(Number(/content-length: (\d+)/i.exec(head)?.[1]));
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret');
      client.send(GET);
      const next = await kit.upstream.take();
      await next.readHead();
      next.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
  {
    clause: 'failures: late',
    name: 'a monolith that is slow, but within the limits, is waited for',
    settings: { limits: { firstByteMs: 1500, bodyIdleMs: 200, clientIdleMs: 200, headMs: 200 } },
    isTimeByHand: true,
    run: async (kit) => {
      const client = await kit.client();
      client.send(GET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      kit.pass(1_400);
      await pause(SWEEPS_MS);
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
      await client.readHead();
      kit.pass(1_400);
      await pause(SWEEPS_MS);
      upstream.send('ok');
      assert.equal(await client.readUntil('ok'), 'ok');
    },
  },
  {
    clause: 'failures: stale connection',
    name: 'a kept connection that dies under a GET costs the client nothing: it is repeated once, on a fresh one',
    run: async (kit) => {
      for (const how of ['end', 'reset'] as const) {
        const { client, upstream } = await kit.exchange(GET, OK);
        await client.readUntil('ok');
        client.send(GET);
        await upstream.readHead();
        if (how === 'end') upstream.end();
        else upstream.reset();
        const fresh = await kit.upstream.take();
        await fresh.readHead();
        fresh.send(OK);
        assert.equal(await client.readUntil('ok'), OK);
        fresh.destroy();
        await pause(30);
      }
    },
  },
  {
    clause: 'failures: stale connection',
    name: 'a request on a fresh connection is not repeated, nor is one whose answer had begun',
    run: async (kit) => {
      const client = await kit.client();
      client.send(GET);
      const first = await kit.upstream.take();
      await first.readHead();
      first.end();
      assert.match(await client.readHead(), /^HTTP\/1\.1 502 /);
      const { client: other, upstream } = await kit.exchange(GET, OK);
      await other.readUntil('ok');
      other.send(GET);
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nConte');
      upstream.end();
      assert.match(await other.readHead(), /^HTTP\/1\.1 502 /);
      await pause(50);
      assert.equal(kit.upstream.connections.length, 2);
    },
  },
  {
    clause: 'failures: stale connection',
    name: 'a POST is never sent twice: on a kept connection that dies under it, it fails',
    isTimeByHand: true,
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, OK);
      await client.readUntil('ok');
      client.send(POST);
      await upstream.readUntil('ab');
      upstream.end();
      assert.match(await client.readHead(), /^HTTP\/1\.1 502 /);
      await pause(50);
      assert.equal(kit.upstream.connections.length, 1);
    },
  },
  {
    clause: 'failures: stale connection',
    name: 'a POST takes a connection that was idle for less than the limit, and a fresh one after it',
    settings: { limits: { reuseIdleMs: 150 } },
    isTimeByHand: true,
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, OK);
      await client.readUntil('ok');
      kit.pass(149);
      client.send(POST);
      await upstream.readUntil('ab');
      upstream.send(OK);
      await client.readUntil('ok');
      kit.pass(150);
      client.send(POST);
      const fresh = await kit.upstream.take();
      await fresh.readUntil('ab');
      fresh.send(OK);
      await client.readUntil('ok');
      kit.pass(150);
      client.send(GET);
      await fresh.readHead();
    },
  },
  {
    clause: 'failures: restart',
    name: 'a GET that a process on its way out never took from its queue is asked again of the next, a POST is not',
    run: async (kit) => {
      for (const how of ['end', 'reset'] as const) {
        const [client, poster] = [await kit.client(), await kit.client()];
        client.send(GET);
        const first = await kit.upstream.take();
        await first.readHead();
        poster.send(POST);
        const posted = await kit.upstream.take();
        await posted.readUntil('ab');
        kit.upstream.refuse();
        for (const connection of [first, posted]) {
          if (how === 'end') connection.end();
          else connection.reset();
        }
        assert.match(await poster.readHead(), /^HTTP\/1\.1 502 /);
        await client.staysQuiet(200);
        await kit.upstream.start();
        const next = await kit.upstream.take();
        await next.readHead();
        next.send(OK);
        assert.equal(await client.readUntil('ok'), OK);
        // Neither connection is to serve the second round.
        next.destroy();
        await pause(50);
      }
    },
  },
  {
    clause: 'failures: restart',
    name: 'a GET that is refused takes a connection on which the old process still answers',
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, OK);
      await client.readUntil('ok');
      client.send(GET);
      await upstream.readHead();
      kit.upstream.refuse();
      const other = await kit.client();
      other.send('GET /other HTTP/1.1\r\nHost: a\r\n\r\n');
      await other.staysQuiet(150);
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
      assert.match(await upstream.readHead(), /^GET \/other /);
      upstream.send(OK);
      assert.equal(await other.readUntil('ok'), OK);
      await kit.upstream.start();
    },
  },
  {
    clause: 'failures: restart',
    name: 'a restart of the monolith fails no request but those already sent',
    run: async (kit) => {
      kit.upstream.onConnection = answerAll;
      const statuses = new Map<string, number>();
      const answered = Array.from({ length: 8 }, () => 0);
      let isOver = false;
      const clients = answered.map(async (_, i) => {
        const client = await kit.client();
        while (!isOver) {
          client.send(i % 2 === 0 ? GET : 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
          const status = (await client.readHead()).slice(9, 12);
          await client.readUntil(status === '200' ? 'ok' : '\n');
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === '200') answered[i] = (answered[i] ?? 0) + 1;
          await pause(5);
        }
      });
      const everybodyIsAnswered = async (times: number): Promise<void> => {
        const before = [...answered];
        const isAnswered = () => answered.every((count, i) => count >= (before[i] ?? 0) + times);
        await Promise.race([
          until(isAnswered, { deadlineMs: 30_000, what: 'answers to every client' }),
          ...clients,
        ]);
      };
      await everybodyIsAnswered(10);
      await kit.upstream.stop();
      await pause(400);
      await kit.upstream.start();
      await everybodyIsAnswered(10);
      isOver = true;
      await Promise.all(clients);
      // What was on its way at the very moment of the stop may fail: at most one for each POSTing client.
      assert.ok((statuses.get('502') ?? 0) <= 4, `${JSON.stringify([...statuses])}`);
      assert.deepEqual(
        [...statuses.keys()].filter((status) => !['200', '502'].includes(status)),
        [],
      );
    },
  },
];
