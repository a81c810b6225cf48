import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BackendHealth } from '../http/backend-health.ts';
import type { RequestObserver } from '../http/request-context.ts';
import type { Shadow } from '../shadow/shadow.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import { type QueueSources, registerQueueMetrics } from './queue-metrics.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { type RolloutSources, registerRolloutMetrics } from './rollout-metrics.ts';
import { registerServiceMetrics } from './service-metrics.ts';
import { registerShadowMetrics } from './shadow-metrics.ts';
import { registerTraceMetrics } from './trace-metrics.ts';
import type { Tracing } from './tracing.ts';

export type Metrics = {
  readonly observer: RequestObserver;
  /** The Prometheus text of now. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  release(): void;
};

/** What is not there is not exported. Those that are functions are asked once, when the metrics are loaded. */
export type MetricsSources = {
  readonly monolith: BackendHealth;
  readonly services: () => readonly ServiceReport[];
  readonly droppedLogLines: () => number;
  /** Undefined where nothing is carved out. */
  readonly rollout?: () => RolloutSources | undefined;
  readonly shadow?: () => Pick<Shadow, 'report'> | undefined;
  readonly tracing?: () => Pick<Tracing, 'counts'> | undefined;
  /** Undefined where no queues are configured. */
  readonly queues?: () => QueueSources | undefined;
};

const EVENT_LOOP_PRECISION_MS = 10;

/** All metrics of the gateway, by sets of labels that the contract and the carve-outs bound. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  const rollout = sources.rollout?.();
  const shadow = sources.shadow?.();
  const tracing = sources.tracing?.();
  const queues = sources.queues?.();
  const observer = registerRequestMetrics(registry, { hasRollout: rollout !== undefined });
  new Gauge({
    name: 'banyan_backend_reachable',
    help: '1 while the backend could be reached when last tried, else 0.',
    labelNames: ['backend'] as const,
    registers,
    collect() {
      this.set({ backend: 'monolith' }, sources.monolith.read().state === 'reachable' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'banyan_log_lines_dropped',
    help: 'Log lines dropped since the start because their reader was too slow.',
    registers,
    collect() {
      this.set(sources.droppedLogLines());
    },
  });
  registerServiceMetrics(registry, sources.services);
  if (rollout) registerRolloutMetrics(registry, rollout);
  if (shadow) registerShadowMetrics(registry, shadow);
  if (tracing) registerTraceMetrics(registry, tracing);
  if (queues) registerQueueMetrics(registry, queues);

  return {
    observer,
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    release: () => registry.clear(),
  };
}
