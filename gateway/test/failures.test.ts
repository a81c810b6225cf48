import assert from 'node:assert/strict';
import { Server } from 'node:net';
import { describe, it, mock } from 'node:test';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import { sendRaw } from './support/raw-client.ts';
import { refusedUrl, startRawUpstream, startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';

const SOON = { deadlineMs: 30_000 };
const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

describe('a monolith that is away', () => {
  it('is answered for with 502, of a type the client accepts, with nothing of the inside', async () => {
    const url = await refusedUrl();
    await withGateway({ env: { MONOLITH_URL: url } }, async ({ url: gatewayUrl }) => {
      const answers = [
        ['application/json', /^application\/json/, /^\{"status":502,/],
        ['text/html,application/xhtml+xml,*/*;q=0.8', /^text\/html/, /^<!doctype html>/],
        ['text/plain;q=0.9, application/json;q=0.1', /^text\/plain/, /^Bad Gateway: /],
        ['image/png', /^application\/json/, /^\{/],
      ] as const;
      for (const [accept, type, body] of answers) {
        const response = await fetch(gatewayUrl, { headers: { accept } });
        const text = await response.text();
        assert.equal(response.status, 502);
        assert.match(response.headers.get('content-type') ?? '', type);
        assert.match(text, body);
        assert.doesNotMatch(text, /127\.0\.0\.1|ECONN|\d{4,}/);
      }
    });
  });

  it('is told in /readyz, which stays 200, and is forgotten when it is back', async () => {
    const url = await refusedUrl();
    await withGateway({ env: { MONOLITH_URL: url } }, async ({ adminUrl, url: gatewayUrl }) => {
      assert.equal((await fetch(gatewayUrl)).status, 502);
      const ready = await fetch(`${adminUrl}/readyz`);
      assert.equal(ready.status, 200);
      const report = (await ready.json()) as {
        status: string;
        dependencies: { monolith: { state: string; since: string; reason: string } };
      };
      assert.equal(report.status, 'ready');
      assert.equal(report.dependencies.monolith.state, 'unreachable');
      assert.equal(report.dependencies.monolith.reason, 'connection refused');
      assert.ok(Date.now() - Date.parse(report.dependencies.monolith.since) < 60_000);
      await using _back = await startUpstream(
        (_request, response) => response.end('ok'),
        Number(new URL(url).port),
      );
      await until(
        async () => (await (await fetch(`${adminUrl}/readyz`)).text()).includes('"reachable"'),
        SOON,
      );
      assert.equal((await fetch(gatewayUrl)).status, 200);
    });
  });

  it('is told in /readyz as soon as a request finds out, however seldom it is checked', async () => {
    const port = await freePort();
    const upstream = await startUpstream((_request, response) => response.end('ok'), port);
    // Longer than it takes to be asked meanwhile, and to be back.
    const env = {
      MONOLITH_URL: upstream.url,
      MONOLITH_CHECK_INTERVAL_MS: '3600000',
      CONNECT_TIMEOUT_MS: '60000',
    };
    await withGateway({ env }, async ({ adminUrl, url }) => {
      const state = async () => {
        const report = (await (await fetch(`${adminUrl}/readyz`)).json()) as {
          dependencies: { monolith: { state: string } };
        };
        return report.dependencies.monolith.state;
      };
      assert.equal((await fetch(url)).status, 200);
      assert.equal(await state(), 'reachable');
      await upstream[Symbol.asyncDispose]();
      let isAnswered = false;
      const asked = fetch(url).finally(() => {
        isAnswered = true;
      });
      // While the request itself still tries again: the monolith may be restarting.
      await until(async () => (await state()) === 'unreachable', SOON);
      assert.equal(isAnswered, false);
      await using _back = await startUpstream((_request, response) => response.end('ok'), port);
      assert.equal((await asked).status, 200);
      assert.equal(await state(), 'reachable');
    });
  });

  it('behind an address that takes no connection is 502 after the connect limit', async () => {
    // TEST-NET-1 (RFC 5737): packets to it go nowhere, or are refused at once.
    const env = { MONOLITH_URL: 'http://192.0.2.1:9', CONNECT_TIMEOUT_MS: '150' };
    await withGateway({ env }, async ({ url }) => {
      // A busy machine may add to one of them.
      const tookMs: number[] = [];
      for (let each = 0; each < 3; each += 1) {
        const startedAt = performance.now();
        assert.equal((await fetch(url)).status, 502);
        tookMs.push(performance.now() - startedAt);
      }
      assert.ok(Math.min(...tookMs) < 1_500, tookMs.join());
    });
  });
});

it('connections that the system cannot accept are one line of the log, at whichever port', async () => {
  await using upstream = await startUpstream((_request, response) => response.end('served'));
  const listen = mock.method(Server.prototype, 'listen');
  try {
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ url, logLines }) => {
      const ports = listen.mock.calls.map((call) => call.this as Server);
      assert.equal(ports.length, 2);
      for (const port of ports) port.emit('error', new Error('accept EMFILE'));
      assert.equal(await (await fetch(url)).text(), 'served');
      const faults = (await logLines()).filter(({ level }) => level === 'error');
      assert.deepEqual(
        faults.map(({ msg }) => msg),
        ['a connection could not be accepted'],
      );
    });
  } finally {
    listen.mock.restore();
  }
});

