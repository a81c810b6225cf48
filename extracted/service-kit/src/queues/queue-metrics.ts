import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { ConsumerMetrics } from './queue-consumer.ts';
import type { RelayMetrics } from './relay.ts';

/** What a relay counts, in the registry of its process. */
export function createRelayMetrics({ registry }: Metrics): RelayMetrics {
  const registers = [registry];
  const turns = new Counter({
    name: 'outbox_turns_total',
    help: 'Batches of a relay, one commit each: rows taken, acknowledgements noted, or both.',
    registers,
  });
  const handed = new Counter({
    name: 'outbox_handed_total',
    help: 'Events handed to their queue, those sent again included, or kept because Redis did not take them.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const acknowledged = new Counter({
    name: 'outbox_acknowledged_total',
    help: 'Acknowledgements of consumers: taken, dead (a dead letter now), discarded (by an operator).',
    labelNames: ['outcome'] as const,
    registers,
  });
  const age = new Gauge({
    name: 'outbox_oldest_seconds',
    help: 'Age of the oldest event that was not acknowledged, at the last poll; 0 when there is none.',
    registers,
  });
  return {
    onTurn: () => turns.inc(),
    onHanded: (count) => handed.inc({ outcome: 'handed' }, count),
    onHandOverFailed: (count) => handed.inc({ outcome: 'failed' }, count),
    onAcknowledged: (outcome, count) => acknowledged.inc({ outcome }, count),
    setOutboxAge: (seconds) => age.set(seconds),
  };
}

/** What the consumers of a process count, all in the same counters. */
export function createConsumerMetrics({ registry }: Metrics): ConsumerMetrics {
  const counterOf = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    (registry.getSingleMetric(name) as Counter<Label> | undefined) ??
    new Counter({ name, help, labelNames, registers: [registry] });
  const taken = counterOf(
    'queue_events_taken_total',
    'Events that were taken from a queue; a duplicate had been taken before.',
    ['queue', 'outcome'],
  );
  const faults = counterOf(
    'queue_event_faults_total',
    'Attempts that failed, by kind of error, and what came next: another attempt, or a dead letter.',
    ['queue', 'kind', 'next'],
  );
  return {
    onTaken: (queue, outcome) => taken.inc({ queue, outcome }),
    onFault: (queue, kind, next) => faults.inc({ queue, kind, next }),
  };
}
