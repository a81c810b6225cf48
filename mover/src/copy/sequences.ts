import type { DataPlan, SequencePlan, TablePlan } from '@banyan/gateway/carve-out';
import type pg from 'pg';
import { inTransaction, quoteName } from '../database.ts';
import type { Side } from '../ownership.ts';
import { SIDES } from '../ownership.ts';
import { qualify } from './catalog.ts';
import { planFault } from './mapping.ts';
import type { Clients } from './records.ts';

/** Ids of the two sides never meet, whoever owns when. */
const REMAINDER: Readonly<Record<Side, bigint>> = { monolith: 1n, service: 0n };

/** The first id above `used` that is `side`'s to allot. */
export function nextId(used: bigint, side: Side): bigint {
  const next = used + 1n;
  return next % 2n === REMAINDER[side] ? next : next + 1n;
}

/**
 * Lifts the sequences of the side that is to own above all ids that either side has given, those of rows that were
 * never committed or are gone included.
 */
export async function liftSequences(clients: Clients, plan: DataPlan, side: Side): Promise<void> {
  for (const table of plan.tables) {
    if (table.sequence === undefined) continue;
    const sequence = sequenceOf(table, table.sequence);
    let used = 0n;
    for (const each of SIDES) {
      const given = await usedIds(clients[each], plan, table, sequence, each);
      if (given > used) used = given;
    }
    await lift(clients[side], sequenceName(plan, sequence, side), nextId(used, side));
  }
}

function sequenceOf(table: TablePlan, sequence: string | SequencePlan): SequencePlan {
  if (typeof sequence !== 'string') return sequence;
  const column = table.key[0] ?? '';
  return {
    monolith: sequence,
    service: sequence,
    column,
    monolithColumn: table.monolithKey?.[0] ?? column,
  };
}

const schemaOf = (plan: DataPlan, side: Side): string =>
  side === 'service' ? plan.schema : (plan.monolithSchema ?? 'public');

const sequenceName = (plan: DataPlan, sequence: SequencePlan, side: Side): string =>
  qualify(schemaOf(plan, side), sequence[side]);

async function usedIds(
  client: pg.Client,
  plan: DataPlan,
  table: TablePlan,
  sequence: SequencePlan,
  side: Side,
): Promise<bigint> {
  const name = side === 'service' ? table.table : (table.monolithTable ?? table.table);
  const column = side === 'service' ? sequence.column : (sequence.monolithColumn ?? sequence.column);
  const relation = sequenceName(plan, sequence, side);
  const { rows: found } = await client.query('SELECT WHERE to_regclass($1) IS NOT NULL', [relation]);
  if (found.length === 0) throw planFault(`there is no sequence ${relation} in the ${side}'s database`);
  const { rows } = await client.query<{ used: string }>(
    `SELECT greatest(coalesce((SELECT max(t.${quoteName(column)}) FROM ${qualify(schemaOf(plan, side), name)} t), 0),
                     (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ${relation}))::bigint AS used`,
  );
  return BigInt(rows[0]?.used ?? 0);
}

/** Steps of one from of old are made steps of two here, at the first hand-over. */
function lift(client: pg.Client, sequence: string, next: bigint): Promise<void> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<{ increment: string }>(
      'SELECT seqincrement AS increment FROM pg_sequence WHERE seqrelid = $1::regclass',
      [sequence],
    );
    if (rows[0]?.increment !== '2') await client.query(`ALTER SEQUENCE ${sequence} INCREMENT BY 2`);
    await client.query('SELECT setval($1::regclass, $2, false)', [sequence, next]);
  });
}
