import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { DirectoryServiceService } from '@banyan/contracts/directory/v1/directory';
import { OwnershipServiceService } from '@banyan/contracts/ownership/v1/ownership';
import { createIdentityKeys, createIdentityVerifier } from '@banyan/service-kit/identity';
import { silentLogger } from '@banyan/service-kit/logger';
import { createGrpcServer, implement } from '@banyan/service-kit/server';
import { loadTracing } from '@banyan/service-kit/tracing';
import { until } from '@banyan/stack/testing/until';
import { status } from '@grpc/grpc-js';
import { type RolloutOptions, withRollout } from './rollout/support/with-rollout.ts';
import { type Collector, type ReceivedSpan, startCollector } from './support/otlp-collector.ts';
import { spawnGateway } from './support/process.ts';
import { sendRaw } from './support/raw-client.ts';
import { refusedUrl, startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';
import { flightOf } from './translate/support/test-service.ts';
import { COOKIE, withFlights } from './translate/support/with-flights.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const CLIENT = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' };
const DEADLINE = { deadlineMs: 30_000 };

/** The variables that ask for traces. The SDK reads some of them from the process by itself. */
function tracedTo(collector: Pick<Collector, 'url'>): Record<string, string> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' };
  Object.assign(process.env, env);
  return env;
}

/** The test's flights, served as services are, with traces by the same variables. */
async function startTracedService(): Promise<{ target: string } & AsyncDisposable> {
  const tracing = await loadTracing(process.env, {
    service: 'flights',
    instance: 'test',
    logger: silentLogger,
  });
  assert.ok(tracing);
  const now = () => new Date();
  const keys = createIdentityKeys(`k1:${Buffer.alloc(32, 7).toString('base64url')}`, {
    now,
    logger: silentLogger,
  });
  const ownership = {
    ownerships: [
      {
        aggregate: 'flights',
        owner: 'OWNER_SERVICE' as const,
        epoch: 1n,
        data: 'SERVICE_DATA_NONE' as const,
      },
    ],
  };
  const server = createGrpcServer({
    services: [
      implement(DirectoryServiceService, 'user', {
        getFlight: ({ flightId }) => ({ flight: flightOf(flightId) }),
        async *listFlights() {
          yield { flights: [flightOf(1n)], cursor: '' };
        },
        getAccount: () => ({ account: undefined }),
        async *listAccounts() {
          yield { accounts: [] };
        },
      }),
      implement(OwnershipServiceService, 'open', {
        listOwnership: () => ownership,
        async *watchOwnership(_request, { signal, draining }) {
          yield ownership;
          await new Promise<void>((resolve) => {
            for (const each of [signal, draining]) each.addEventListener('abort', () => resolve());
          });
        },
      }),
    ],
    identity: createIdentityVerifier({ keys, audience: 'flights', now }),
    serviceToken: null,
    tracing,
    logger: silentLogger,
    now,
    newId: randomUUID,
    limits: { drainMs: 1_000 },
  });
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    target: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await tracing.stop(1_000);
    },
  };
}

const traceFields = ({ rawHeaders }: IncomingMessage): string[] =>
  rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && /^trace/i.test(name) ? [`${name}: ${rawHeaders[i + 1]}`] : [],
  );

