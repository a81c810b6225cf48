import { Counter, Gauge, type Registry } from 'prom-client';
import type { QueueReport } from '../queues/queues.ts';
import type { QueuesSample } from '../queues/sampled-queues.ts';

export type QueueSources = { read(): Promise<QueuesSample> };

/** What the queues hold, read when the metrics are; the sample is a few seconds old at most. */
export function registerQueueMetrics(registry: Registry, queues: QueueSources): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (report: QueueReport) => number | null): void => {
    new Gauge({
      name,
      help,
      labelNames: ['queue'] as const,
      registers,
      async collect() {
        const sample = await queues.read();
        this.reset();
        for (const report of sample ?? []) {
          const value = read(report);
          if (value !== null) this.set({ queue: report.name }, value);
        }
      },
    });
  };

  new Gauge({
    name: 'banyan_queues_reachable',
    help: '1 while the Redis of the queues could be asked when last tried, else 0.',
    registers,
    async collect() {
      this.set((await queues.read()) === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: 'banyan_queue_jobs',
    help: 'Jobs by state. delayed: to be tried again later; dead: dead letters. Absent while Redis is away.',
    labelNames: ['queue', 'state'] as const,
    registers,
    async collect() {
      const sample = await queues.read();
      this.reset();
      for (const { name: queue, jobs } of sample ?? []) {
        for (const [state, count] of Object.entries(jobs)) this.set({ queue, state }, count);
      }
    },
  });
  gauge(
    'banyan_queue_oldest_seconds',
    'Age of the oldest job that waits or is to be tried again; 0 where there is none. Absent while Redis is away.',
    ({ oldestSeconds }) => oldestSeconds ?? 0,
  );
  gauge(
    'banyan_queue_consumers',
    'Workers that are connected and take from it. Absent while Redis is away, or does not tell.',
    ({ consumers }) => consumers,
  );
  new Counter({
    name: 'banyan_queue_ended_total',
    help: 'Jobs that were completed or died, as Redis counts them, so that all replicas show the same. Absent while Redis is away.',
    labelNames: ['queue', 'outcome'] as const,
    registers,
    async collect() {
      const sample = await queues.read();
      this.reset();
      for (const { name: queue, completed, died } of sample ?? []) {
        this.inc({ queue, outcome: 'completed' }, completed.total);
        this.inc({ queue, outcome: 'died' }, died.total);
      }
    },
  });
}
