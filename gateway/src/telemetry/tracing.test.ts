import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { InMemorySpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { RequestContext, RequestEnd } from '../http/request-context.ts';
import { parseRequestHead, type RequestHead } from '../wire/request-head.ts';
import type { Logger } from './logger.ts';
import { createTracing } from './tracing.ts';
import { readTracing } from './tracing-settings.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const OPERATION = { operationId: 'getInvoice', method: 'GET', path: '/invoices/{id}' } as const;
const SECRETS = /4711|token=|sid=|hunter2/;

function headOf(lines: readonly string[] = [], method = 'GET'): RequestHead {
  const all = [`${method} /invoices/4711?token=hunter2 HTTP/1.1`, 'Host: a', 'Cookie: sid=hunter2', ...lines];
  const bytes = Buffer.from(`${all.join('\r\n')}\r\n\r\n`, 'latin1');
  return parseRequestHead(bytes, 0, bytes.length) as RequestHead;
}

const contextOf = (over: object = {}): RequestContext =>
  ({
    operation: OPERATION,
    decision: { backend: 'billing', reason: 'stage-service' },
    servedBy: 'billing',
    flagsVersion: 42,
    failure: undefined,
    ...over,
  }) as unknown as RequestContext;
const endOf = (over: object = {}): RequestEnd => ({
  status: 200,
  outcome: 'complete',
  sentBytes: 1,
  durationMs: 1,
  ...over,
});

function recordingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = (first: unknown, text?: string) => lines.push(text ?? String(first));
  return { lines, logger: { info: log, warn: log } as unknown as Logger };
}

async function startTracing(env: Record<string, string> = {}, exporter?: SpanExporter) {
  const { settings } = readTracing({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '10', ...env });
  assert.ok(settings);
  const memory = new InMemorySpanExporter();
  const { logger, lines } = recordingLogger();
  const tracing = await createTracing(settings, {
    service: 'banyan-gateway',
    instance: 'test',
    logger,
    exporter: exporter ?? memory,
  });
  /** Those that were exported, once there are so many. */
  const exported = async (count: number) => {
    await until(() => memory.getFinishedSpans().length >= count, {
      deadlineMs: 10_000,
      what: `${count} spans`,
    });
    return memory.getFinishedSpans();
  };
  return { tracing, exported, memory, lines };
}

const lineOf = (list: readonly string[] | undefined, name: string) => list?.[list.indexOf(name) + 1] ?? '';