describe('a trace', () => {
  it('goes from the client through the gateway to the service, and nothing private with it', async () => {
    await using collector = await startCollector();
    const env = tracedTo(collector);
    await using service = await startTracedService();
    await withFlights({ target: service.target, env }, async ({ url, logLines }) => {
      const headers = { cookie: `${COOKIE}; other=hunter2`, ...CLIENT };
      const response = await fetch(`${url}/flights/4711?token=hunter2`, { headers });
      assert.match(await response.text(), /"number":"MA4711"/);
      const spans = await collector.until(3);
      const [request, call, served] = [
        ['banyan-gateway', 'server'],
        ['banyan-gateway', 'client'],
        ['flights', 'server'],
      ].map(([name, kind]) => spans.find((each) => each.service === name && each.kind === kind));
      assert.deepEqual(
        spans.map(({ traceId, traceState }) => [traceId, traceState]),
        Array(3).fill([TRACE, 'vendor=1']),
      );
      assert.deepEqual(
        [request?.parentSpanId, call?.parentSpanId, served?.parentSpanId],
        [PARENT, request?.spanId, call?.spanId],
      );
      assert.deepEqual(
        [request?.name, call?.name, served?.name],
        [
          'GET /flights/{id}',
          'directory.v1.DirectoryService/GetFlight',
          'directory.v1.DirectoryService/GetFlight',
        ],
      );
      assert.equal(request?.attributes['http.route'], '/flights/{id}');
      assert.equal(request?.attributes['http.response.status_code'], 200);
      assert.equal(request?.attributes['banyan.backend'], 'flights');
      assert.equal(request?.attributes['banyan.reason'], 'owner-service');
      for (const bytes of collector.bytes) assert.doesNotMatch(bytes.toString('latin1'), /hunter2|4711|sid=/);
      const line = await until(
        async () => (await logLines()).find(({ operation }) => operation === 'getFlight'),
        DEADLINE,
      );
      assert.equal(line.trace_id, TRACE);
    });
  });

  it('has the stream of a service in it', async () => {
    await using collector = await startCollector();
    const env = tracedTo(collector);
    await using service = await startTracedService();
    await withFlights({ target: service.target, env }, async ({ url }) => {
      const response = await fetch(`${url}/flights.csv`, { headers: { cookie: COOKIE, ...CLIENT } });
      assert.equal(await response.text(), 'MA1\r\n');
      const spans = await collector.until(3);
      const call = spans.find((each) => each.service === 'banyan-gateway' && each.kind === 'client');
      const served = spans.find((each) => each.service === 'flights');
      assert.equal(served?.name, 'directory.v1.DirectoryService/ListFlights');
      assert.equal(served?.parentSpanId, call?.spanId);
      assert.equal(call?.attributes['rpc.response.status_code'], 'OK');
    });
  });

  it("is the monolith's too: it gets the gateway's span, and the client's tracestate as it came", async () => {
    await using collector = await startCollector();
    const env = tracedTo(collector);
    const seen: string[][] = [];
    await using monolith = await startUpstream((request, response) => {
      seen.push(traceFields(request));
      response.end();
    });
    await withGateway({ env: { ...env, MONOLITH_URL: monolith.url } }, async ({ port }) => {
      const lines = [`TraceParent: ${CLIENT.traceparent}`, 'TraceState: a=1 ,  b=2', 'tracestate: c=3'];
      const client = sendRaw(
        port,
        `GET /x HTTP/1.1\r\nHost: h\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`,
      );
      await client.ended();
      const spans = await collector.until(2);
      const asked = spans.find(({ kind }) => kind === 'client');
      assert.deepEqual(seen, [
        ['TraceState: a=1 ,  b=2', 'tracestate: c=3', `traceparent: 00-${TRACE}-${asked?.spanId}-01`],
      ]);
      assert.equal(asked?.parentSpanId, spans.find(({ kind }) => kind === 'server')?.spanId);
    });
  });

  it('shows what was tried before the monolith answered in the place of a service', async () => {
    await using collector = await startCollector();
    const env = tracedTo(collector);
    const seen: string[][] = [];
    const rollout: RolloutOptions = {
      env,
      flags: { getFlight: { stage: 'service', fallback: true } },
      monolith: (request, response) => {
        seen.push(traceFields(request));
        response.end();
      },
    };
    await withRollout(rollout, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer({ code: status.UNAVAILABLE, details: 'away' });
      await (await fetch(`${running.url}/flights/7`, { headers: { cookie: COOKIE, ...CLIENT } })).text();
      const isRequest = ({ kind }: ReceivedSpan) => kind === 'server';
      await until(() => collector.spans.some(isRequest), DEADLINE);
      const request = collector.spans.find(isRequest);
      const tried = collector.spans.filter((span) => span.parentSpanId === request?.spanId);
      const failed = tried.filter(
        ({ attributes }) => attributes['rpc.response.status_code'] === 'UNAVAILABLE',
      );
      const [asked, ...others] = tried.filter((span) => !failed.includes(span));
      assert.ok(failed.length > 0);
      assert.deepEqual([asked?.attributes['service.peer.name'], others], ['monolith', []]);
      assert.deepEqual(seen, [['tracestate: vendor=1', `traceparent: 00-${TRACE}-${asked?.spanId}-01`]]);
      const { attributes } = request ?? assert.fail();
      assert.deepEqual(
        ['backend', 'reason', 'fell_back', 'flags.version'].map((name) => attributes[`banyan.${name}`]),
        ['monolith', 'stage-service', 1, 1],
      );
    });
  });

  it('is none of ours while no variable asks for it: what a client says of its own passes as it came', async () => {
    const seen: string[][] = [];
    await using monolith = await startUpstream((request, response) => {
      seen.push(traceFields(request));
      response.end();
    });
    await withGateway({ env: { MONOLITH_URL: monolith.url } }, async ({ port, logLines }) => {
      const lines = ['TraceParent: 00-Nonsense', 'traceSTATE:  a=1 ,, b', 'tracestate: c=3'];
      const client = sendRaw(
        port,
        `GET / HTTP/1.1\r\nHost: h\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`,
      );
      await client.ended();
      assert.deepEqual(seen, [['TraceParent: 00-Nonsense', 'traceSTATE: a=1 ,, b', 'tracestate: c=3']]);
      const line = await until(async () => (await logLines()).find(({ msg }) => msg === 'request'), DEADLINE);
      assert.ok(!('trace_id' in line));
    });
  });
});

