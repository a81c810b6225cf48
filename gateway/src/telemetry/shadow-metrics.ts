import { Counter, type Registry } from 'prom-client';
import type { Shadow } from '../shadow/shadow.ts';

/** Field paths of one operation that have a series of their own; the others are one. */
export const SHADOW_FIELDS_MAX = 50;
const OTHER_FIELDS = '(other)';

/** What shadow reads have found, read when the metrics are. */
export function registerShadowMetrics(registry: Registry, shadow: Pick<Shadow, 'report'>): void {
  const registers = [registry];
  /** By operation, those that were admitted: a counter must not vanish for one that is seen more often. */
  const admitted = new Map<string, Set<string>>();
  const labelOf = (operationId: string, field: string): string => {
    const known = admitted.get(operationId) ?? new Set();
    admitted.set(operationId, known);
    if (!known.has(field) && known.size >= SHADOW_FIELDS_MAX) return OTHER_FIELDS;
    known.add(field);
    return field;
  };
  new Counter({
    name: 'banyan_shadow_comparisons_total',
    help: 'Answers of both sides that were compared. different: in the same place when both were asked again; unrepeated: not again.',
    labelNames: ['operation', 'result'] as const,
    registers,
    collect() {
      this.reset();
      for (const { operationId: operation, equal, different, unrepeated } of shadow.report()) {
        this.inc({ operation, result: 'equal' }, equal);
        this.inc({ operation, result: 'different' }, different);
        this.inc({ operation, result: 'unrepeated' }, unrepeated);
      }
    },
  });
  new Counter({
    name: 'banyan_shadow_skipped_total',
    help: 'Requests of an operation at shadow that were not compared, and why.',
    labelNames: ['operation', 'reason'] as const,
    registers,
    collect() {
      this.reset();
      for (const { operationId: operation, skipped } of shadow.report()) {
        for (const [reason, count] of Object.entries(skipped)) this.inc({ operation, reason }, count);
      }
    },
  });
  new Counter({
    name: 'banyan_shadow_differences_total',
    help: `Where answers differed, by field path; of one operation the first ${SHADOW_FIELDS_MAX}, the rest as ${OTHER_FIELDS}.`,
    labelNames: ['operation', 'field'] as const,
    registers,
    collect() {
      this.reset();
      for (const { operationId: operation, fields } of shadow.report()) {
        for (const { field, count } of fields)
          this.inc({ operation, field: labelOf(operation, field) }, count);
      }
    },
  });
}
