import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import { status } from '@grpc/grpc-js';
import { sendRaw } from '../support/raw-client.ts';
import { refusedUrl } from '../support/upstream.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { flightOf, startGarbage, startTestService } from './support/test-service.ts';
import { COOKIE, IMPATIENT, withFlights } from './support/with-flights.ts';

const SOON = { deadlineMs: 30_000 };
/** Of calls that nobody answers. */
const SHORT_MS = 400;
/** How often what must be quick is tried: a busy machine may be slow now and then. */
const TRIES = 3;

const get = (running: RunningGateway, path = '/flights/4'): Promise<Response> =>
  fetch(running.url + path, { headers: { Cookie: COOKIE } });

const rename = (running: RunningGateway): Promise<Response> =>
  fetch(`${running.url}/flights/4/name`, {
    method: 'POST',
    headers: { Cookie: COOKIE, 'Content-Type': 'application/json' },
    body: '{"name":"a"}',
  });

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\n\r\n`;

async function refusedTarget(): Promise<string> {
  return new URL(await refusedUrl()).host;
}

/** A data folder that remembers the service as the owner, as from a run before. */
async function withOwnerKept<T>(work: (dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-data-'));
  await using service = await startTestService();
  try {
    await withFlights({ target: service.target, dataDir }, async () => {});
    service.kill();
    return await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The time that the quickest of some tries takes, each of them with that answer. */
async function quickest(ask: () => Promise<Response>, expected: readonly [number, string]): Promise<number> {
  const tookMs: number[] = [];
  for (let each = 0; each < TRIES; each += 1) {
    const startMs = performance.now();
    const response = await ask();
    assert.deepEqual([response.status, await response.text()], expected);
    tookMs.push(performance.now() - startMs);
  }
  return Math.min(...tookMs);
}

describe('a service that is not well', () => {
  it('never seen, leaves its operations at 503 and everything else alone', async () => {
    await withFlights({ target: await refusedTarget(), env: IMPATIENT }, async (running) => {
      const ms = await quickest(() => get(running), [503, '{"code":"unavailable"}']);
      assert.ok(ms < 500, `${ms} ms`);
      assert.equal((await get(running)).headers.get('retry-after'), '5');
      assert.equal(await (await get(running, '/news')).text(), 'monolith: GET /news');
      const line = (await running.logLines()).find(({ reason }) => reason === 'owner-unknown');
      assert.equal(line?.backend, 'flights');
    });
  });

  it('down, is answered for in the contract’s shape; a breaker keeps that quick, and lets go when it is back', async () => {
    await withOwnerKept(async (dataDir) => {
      const target = await refusedTarget();
      await withFlights({ target, dataDir, env: IMPATIENT }, async (running) => {
        for (let i = 0; i < 6; i += 1) assert.equal((await get(running)).status, 503);
        const ms = await quickest(() => get(running), [503, '{"code":"unavailable"}']);
        assert.ok(ms < 100, `${ms} ms`);
        assert.ok(
          (await running.logLines()).some(({ msg, breaker }) => msg === 'breaker' && breaker === 'open'),
        );
        await using _back = await startTestService(Number(target.split(':')[1]));
        await until(async () => (await get(running)).status === 200, SOON);
        await until(async () => {
          await get(running);
          return (await running.logLines()).some(({ breaker }) => breaker === 'closed');
        }, SOON);
      });
    });
  });

  it('slow, is waited for until the deadline, and hears that nobody waits any more', async () => {
    await using service = await startTestService();
    let cancelled = 0;
    service.behaviour.getFlight = (call) => call.on('cancelled', () => (cancelled += 1));
    await withFlights({ target: service.target, deadlineMs: SHORT_MS }, async (running) => {
      const ms = await quickest(() => get(running), [504, '{"code":"late"}']);
      assert.ok(ms >= SHORT_MS - 20 && ms < 1_000, `${ms} ms`);
      await until(() => cancelled === TRIES, SOON);
    });
  });

  it('saying what is no gRPC, or closing at once, is taken for away', async () => {
    for (const bytes of ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', '']) {
      await withOwnerKept(async (dataDir) => {
        await using garbage = await startGarbage(bytes);
        const options = { target: garbage.target, dataDir, deadlineMs: SHORT_MS, env: IMPATIENT };
        await withFlights(options, async (running) => {
          const response = await get(running);
          assert.ok(response.status === 503 || response.status === 504, `${response.status}`);
        });
      });
    }
  });

  it('that was away for a read is asked once more, a write is not', async () => {
    await using service = await startTestService();
    let reads = 0;
    let writes = 0;
    service.behaviour.getFlight = (call, answer) => {
      reads += 1;
      if (reads === 1) answer({ code: status.UNAVAILABLE, details: 'restarting' });
      else answer(null, { flight: flightOf(call.request.flightId) });
    };
    service.behaviour.getAccount = (_call, answer) => {
      writes += 1;
      answer({ code: status.UNAVAILABLE, details: 'restarting' });
    };
    await withFlights({ target: service.target }, async (running) => {
      assert.equal((await get(running)).status, 200);
      assert.equal((await rename(running)).status, 503);
    });
    assert.deepEqual([reads, writes], [2, 1]);
  });

  it('dying under a stream breaks the answer off, so that nobody takes it for whole', async () => {
    await using service = await startTestService();
    service.behaviour.listFlights = (call) => call.write({ flights: [flightOf(1n)], cursor: '' });
    await withFlights({ target: service.target }, async (running) => {
      const client = sendRaw(running.port, request('/flights.csv'));
      await client.receive((text) => text.endsWith('MA1\r\n\r\n'));
      service.kill();
      await client.ended();
      assert.match(client.received(), /^HTTP\/1\.1 200 OK[\s\S]*MA1\r\n\r\n$/);
      const line = await until(
        async () => (await running.logLines()).findLast(({ operation }) => operation === 'exportFlights'),
        SOON,
      );
      assert.deepEqual([line.outcome, line.failure], ['aborted', 'broken']);
    });
  });

  it('whose stream stops coming is given up within the deadline of a message', async () => {
    await using service = await startTestService();
    service.behaviour.listFlights = (call) => call.write({ flights: [flightOf(1n)], cursor: '' });
    await withFlights({ target: service.target, deadlineMs: SHORT_MS }, async (running) => {
      const client = sendRaw(running.port, request('/flights.csv'));
      await client.ended();
      assert.doesNotMatch(client.received(), /\r\n0\r\n/);
    });
  });
});

describe('a client that is not well', () => {
  it('leaving, ends reads and streams, but no write that has come whole', async () => {
    await using service = await startTestService();
    const asked: string[] = [];
    const ended: string[] = [];
    let finishWrite: (() => boolean) | undefined;
    service.behaviour.getFlight = (call) => {
      asked.push('/flights/4');
      call.on('cancelled', () => ended.push('read'));
    };
    service.behaviour.listFlights = (call) => {
      asked.push('/flights.csv');
      call.write({ flights: [flightOf(1n)], cursor: '' });
      call.on('cancelled', () => ended.push('stream'));
    };
    service.behaviour.getAccount = (call, answer) => {
      finishWrite = () => {
        const isWanted = !call.cancelled;
        answer(null, { account: undefined });
        return isWanted;
      };
    };
    await withFlights({ target: service.target }, async (running) => {
      for (const path of ['/flights/4', '/flights.csv']) {
        const client = sendRaw(running.port, request(path));
        await until(() => asked.includes(path), SOON);
        client.socket.destroy();
      }
      const body = '{"name":"a"}';
      const client = sendRaw(
        running.port,
        `POST /flights/4/name HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      const finish = await until(() => finishWrite, SOON);
      client.socket.destroy();
      await until(() => ended.length === 2, SOON);
      // Long after what was cancelled with its client.
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.ok(finish(), 'the write was cancelled');
    });
    assert.deepEqual(ended.sort(), ['read', 'stream']);
  });

  it('reading slowly, slows the service down', async () => {
    await using service = await startTestService();
    let sent = 0;
    service.behaviour.listFlights = (call) => {
      const flights = Array.from({ length: 2_000 }, (_, index) => flightOf(BigInt(index)));
      const more = (): void => {
        while (!call.cancelled) {
          sent += 1;
          if (!call.write({ flights, cursor: '' })) {
            call.once('drain', more);
            return;
          }
        }
      };
      more();
    };
    await withFlights({ target: service.target }, async (running) => {
      const client = sendRaw(running.port, request('/flights.csv'));
      client.socket.pause();
      await until(() => sent > 0, SOON);
      let before = -1;
      while (sent !== before) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      assert.ok(sent < 2_000, `${sent} batches were sent to a client that reads none`);
      client.socket.destroy();
    });
  });
});