describe('a monolith that is late', () => {
  it('is answered for with 504, and its request is ended', async () => {
    let closed = false;
    await using upstream = await startUpstream((request) =>
      request.on('close', () => {
        closed = true;
      }),
    );
    const env = { MONOLITH_URL: upstream.url, FIRST_BYTE_TIMEOUT_MS: '150' };
    await withGateway({ env }, async ({ url }) => {
      const response = await fetch(url);
      assert.equal(response.status, 504);
      assert.match(await response.text(), /"Gateway Timeout"/);
      await until(() => closed, SOON);
    });
  });

  it('is waited for as long as the upload still moves, and a stream has no limit', async () => {
    await using upstream = await startUpstream((request, response) => {
      request.on('end', () => {
        response.write('head');
        setTimeout(() => response.end(' tail'), 2_000);
      });
      request.resume();
    });
    const env = { MONOLITH_URL: upstream.url, FIRST_BYTE_TIMEOUT_MS: '1500' };
    await withGateway({ env }, async ({ port }) => {
      const { socket, receive } = sendRaw(port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n');
      // Longer than the limit as a whole, and far from it each time.
      for (let sent = 0; sent < 6; sent += 1) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        socket.write('x');
      }
      const text = await receive((text) => text.includes(' tail') || text.includes(' 504 '));
      assert.match(text, /^HTTP\/1.1 200 OK/);
      socket.destroy();
    });
  });
});

