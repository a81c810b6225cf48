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
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { HeadEdits } from '../datapath/head-edits.ts';
import type { RequestContext, RequestEnd } from '../http/request-context.ts';
import type { CallTrace, RequestTrace } from '../http/request-trace.ts';
import type { Operation } from '../routing/operation.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { NO_OPERATION } from './labels.ts';
import type { Logger } from './logger.ts';
import { createSpanExport, type SpanCounts } from './span-export.ts';
import type { TracingSettings } from './tracing-settings.ts';

export type Tracing = {
  /** Begins the span of a request, in the client's trace where it names one. */
  start(head: RequestHead, operation: Operation | undefined): RequestTrace;
  counts(): SpanCounts;
  /** Sends what waits, for so long at most. */
  stop(limitMs: number): Promise<void>;
};

/** Methods that have a name of their own in a span; any other is `_OTHER`, so that no client makes up names. */
const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);
const TRACEPARENT: ReadonlySet<string> = new Set(['traceparent']);
const TRACE_FIELDS: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/**
 * W3C Trace Context, and spans by OpenTelemetry's conventions: SERVER for a request, CLIENT for what it asks of the
 * monolith or of a service. No span holds a query, a path's values, a header or an account. Loading this file loads
 * OpenTelemetry.
 */
export async function createTracing(
  settings: TracingSettings,
  parts: {
    readonly service: string;
    /** Unique among the processes of the service. */
    readonly instance: string;
    readonly logger: Logger;
    readonly exporter?: SpanExporter;
  },
): Promise<Tracing> {
  const exporter = parts.exporter ?? (await otlpExporter());
  const { provider, counts, stop } = createSpanExport(exporter, settings, parts);
  const tracer = provider.getTracer('banyan');
  return {
    start: (head, operation) => {
      const parent = readParent(head);
      const method = METHODS.has(head.method) ? head.method : '_OTHER';
      const span = tracer.startSpan(
        spanName(method, operation),
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': method,
            'url.scheme': 'http',
            ...(operation && { 'http.route': operation.path }),
            'banyan.operation': operation?.operationId ?? NO_OPERATION,
          },
        },
        parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      );
      return new Trace(tracer, span, method, parent !== undefined);
    },
    counts,
    stop,
  };
}

async function otlpExporter(): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

class Trace implements RequestTrace {
  readonly traceId: string;
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #method: string;
  readonly #hasParent: boolean;
  /** Of what the monolith is asked. */
  #monolith: Span | undefined = undefined;

  constructor(tracer: Tracer, span: Span, method: string, hasParent: boolean) {
    this.traceId = span.spanContext().traceId;
    this.#tracer = tracer;
    this.#span = span;
    this.#method = method;
    this.#hasParent = hasParent;
  }

  toMonolith(): HeadEdits {
    this.#monolith ??= this.#child(this.#method === '_OTHER' ? 'HTTP' : this.#method, {
      'http.request.method': this.#method,
      'service.peer.name': 'monolith',
    });
    // The client's tracestate belongs to its traceparent: it stays as it came, or goes with one that is none.
    return {
      omit: this.#hasParent ? TRACEPARENT : TRACE_FIELDS,
      append: ['traceparent', traceparentOf(this.#monolith.spanContext())],
    };
  }

  toService(path: string): CallTrace {
    const method = path.slice(1);
    const span = this.#child(method, { 'rpc.system.name': 'grpc', 'rpc.method': method });
    const context = span.spanContext();
    const state = context.traceState?.serialize();
    let isOver = false;
    return {
      fields: [['traceparent', traceparentOf(context)], ...(state ? [['tracestate', state] as const] : [])],
      end: (code) => {
        if (isOver) return;
        isOver = true;
        span.setAttribute('rpc.response.status_code', code);
        if (code !== 'OK') fail(span, code);
        span.end();
      },
    };
  }

  end(context: RequestContext, end: RequestEnd): void {
    const { failure, decision } = context;
    const status = end.status === undefined ? {} : { 'http.response.status_code': end.status };
    const errorType = failure?.kind ?? (end.status !== undefined && end.status >= 500 ? `${end.status}` : '');
    if (this.#monolith !== undefined) {
      // An answer that the gateway gave in the monolith's stead is none of the monolith's.
      if (failure === undefined || failure.kind === 'broken') this.#monolith.setAttributes(status);
      if (errorType !== '') fail(this.#monolith, errorType);
      this.#monolith.end();
    }
    this.#span.setAttributes({
      ...status,
      'banyan.backend': context.servedBy,
      'banyan.reason': decision.reason,
      'banyan.flags.version': context.flagsVersion,
      'banyan.outcome': end.outcome,
      ...(context.fellBack && { 'banyan.fell_back': true }),
    });
    if (errorType !== '') fail(this.#span, errorType);
    this.#span.end();
  }

  #child(name: string, attributes: Attributes): Span {
    const parent = trace.setSpan(ROOT_CONTEXT, this.#span);
    return this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  }
}

function spanName(method: string, operation: Operation | undefined): string {
  const verb = method === '_OTHER' ? 'HTTP' : method;
  return operation ? `${verb} ${operation.path}` : verb;
}

/** The span that the client says it is in. Undefined where it says none, several, or nothing that can be read. */
function readParent(head: RequestHead): SpanContext | undefined {
  const [traceparent, ...more] = head.values('traceparent');
  if (traceparent === undefined || more.length > 0) return undefined;
  const parent = parseTraceParent(traceparent);
  if (parent === null) return undefined;
  const state = head.values('tracestate').join(',');
  return { ...parent, isRemote: true, ...(state !== '' && { traceState: createTraceState(state) }) };
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function fail(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
