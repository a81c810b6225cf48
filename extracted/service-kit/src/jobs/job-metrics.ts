import { Counter, Gauge, Histogram } from 'prom-client';
import type { Metrics } from '../metrics.ts';

const DURATION_BUCKETS_SECONDS = [0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export type JobMetrics = {
  onCreated(method: string): void;
  onBegin(): void;
  /** 'again': it begins anew, here or elsewhere. */
  onEnd(method: string, outcome: 'ended' | 'again', durationMs: number): void;
};

export function createJobMetrics({ registry }: Metrics): JobMetrics {
  const registers = [registry];
  const created = new Counter({
    name: 'jobs_created_total',
    help: 'Jobs that were created, by the method they call.',
    labelNames: ['method'] as const,
    registers,
  });
  const running = new Gauge({ name: 'jobs_running', help: 'Jobs that run in this process.', registers });
  const durations = new Histogram({
    name: 'job_run_duration_seconds',
    help: 'Of attempts at a job: those that ended it, and those after which it begins anew.',
    labelNames: ['method', 'outcome'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  return {
    onCreated: (method) => created.inc({ method }),
    onBegin: () => running.inc(),
    onEnd: (method, outcome, durationMs) => {
      running.dec();
      durations.observe({ method, outcome }, durationMs / 1_000);
    },
  };
}
