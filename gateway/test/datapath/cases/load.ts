import { strict as assert } from 'node:assert';
import { until } from '@banyan/stack/testing/until';
import { type Case, GET, type Kit, OK } from '../kit/case.ts';
import { connectRaw, type RawSocket } from '../kit/raw-socket.ts';

/** Longer than a connection is kept whose client was told to close it. */
const LONG_MS = 60_000;

function untilRefused({ proxy }: Kit): Promise<boolean> {
  const isRefused = () =>
    connectRaw(proxy.port).then(
      (client) => void client.destroy(),
      () => true,
    );
  return until(isRefused, { deadlineMs: 30_000, what: 'a port that is closed' });
}

export const loadCases: readonly Case[] = [
  {
    clause: 'load: slow clients',
    name: '2,000 slow clients do not keep another one waiting',
    isTimeByHand: true,
    run: async (kit) => {
      kit.upstream.onConnection = async (connection) => {
        const head = await connection.readHead(60_000);
        if (!head.startsWith('GET')) return;
        for (;;) {
          connection.send(OK);
          await connection.readHead(60_000);
        }
      };
      const slow: RawSocket[] = [];
      const kinds = [
        'GET / HTTP/1.1\r\nHost: a\r\nX: ',
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\nabc`,
      ];
      while (slow.length < 2000) {
        const batch = await Promise.all(Array.from({ length: 100 }, () => connectRaw(kit.proxy.port)));
        for (const client of batch) client.send(kinds[slow.push(client) % 2] as string);
      }
      try {
        const client = await kit.client();
        const waitsMs: number[] = [];
        for (let i = 0; i < 50; i++) {
          const startedAt = performance.now();
          client.send(GET);
          await client.readUntil('ok');
          waitsMs.push(performance.now() - startedAt);
        }
        // The median: one of fifty may have met the machine busy with something else.
        const medianMs = waitsMs.sort((a, b) => a - b)[25] as number;
        assert.ok(medianMs < 250, `${medianMs} ms`);
        for (const { ended } of slow) assert.equal(ended, undefined);
      } finally {
        for (const client of slow) client.destroy();
      }
    },
  },
  {
    clause: 'load: memory',
    name: 'a flood of unfinished heads is refused beyond what all may have us keep, whole ones are served',
    settings: { limits: { heldBytesMax: 2_000_000 } },
    isTimeByHand: true,
    run: async (kit) => {
      const flood: RawSocket[] = [];
      for (let i = 0; i < 60; i++) {
        const client = await kit.client();
        client.send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(50_000)}`);
        flood.push(client);
      }
      const refused = (): RawSocket[] => flood.filter(({ ended }) => ended !== undefined);
      await until(() => refused().length >= 35, { deadlineMs: 30_000, what: 'refusals' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const { received } of refused()) {
        assert.match(received.toString('latin1'), /^HTTP\/1\.1 503 [\s\S]*\r\nConnection: close\r\n/);
      }
      assert.ok(refused().length < 45, 'what is within the bound is kept');
      const whole = await kit.exchange(GET, OK);
      await whole.client.readUntil('ok');
    },
  },
  {
    clause: 'load: memory',
    name: 'clients that take nothing of their answers are broken off beyond what all may have us keep',
    settings: { limits: { heldBytesMax: 300_000 } },
    run: async (kit) => {
      const piece = Buffer.alloc(1_000_000, 'x');
      kit.upstream.onConnection = async (connection) => {
        await connection.readHead();
        connection.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
        const pump = (): void => {
          while (connection.ended === undefined && connection.send(piece));
        };
        connection.socket.on('drain', pump);
        pump();
      };
      for (let i = 0; i < 10; i++) {
        const client = await kit.client();
        client.socket.pause();
        client.send(GET);
      }
      // Seen where they came from: the monolith's connection ends with theirs.
      const broken = (): number => kit.upstream.connections.filter(({ ended }) => ended !== undefined).length;
      await until(() => broken() >= 4, {
        deadlineMs: 30_000,
        what: () => `4 of 10 broken off, not ${broken()}:`,
      });
      assert.ok(broken() < 10, 'what is within the bound is kept');
    },
  },
  {
    clause: 'load: drain',
    name: 'a drain tells kept clients to close, lets answers and streams end, and takes nobody new',
    settings: { limits: { drainIdleMs: 300 } },
    isTimeByHand: true,
    run: async (kit) => {
      const streaming = await kit.exchange(
        GET,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      );
      const waiting = await kit.client();
      waiting.send(GET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      const [idle, kept] = [await kit.client(), await kit.exchange(GET, OK)];
      await kept.client.readUntil('ok');
      const drained = kit.proxy.drain(60_000);
      kept.client.send(GET);
      await kept.upstream.readHead();
      kept.upstream.send(OK);
      assert.match(await kept.client.readUntil('ok'), /\r\nConnection: close\r\n/);
      upstream.send(OK);
      assert.match(await waiting.readUntil('ok'), /\r\nConnection: close\r\n/);
      kit.pass(300);
      assert.equal((await idle.readToEnd()).text, '');
      await assert.rejects(connectRaw(kit.proxy.port));
      streaming.upstream.send('3\r\ndef\r\n0\r\n\r\n');
      await streaming.client.readUntil('0\r\n\r\n');
      kit.pass(LONG_MS);
      await drained;
    },
  },
  {
    clause: 'load: drain',
    name: 'during its delay new clients are served and told to close, and idle ones are left alone',
    settings: { limits: { drainIdleMs: 100 } },
    isTimeByHand: true,
    run: async (kit) => {
      const kept = await kit.exchange(GET, OK);
      await kept.client.readUntil('ok');
      const drained = kit.proxy.drain(60_000, 3_000);
      kit.pass(100);
      // It looks for what is late several times meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(kept.client.ended, undefined);
      const fresh = await kit.client();
      fresh.send(GET);
      await kept.upstream.readHead();
      kept.upstream.send(OK);
      assert.match(await fresh.readUntil('ok'), /\r\nConnection: close\r\n/);
      assert.equal((await fresh.readToEnd()).how, 'end');
      await untilRefused(kit);
      kit.pass(100);
      assert.equal((await kept.client.readToEnd()).text, '');
      kit.pass(LONG_MS);
      await drained;
    },
  },
  {
    clause: 'load: drain',
    name: 'an answer that did not say close is followed by another that does, not by a close',
    settings: { limits: { drainIdleMs: 1000 } },
    isTimeByHand: true,
    run: async (kit) => {
      const { client, upstream } = await kit.exchange(GET, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\no');
      const drained = kit.proxy.drain(60_000);
      upstream.send('kok');
      await client.readUntil('okok');
      client.send(GET);
      await upstream.readHead();
      upstream.send(OK);
      assert.match(await client.readUntil('ok'), /\r\nConnection: close\r\n/);
      kit.pass(LONG_MS);
      await drained;
    },
  },
  {
    clause: 'load: drain',
    name: 'what does not end within the limit is ended',
    run: async (kit) => {
      // A busy machine may add to one of them.
      const tookMs: number[] = [];
      for (let each = 0; each < 3; each += 1) {
        if (each > 0) await kit.restart();
        const { client } = await kit.exchange(GET, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
        const startedAt = performance.now();
        await kit.proxy.drain(300);
        await client.readToEnd();
        tookMs.push(performance.now() - startedAt);
      }
      assert.ok(Math.min(...tookMs) < 1_500, tookMs.join());
    },
  },
];
