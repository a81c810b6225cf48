import { Counter, Gauge, type Registry } from 'prom-client';
import type { ServiceReport } from '../translate/carve-outs.ts';

const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What is counted of services that are called: read when the metrics are, from those who know. */
export function registerServiceMetrics(registry: Registry, services: () => readonly ServiceReport[]): void {
  const registers = [registry];
  const gauge = (
    name: string,
    help: string,
    read: (report: ServiceReport) => number | undefined,
  ): Gauge<'service'> =>
    new Gauge({
      name,
      help,
      labelNames: ['service'] as const,
      registers,
      collect() {
        this.reset();
        for (const report of services()) {
          const value = read(report);
          if (value !== undefined) this.set({ service: report.name }, value);
        }
      },
    });

  gauge('banyan_service_serving', '1 while the service says that it is serving, else 0.', ({ state }) =>
    state === 'serving' ? 1 : 0,
  );
  gauge('banyan_service_breaker', '0 closed, 1 half-open, 2 open.', ({ breaker }) => BREAKER_VALUES[breaker]);
  gauge('banyan_service_calls_in_flight', 'Unary calls under way.', (report) => report.callsUnderWay);
  gauge(
    'banyan_service_calls_waiting',
    'Unary calls that wait for a place.',
    (report) => report.callsWaiting,
  );
  gauge('banyan_service_streams_in_flight', 'Streams under way.', (report) => report.streamsUnderWay);
  gauge('banyan_owner_epoch', 'Epoch of the owner as it is known here.', ({ owner }) =>
    owner ? Number(owner.epoch) : undefined,
  );
  gauge(
    'banyan_owner_age_seconds',
    'Age of what is known of the owner: 0 while the service is followed.',
    ({ owner }) => owner && owner.ageMs / 1_000,
  );
  new Counter({
    name: 'banyan_service_calls_total',
    help: 'Calls by how they ended. refused: the service said no; refused-here: the breaker was open, or too many were under way.',
    labelNames: ['service', 'outcome'] as const,
    registers,
    collect() {
      this.reset();
      for (const { name, calls } of services()) {
        for (const [outcome, count] of Object.entries(calls)) this.inc({ service: name, outcome }, count);
      }
    },
  });
}
