import { AsyncLocalStorage } from 'node:async_hooks';
import type { Metadata } from '@grpc/grpc-js';
import {
  type Attributes,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.ts';
import { createSpanExport } from './span-export.ts';
import type { CallSpan, Tracing } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Statuses that are the server's fault (OpenTelemetry's conventions for gRPC); the others are answers. */
const FAULTS = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Spans by OpenTelemetry's conventions, in W3C Trace Context. Loading this file loads OpenTelemetry. */
export function createTracing(
  settings: TracingSettings,
  parts: {
    readonly service: string;
    readonly instance: string;
    readonly logger: Logger;
    readonly exporter?: SpanExporter;
  },
): Tracing {
  const { provider, stop } = createSpanExport(parts.exporter ?? new OTLPTraceExporter(), settings, parts);
  const tracer = provider.getTracer('banyan');
  const calls = new AsyncLocalStorage<Call>();
  return {
    received: (path, metadata) => {
      const parent = readParent(metadata);
      return startCall(tracer, rpc(path), SpanKind.SERVER, parent && trace.wrapSpanContext(parent));
    },
    within: (call, run) => calls.run(call as Call, run),
    sent: (path, metadata) => {
      const caller = calls.getStore();
      if (caller === undefined || caller.isOver) return undefined;
      const call = startCall(tracer, rpc(path), SpanKind.CLIENT, caller.span);
      metadata.set('traceparent', traceparentOf(call.span));
      const state = call.span.spanContext().traceState?.serialize();
      if (state) metadata.set('tracestate', state);
      return call;
    },
    traceparent: () => {
      const caller = calls.getStore();
      return caller === undefined || caller.isOver ? undefined : traceparentOf(caller.span);
    },
    consumed: (queue, traceparent) => {
      const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
      return startCall(
        tracer,
        taking(queue),
        SpanKind.CONSUMER,
        parent === null ? undefined : trace.wrapSpanContext({ ...parent, isRemote: true }),
      );
    },
    stop,
  };
}

type Work = { readonly name: string; readonly attributes: Attributes; readonly codeAttribute?: string };

function rpc(path: string): Work {
  const name = path.slice(1);
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': name };
  return { name, attributes, codeAttribute: 'rpc.response.status_code' };
}

function taking(queue: string): Work {
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.destination.name': queue,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
  };
  return { name: `process ${queue}`, attributes };
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

type Call = CallSpan & { readonly span: Span; readonly isOver: boolean };

function startCall(
  tracer: Tracer,
  { name, attributes, codeAttribute }: Work,
  kind: SpanKind,
  parent: Span | undefined,
): Call {
  const span = tracer.startSpan(
    name,
    { kind, attributes },
    parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  );
  let isOver = false;
  return {
    span,
    get isOver() {
      return isOver;
    },
    end: (code) => {
      if (isOver) return;
      isOver = true;
      if (codeAttribute !== undefined) span.setAttribute(codeAttribute, code);
      if (kind === SpanKind.SERVER ? FAULTS.has(code) : code !== 'OK') {
        span.setAttribute('error.type', code);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** Undefined where the metadata names no span, several, or nothing that can be read. */
function readParent(metadata: Metadata): SpanContext | undefined {
  const [traceparent, ...more] = metadata.get('traceparent');
  if (typeof traceparent !== 'string' || more.length > 0) return undefined;
  const parent = parseTraceParent(traceparent);
  if (parent === null) return undefined;
  const state = metadata.get('tracestate').join(',');
  return { ...parent, isRemote: true, ...(state !== '' && { traceState: createTraceState(state) }) };
}