describe('a monolith that breaks off', () => {
  for (const [how, head] of [
    ['a chunked response', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['a response of known length', 'Content-Length: 100\r\n\r\nhello'],
  ] as const) {
    for (const ending of ['close', 'reset'] as const) {
      it(`in ${how}, by ${ending}: the client sees a broken response, no short one, and no hang`, async () => {
        let breakOff = (): void => {};
        await using upstream = await startRawUpstream((socket) => {
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\n${head}`);
            breakOff = () => void (ending === 'close' ? socket.destroy() : socket.resetAndDestroy());
          });
        });
        await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port, logLines }) => {
          const { ended, receive, received } = sendRaw(port, GET);
          await receive((text) => text.includes('hello'));
          breakOff();
          await ended();
          assert.doesNotMatch(received(), /\r\n0\r\n|rror/);
          const line = await until(async () => (await logLines()).find(({ msg }) => msg === 'request'), SOON);
          assert.equal(line.outcome, 'aborted');
          assert.equal(line.failure, 'broken');
        });
      });
    }
  }

  it('before it answers is 502; so is one that speaks no HTTP', async () => {
    for (const answer of ['', 'SSH-2.0-OpenSSH_9.2\r\n']) {
      await using upstream = await startRawUpstream((socket) =>
        socket.once('data', () => socket.end(answer)),
      );
      await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ url }) => {
        assert.equal((await fetch(url)).status, 502);
      });
    }
  });
});

it('a client that hangs up ends its request to the monolith at once', async () => {
  let open = 0;
  await using upstream = await startUpstream((request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    if (request.url === '/stream') response.write('begun');
  });
  await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port, logLines }) => {
    for (const target of ['/silent', '/stream']) {
      const { socket } = sendRaw(port, GET.replace('/ ', `${target} `));
      await until(() => open === 1, SOON);
      socket.destroy();
      await until(() => open === 0, SOON);
    }
    const lines = await until(async () => {
      const found = (await logLines()).filter(({ msg }) => msg === 'request');
      return found.length === 2 ? found : undefined;
    }, SOON);
    assert.deepEqual(
      lines.map(({ outcome }) => outcome),
      ['aborted', 'aborted'],
    );
    // Nobody but the client is to blame.
    assert.ok(lines.every(({ failure }) => failure === undefined));
  });
});

it('a connection that was idle for too long is not used for what may not be repeated', async () => {
  await using upstream = await startUpstream((_request, response) => response.end('ok'));
  upstream.server.keepAliveTimeout = 60_000;
  let connections = 0;
  upstream.server.on('connection', () => {
    connections += 1;
  });
  const env = {
    MONOLITH_URL: upstream.url,
    UPSTREAM_REUSE_IDLE_MS: '100',
    MONOLITH_CHECK_INTERVAL_MS: '100000',
  };
  await withGateway({ env }, async ({ url }) => {
    await until(() => connections === 1, { ...SOON, what: 'the check' });
    await (await fetch(url)).text();
    await (await fetch(url)).text();
    const before = connections;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await (await fetch(url, { method: 'POST' })).text();
    assert.equal(before, 2, 'the check, and one connection for both requests');
    assert.equal(connections, 3);
  });
});

it('ambiguous requests are refused with 400 and never reach the monolith', async () => {
  let reached = 0;
  await using upstream = await startUpstream((_request, response) => {
    reached += 1;
    response.end();
  });
  await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ port }) => {
    for (const head of [
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      'GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost : h\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
    ]) {
      const { ended, received } = sendRaw(port, head);
      await ended();
      assert.match(received(), /^HTTP\/1.1 400 /, head);
    }
    assert.equal(reached, 0);
  });
});

it('what is refused before it is a request is logged and counted, without a byte of it', async () => {
  await using upstream = await startUpstream((_request, response) => response.end());
  const env = { MONOLITH_URL: upstream.url, REQUEST_HEAD_TIMEOUT_MS: '1000' };
  await withGateway({ env }, async ({ port, adminUrl, logLines }) => {
    const refused = [
      ['GET /PLANTED HTTP/1.1\r\n\r\n', 400, 'bad-host'],
      ['PLANTED\r\n\r\n', 400, 'malformed'],
      ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed'],
      ['GET /PLANTED HTTP/1.1\r\nHost: PLA', 408, 'head-late'],
      [`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431, 'head-too-large'],
      ['CONNECT PLANTED:1 HTTP/1.1\r\nHost: h\r\n\r\n', 501, 'connect-refused'],
      ['GET /PLANTED HTTP/1.2\r\nHost: h\r\n\r\n', 505, 'unsupported-version'],
    ] as const;
    for (const [bytes] of refused) await sendRaw(port, bytes).ended();
    // These were requests, but for their bodies.
    for (const [framing, status] of [
      ['Transfer-Encoding: chunked\r\n\r\nPLANTED\r\n', 400],
      ['Expect: 100-continue\r\nContent-Length: 5, 5\r\n\r\n', 400],
    ] as const) {
      const client = sendRaw(port, `POST / HTTP/1.1\r\nHost: h\r\n${framing}`);
      await client.ended();
      assert.match(client.received(), new RegExp(`^HTTP/1.1 ${status} `));
    }
    const lines = await until(async () => {
      const found = (await logLines()).filter(({ msg }) => msg === 'request');
      return found.length === refused.length + 2 ? found : undefined;
    }, SOON);
    assert.deepEqual(
      lines.slice(0, refused.length).map(({ status, reason }) => [status, reason]),
      refused.map(([, status, reason]) => [status, reason]),
    );
    const { bytes, time: _, ...first } = lines[0] as Record<string, unknown>;
    const expected = { level: 'info', backend: null, reason: 'bad-host', status: 400 };
    assert.deepEqual(first, { ...expected, outcome: 'refused', client: '127.0.0.1', msg: 'request' });
    assert.ok(Number(bytes) > 100);
    assert.doesNotMatch(JSON.stringify(lines), /PLA/);
    const text = await (await fetch(`${adminUrl}/metrics`)).text();
    for (const line of [
      'banyan_requests_total{operation="none",backend="none",status="4xx",outcome="refused"} 6',
      'banyan_requests_total{operation="none",backend="none",status="5xx",outcome="refused"} 2',
      'banyan_requests_total{operation="none",backend="monolith",status="4xx",outcome="answered"} 1',
      'banyan_requests_refused_total{reason="malformed"} 2',
      'banyan_requests_refused_total{reason="bad-length"} 1',
      'banyan_requests_in_flight 0',
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line} in ${text}`);
    }
  });
});

it('a head that takes too long is 408, one that is too big 431', async () => {
  await using upstream = await startUpstream((_request, response) => response.end());
  const env = { MONOLITH_URL: upstream.url, REQUEST_HEAD_TIMEOUT_MS: '1000' };
  await withGateway({ env }, async ({ port }) => {
    const slow = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n');
    const big = sendRaw(port, `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`);
    await slow.ended();
    await big.ended();
    assert.match(slow.received(), /^HTTP\/1.1 408 /);
    assert.match(big.received(), /^HTTP\/1.1 431 /);
  });
});
