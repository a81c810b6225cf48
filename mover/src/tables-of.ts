import type { DataPlan } from '@banyan/gateway/carve-out';
import type { Side } from './ownership.ts';

/** The tables of a plan in the database of a side, as `installOwnership` takes them. */
export function tablesOf(plan: DataPlan, side: Side): string[] {
  const schema = side === 'service' ? plan.schema : (plan.monolithSchema ?? 'public');
  return plan.tables.map(({ table, monolithTable }) => {
    const name = side === 'service' ? table : (monolithTable ?? table);
    return name.includes('.') ? name : `${schema}.${name}`;
  });
}