describe('a process whose traces nobody takes', () => {
  for (const [what, start] of [
    ['cannot be reached', async () => ({ url: await refusedUrl(), [Symbol.asyncDispose]: async () => {} })],
    ['never answers', () => startCollector({ hangs: true })],
  ] as const) {
    it(`answers and stops as ever where the collector ${what}`, async () => {
      await using collector = await start();
      await using upstream = await startUpstream((_request, response) => response.end('hello'));
      await using gateway = spawnGateway({
        MONOLITH_URL: upstream.url,
        PORT: '0',
        ADMIN_PORT: '0',
        DRAIN_TIMEOUT_MS: '500',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        // Whoever waited for the collector would still be waiting when the test gives up.
        OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
        OTEL_BSP_EXPORT_TIMEOUT: '600000',
        OTEL_BSP_SCHEDULE_DELAY: '1',
        OTEL_BSP_MAX_QUEUE_SIZE: '10',
      });
      const { port, adminPort } = await gateway.logged('listening');
      for (let i = 0; i < 50; i += 1) {
        assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'hello');
      }
      const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      const dropped = /banyan_trace_spans_total\{outcome="dropped"\} (\d+)/.exec(metrics)?.[1];
      assert.ok(Number(dropped) > 0, metrics);
      gateway.child.kill('SIGTERM');
      assert.equal(await gateway.exited(), 0);
      assert.match(gateway.stdout(), /stopped before all spans were exported/);
    });
  }

  it('sends the spans of its last requests when it stops', async () => {
    await using collector = await startCollector();
    await using upstream = await startUpstream((_request, response) => response.end('hello'));
    await using gateway = spawnGateway({
      MONOLITH_URL: upstream.url,
      PORT: '0',
      ADMIN_PORT: '0',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_SERVICE_NAME: 'edge',
      OTEL_BSP_SCHEDULE_DELAY: '600000',
    });
    const { port } = await gateway.logged('listening');
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.equal(collector.requests, 0);
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.exited(), 0);
    assert.deepEqual(collector.spans.map(({ service, kind }) => [service, kind]).toSorted(), [
      ['edge', 'client'],
      ['edge', 'server'],
    ]);
  });

  it('says so, and goes on, where the variables ask for what is not built in', async () => {
    await using upstream = await startUpstream((_request, response) => response.end('hello'));
    await using gateway = spawnGateway({
      MONOLITH_URL: upstream.url,
      PORT: '0',
      ADMIN_PORT: '0',
      OTEL_TRACES_EXPORTER: 'zipkin',
    });
    await gateway.logged('listening');
    await gateway.logged('nothing is traced: OTEL_TRACES_EXPORTER must be otlp or none, got "zipkin"');
  });
});