describe('a traced request', () => {
  it("goes on in the client's trace, and hands the monolith a span of its own", async () => {
    const { tracing, exported } = await startTracing();
    const head = headOf([`traceparent: 00-${TRACE}-${PARENT}-01`, 'tracestate: vendor=1']);
    const trace = tracing.start(head, OPERATION);
    assert.equal(trace.traceId, TRACE);
    const { omit, append } = trace.toMonolith();
    // Its tracestate stays as it came.
    assert.deepEqual([...(omit ?? [])], ['traceparent']);
    trace.end(contextOf({ servedBy: 'monolith' }), endOf());
    const [toMonolith, request] = await exported(2);
    assert.equal(request?.name, 'GET /invoices/{id}');
    assert.deepEqual([request?.spanContext().traceId, request?.parentSpanContext?.spanId], [TRACE, PARENT]);
    assert.equal(toMonolith?.parentSpanContext?.spanId, request?.spanContext().spanId);
    assert.equal(lineOf(append, 'traceparent'), `00-${TRACE}-${toMonolith?.spanContext().spanId}-01`);
    await tracing.stop(1_000);
  });

  it('hands each call to a service a span of its own, with the tracestate', async () => {
    const { tracing, exported } = await startTracing();
    const head = headOf([`traceparent: 00-${TRACE}-${PARENT}-01`, 'tracestate: a=1', 'tracestate: b=2']);
    const trace = tracing.start(head, OPERATION);
    const call = trace.toService('/billing.v1.BillingService/GetInvoice');
    call.end('OK');
    const lost = trace.toService('/billing.v1.BillingService/GetInvoice');
    lost.end('UNAVAILABLE');
    trace.end(contextOf(), endOf());
    const [first, second] = await exported(3);
    assert.deepEqual(call.fields, [
      ['traceparent', `00-${TRACE}-${first?.spanContext().spanId}-01`],
      ['tracestate', 'a=1,b=2'],
    ]);
    assert.equal(first?.name, 'billing.v1.BillingService/GetInvoice');
    assert.equal(first?.attributes['rpc.response.status_code'], 'OK');
    assert.equal(second?.attributes['error.type'], 'UNAVAILABLE');
    await tracing.stop(1_000);
  });

  it('begins a trace where the client names none that can be read; then its tracestate goes too', async () => {
    const { tracing } = await startTracing();
    for (const lines of [
      [],
      ['tracestate: vendor=1'],
      ['traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01'],
      [`traceparent: 00-${TRACE}-${PARENT}-01`, `traceparent: 00-${TRACE}-${PARENT}-01`],
      ['traceparent: nonsense'],
    ]) {
      const trace = tracing.start(headOf(lines), OPERATION);
      assert.notEqual(trace.traceId, TRACE);
      const { omit, append } = trace.toMonolith();
      assert.deepEqual([...(omit ?? [])], ['traceparent', 'tracestate']);
      assert.match(lineOf(append, 'traceparent'), new RegExp(`^00-${trace.traceId}-[0-9a-f]{16}-01$`));
      trace.end(contextOf(), endOf());
    }
    await tracing.stop(1_000);
  });

  it('says how it was decided and how it ended, and nothing that is private', async () => {
    const { tracing, exported } = await startTracing();
    tracing
      .start(headOf(), OPERATION)
      .end(contextOf({ fellBack: true, servedBy: 'monolith' }), endOf({ status: 503 }));
    const [request] = await exported(1);
    assert.deepEqual(request?.attributes, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'http.route': '/invoices/{id}',
      'banyan.operation': 'getInvoice',
      'http.response.status_code': 503,
      'banyan.backend': 'monolith',
      'banyan.reason': 'stage-service',
      'banyan.outcome': 'complete',
      'banyan.flags.version': 42,
      'banyan.fell_back': true,
      'error.type': '503',
    });
    assert.doesNotMatch(JSON.stringify([request?.name, request?.attributes, request?.events]), SECRETS);
    await tracing.stop(1_000);
  });

  it('has no name that a client made up', async () => {
    const { tracing, exported } = await startTracing();
    tracing.start(headOf([], 'HUNTER2'), undefined).end(contextOf(), endOf());
    const [request] = await exported(1);
    assert.equal(request?.name, 'HTTP');
    assert.equal(request?.attributes['http.request.method'], '_OTHER');
    await tracing.stop(1_000);
  });

  it('that is not sampled is not exported, and nobody behind it is told to sample it', async () => {
    const { tracing, memory } = await startTracing();
    const trace = tracing.start(headOf([`traceparent: 00-${TRACE}-${PARENT}-00`]), OPERATION);
    assert.match(lineOf(trace.toMonolith().append, 'traceparent'), new RegExp(`^00-${TRACE}-.*-00$`));
    assert.match(trace.toService('/a.B/C').fields[0]?.[1] ?? '', new RegExp(`^00-${TRACE}-.*-00$`));
    trace.end(contextOf(), endOf());
    const off = await startTracing({ OTEL_TRACES_SAMPLER: 'always_off' });
    const root = off.tracing.start(headOf(), OPERATION);
    assert.match(lineOf(root.toMonolith().append, 'traceparent'), /-00$/);
    root.end(contextOf(), endOf());
    await Promise.all([tracing.stop(1_000), off.tracing.stop(1_000)]);
    assert.deepEqual([memory.getFinishedSpans(), off.memory.getFinishedSpans()], [[], []]);
  });
});

describe('the export of spans', () => {
  it('waits for no collector: what does not fit is dropped and counted, and a stop ends at its limit', async () => {
    const taken: number[] = [];
    const hanging: SpanExporter = {
      export: (spans) => void taken.push(spans.length),
      shutdown: () => new Promise(() => {}),
    };
    const env = {
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_BSP_EXPORT_TIMEOUT: '1000',
    };
    const { tracing, lines } = await startTracing(env, hanging);
    for (let i = 0; i < 50; i += 1) tracing.start(headOf(), OPERATION).end(contextOf(), endOf());
    // One batch is with the collector, one waits.
    assert.deepEqual([taken, tracing.counts()], [[10], { exported: 0, failed: 0, dropped: 30 }]);
    await tracing.stop(50);
    assert.deepEqual(lines, ['stopped before all spans were exported']);
  });

  it('says once that a collector cannot be reached, and once that it can again', async () => {
    let isAway = true;
    const flapping: SpanExporter = {
      export: (_spans, done) => done(isAway ? { code: 1, error: new Error('ECONNREFUSED') } : { code: 0 }),
      shutdown: async () => {},
    };
    const { tracing, lines } = await startTracing({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' }, flapping);
    const ended = async (total: number) => {
      tracing.start(headOf(), OPERATION).end(contextOf(), endOf());
      const sum = () => tracing.counts().exported + tracing.counts().failed;
      await until(() => sum() === total, { deadlineMs: 10_000, what: `${total} spans to leave` });
    };
    await ended(1);
    await ended(2);
    isAway = false;
    await ended(3);
    await ended(4);
    assert.deepEqual(tracing.counts(), { exported: 2, failed: 2, dropped: 0 });
    assert.deepEqual(lines, ['spans cannot be exported; they are dropped', 'spans are exported again']);
    await tracing.stop(1_000);
  });
});
