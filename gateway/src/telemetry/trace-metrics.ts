import { Counter, type Registry } from 'prom-client';
import type { Tracing } from './tracing.ts';

export function registerTraceMetrics(registry: Registry, tracing: Pick<Tracing, 'counts'>): void {
  new Counter({
    name: 'banyan_trace_spans_total',
    help: 'Spans by what became of them: exported, failed (the collector did not take them), dropped (too many waited).',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(tracing.counts())) this.inc({ outcome }, count);
    },
  });
}
