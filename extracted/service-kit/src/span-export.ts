import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Spans since the start. `dropped`: the queue was full. */
export type SpanCounts = { readonly exported: number; readonly failed: number; readonly dropped: number };

export type SpanExport = {
  readonly provider: TracerProvider;
  counts(): SpanCounts;
  /** Sends what waits, for so long at most; what is left then is lost, and the log says how much. */
  stop(limitMs: number): Promise<void>;
};

const SAMPLED = 1;
const EXPORT_SUCCESS = 0;

/**
 * Spans on their way out: a bounded queue, sent in batches, one at a time. Whoever ends a span waits for nothing, and
 * a collector that is away costs the spans and no more; the log says once that it is, and once that it is back.
 */
export function createSpanExport(
  exporter: SpanExporter,
  settings: TracingSettings,
  {
    service,
    instance,
    logger,
  }: { readonly service: string; readonly instance: string; readonly logger: Logger },
): SpanExport {
  let exported = 0;
  let failed = 0;
  let dropped = 0;
  let waiting = 0;
  let isFailing = false;
  const batches = new BatchSpanProcessor({
    exporter: {
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      export: (spans, done) => {
        waiting -= spans.length;
        exporter.export(spans, (result) => {
          if (result.code === EXPORT_SUCCESS) {
            exported += spans.length;
            if (isFailing) logger.info('spans are exported again');
            isFailing = false;
          } else {
            failed += spans.length;
            if (!isFailing) logger.warn({ err: result.error }, 'spans cannot be exported; they are dropped');
            isFailing = true;
          }
          done(result);
        });
      },
    },
    maxQueueSize: settings.queueSpansMax,
    maxExportBatchSize: settings.batchSpansMax,
    scheduledDelayMillis: settings.delayMs,
    exportTimeoutMillis: settings.exportTimeoutMs,
  });
  /** Keeps the same count of the queue as the batches do, which tell nobody what they drop. */
  const counted: SpanProcessor = {
    onStart: (span, context) => batches.onStart(span, context),
    onEnd: (span) => {
      if ((span.spanContext().traceFlags & SAMPLED) !== 0) {
        if (waiting < settings.queueSpansMax) waiting += 1;
        else dropped += 1;
      }
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service, 'service.instance.id': instance }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
    .merge(detectResources({ detectors: [serviceNameEnvDetector] }));
  const provider = new TracerProvider({ resource, sampler: samplerOf(settings), spanProcessors: [counted] });

  return {
    provider,
    counts: () => ({ exported, failed, dropped }),
    stop: async (limitMs) => {
      const timeUp = Promise.withResolvers<boolean>();
      const timer = setTimeout(timeUp.resolve, limitMs, false);
      // What could not be sent has been counted and logged already.
      const isDone = await Promise.race([provider.shutdown().then(done, done), timeUp.promise]);
      clearTimeout(timer);
      if (!isDone) logger.warn('stopped before all spans were exported');
    },
  };
}

const done = (): boolean => true;

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}
