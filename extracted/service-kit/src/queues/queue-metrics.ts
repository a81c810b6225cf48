import { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { ConsumerMetrics } from './queue-consumer.ts';
import type { RelayMetrics } from './relay.ts';

/** What a relay counts, in the registry of its process. */
export function createRelayMetrics({ registry, setOutboxAge }: Metrics): RelayMetrics {
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
  return {
    onTurn: () => turns.inc(),
    onHanded: (count) => handed.inc({ outcome: 'handed' }, count),
    onHandOverFailed: (count) => handed.inc({ outcome: 'failed' }, count),
    onAcknowledged: (outcome, count) => acknowledged.inc({ outcome }, count),
    setOutboxAge,
  };
}

/** What the consumers of a process count. */
export function createConsumerMetrics({ registry }: Metrics): ConsumerMetrics {
  const registers = [registry];
  const taken = new Counter({
    name: 'queue_events_taken_total',
    help: 'Events that were taken from a queue; a duplicate had been taken before.',
    labelNames: ['queue', 'outcome'] as const,
    registers,
  });
  const faults = new Counter({
    name: 'queue_event_faults_total',
    help: 'Attempts that failed, by kind of error, and what came next: another attempt, or a dead letter.',
    labelNames: ['queue', 'kind', 'next'] as const,
    registers,
  });
  return {
    onTaken: (queue, outcome) => taken.inc({ queue, outcome }),
    onFault: (queue, kind, next) => faults.inc({ queue, kind, next }),
  };
}