describe('a service that is started anew', () => {
  it('at the same address, fails no request: what was not sent waits for it', async () => {
    const port = await freePort();
    let service = await startTestService(port);
    await withFlights({ target: service.target, env: { LOG_LEVEL: 'warn' } }, async (running) => {
      const statuses = new Map<number, number>();
      let isOver = false;
      const client = async (send: () => Promise<Response>): Promise<void> => {
        while (!isOver) {
          const response = await send();
          await response.arrayBuffer();
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        }
      };
      const clients = [0, 1, 2, 3].map((each) => client(() => (each < 2 ? get(running) : rename(running))));
      for (let round = 0; round < 2; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        await service.drain();
        await new Promise((resolve) => setTimeout(resolve, 200));
        service = await startTestService(port);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      isOver = true;
      await Promise.all(clients);
      assert.deepEqual([...statuses.keys()].sort(), [200, 201], JSON.stringify([...statuses]));
    });
    service.kill();
  });

  it('one of two after the other, fails no request either', async () => {
    let first = await startTestService(await freePort());
    const second = await startTestService();
    const target = `ipv4:${first.target},${second.target}`;
    await withFlights({ target, env: { LOG_LEVEL: 'warn' } }, async (running) => {
      const statuses = new Set<number>();
      let isOver = false;
      const client = async (send: () => Promise<Response>): Promise<void> => {
        while (!isOver) {
          const response = await send();
          await response.arrayBuffer();
          statuses.add(response.status);
        }
      };
      const clients = [0, 1, 2, 3].map((each) => client(() => (each < 2 ? get(running) : rename(running))));
      await new Promise((resolve) => setTimeout(resolve, 200));
      await first.drain();
      await new Promise((resolve) => setTimeout(resolve, 300));
      first = await startTestService(first.port);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await second.drain();
      await new Promise((resolve) => setTimeout(resolve, 300));
      isOver = true;
      await Promise.all(clients);
      assert.deepEqual([...statuses].sort(), [200, 201]);
    });
    first.kill();
  });

  it('finds its owner remembered across a restart of the gateway', async () => {
    await withOwnerKept(async (dataDir) => {
      const [kept] = JSON.parse(await readFile(join(dataDir, 'owners.json'), 'utf8'));
      assert.deepEqual([kept.aggregate, kept.owner, kept.epoch], ['flights', 'service', '1']);
      await using service = await startTestService();
      await withFlights({ target: service.target, dataDir }, async (running) => {
        assert.equal((await get(running)).status, 200);
      });
    });
  });
});
