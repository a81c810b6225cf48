import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const EVENT_LOOP_PRECISION_MS = 10;

export type PoolStats = { readonly total: number; readonly idle: number; readonly waiting: number };

export type Metrics = {
  readonly registry: Registry;
  onCallStart(): void;
  /** `method` is one that the server serves, `code` one of gRPC's: sets that are bounded. */
  onCallEnd(call: { readonly method: string; readonly code: string; readonly durationMs: number }): void;
  watchPool(name: string, stats: () => PoolStats): void;
  watchDroppedLogLines(count: () => number): void;
  /** The Prometheus text of now. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  release(): void;
};

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  const registers = [registry];
  const calls = new Counter({
    name: 'rpc_calls_total',
    help: 'Calls that ended, by method and code of the answer.',
    labelNames: ['method', 'code'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'rpc_call_duration_seconds',
    help: 'From the request of a call until its status.',
    labelNames: ['method'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const inFlight = new Gauge({ name: 'rpc_calls_in_flight', help: 'Calls under way.', registers });
  const pools = new Map<string, () => PoolStats>();
  new Gauge({
    name: 'database_connections',
    help: 'Connections of a pool by state; waiting counts those who want one.',
    labelNames: ['pool', 'state'] as const,
    registers,
    collect() {
      for (const [pool, stats] of pools) {
        const { total, idle, waiting } = stats();
        this.set({ pool, state: 'busy' }, total - idle);
        this.set({ pool, state: 'idle' }, idle);
        this.set({ pool, state: 'waiting' }, waiting);
      }
    },
  });
  let droppedLines = (): number => 0;
  new Gauge({
    name: 'log_lines_dropped',
    help: 'Log lines dropped since the start because their reader was too slow.',
    registers,
    collect() {
      this.set(droppedLines());
    },
  });

  return {
    registry,
    onCallStart: () => inFlight.inc(),
    onCallEnd: ({ method, code, durationMs }) => {
      inFlight.dec();
      calls.inc({ method, code });
      durations.observe({ method }, durationMs / 1_000);
    },
    watchPool: (name, stats) => void pools.set(name, stats),
    watchDroppedLogLines: (count) => {
      droppedLines = count;
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    release: () => registry.clear(),
  };
}
