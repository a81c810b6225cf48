import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Refusal } from '../datapath/refusal.ts';
import type { BackendHealth } from '../http/backend-health.ts';
import type { RequestContext, RequestEnd, RequestObserver } from '../http/request-context.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import { registerServiceMetrics } from './service-metrics.ts';

export type Metrics = {
  readonly observer: RequestObserver;
  /** The Prometheus text of now. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  release(): void;
};

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const NO_OPERATION = 'none';
const NO_BACKEND = 'none';
const EVENT_LOOP_PRECISION_MS = 10;

type Series = { readonly count: Counter.Internal; readonly duration: Histogram.Internal<string> };

/**
 * Counts by operation, backend and class of status: sets that the contract bounds. A path or an account is never
 * a label.
 */
export function createMetrics(sources: {
  readonly monolith: BackendHealth;
  readonly services: () => readonly ServiceReport[];
  readonly droppedLogLines: () => number;
}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  const labelNames = ['operation', 'backend', 'status'] as const;
  const requests = new Counter({
    name: 'banyan_requests_total',
    help: 'Requests that ended. status is a class such as 2xx, or aborted where there was no answer. Those refused before they were requests have no operation and no backend.',
    labelNames,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'banyan_request_duration_seconds',
    help: 'From the head of a request until its end. Upgraded connections are not in it.',
    labelNames,
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const failures = new Counter({
    name: 'banyan_backend_failures_total',
    help: 'Requests that a backend did not answer whole.',
    labelNames: ['backend', 'kind'] as const,
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'banyan_requests_refused_total',
    help: 'What was refused before it was a request: malformed, too large, too late, too much at once.',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  let inFlight = 0;
  new Gauge({
    name: 'banyan_requests_in_flight',
    help: 'Requests and upgraded connections under way.',
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  new Gauge({
    name: 'banyan_backend_reachable',
    help: '1 while the backend could be reached when last tried, else 0.',
    labelNames: ['backend'] as const,
    registers: [registry],
    collect() {
      this.set({ backend: 'monolith' }, sources.monolith.read().state === 'reachable' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'banyan_log_lines_dropped',
    help: 'Log lines dropped since the start because their reader was too slow.',
    registers: [registry],
    collect() {
      this.set(sources.droppedLogLines());
    },
  });
  registerServiceMetrics(registry, sources.services);

  /** Label sets are resolved once, not on every request. */
  const resolved = new Map<string, Series>();
  const seriesFor = (operation: string, backend: string, status: string): Series => {
    const key = `${operation}\n${backend}\n${status}`;
    const known = resolved.get(key);
    if (known) return known;
    const series = {
      count: requests.labels(operation, backend, status),
      duration: durations.labels(operation, backend, status),
    };
    resolved.set(key, series);
    return series;
  };

  return {
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    release: () => registry.clear(),
    observer: {
      onRefused: ({ reason, status }: Refusal) => {
        refusals.inc({ reason });
        requests.inc({ operation: NO_OPERATION, backend: NO_BACKEND, status: statusClass(status) });
      },
      onStart: () => {
        inFlight += 1;
      },
      onEnd: (context: RequestContext, end: RequestEnd) => {
        inFlight -= 1;
        const { operation, decision, failure } = context;
        const series = seriesFor(
          operation?.operationId ?? NO_OPERATION,
          decision.backend,
          statusClass(end.status),
        );
        series.count.inc();
        if (!context.upgrade) series.duration.observe(end.durationMs / 1_000);
        if (failure) failures.inc({ backend: decision.backend, kind: failure.kind });
      },
    },
  };
}

function statusClass(status: number | undefined): string {
  return status === undefined ? 'aborted' : `${Math.floor(status / 100)}xx`;
}
