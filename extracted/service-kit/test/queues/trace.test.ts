import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Metadata } from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { silentLogger } from '../../src/logger.ts';
import { writeEvent } from '../../src/outbox.ts';
import { readTracing } from '../../src/tracing-settings.ts';
import { createTracing } from '../../src/tracing-spans.ts';
import { atEnd, now, startDatabase } from '../kit.ts';
import { emptyRedis } from './redis.ts';
import * as support from './support.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

test("the effect of an event is in the trace of the call that wrote it, and its calls are the effect's", async (t) => {
  const { settings } = readTracing({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '10' });
  assert.ok(settings);
  const exporter = new InMemorySpanExporter();
  const parts = { service: 'test', instance: 'test', logger: silentLogger, exporter };
  const tracing = createTracing(settings, parts);
  atEnd(t, () => tracing.stop(1_000));
  const redis = await emptyRedis(t);
  const { url, database } = await startDatabase(t);
  const receiver = await support.startReceiver(t);
  await support.startRelay(t, support.relayConfig(url, redis.url));
  support.startConsumer(t, redis.url, receiver, {
    tracing,
    take: async () => {
      tracing.sent('/some.v1.Service/Call', new Metadata())?.end('OK');
      return { duplicate: false };
    },
  });
  const metadata = new Metadata();
  metadata.set('traceparent', `00-${TRACE}-b7ad6b7169203331-01`);
  const call = tracing.received('/booking.v1.BookingService/CreateBooking', metadata);
  await tracing.within(call, () =>
    database.transaction((tx) => writeEvent(tx, support.holdExpired(1), now(), tracing.traceparent())),
  );
  call.end('OK');
  assert.equal(tracing.traceparent(), undefined, 'what is on behalf of no call is in no trace');
  await support.drained(database);
  const spans = await until(() => {
    const all = exporter.getFinishedSpans();
    return all.length === 3 ? all : undefined;
  }, support.LONG);
  const byKind = (kind: SpanKind) => spans.find((span) => span.kind === kind);
  const [writer, effect, made] = [SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.CLIENT].map(byKind);
  assert.equal(effect?.name, `process ${support.QUEUE}`);
  assert.equal(effect?.spanContext().traceId, TRACE);
  assert.equal(effect?.parentSpanContext?.spanId, writer?.spanContext().spanId);
  assert.equal(made?.parentSpanContext?.spanId, effect?.spanContext().spanId);
});
