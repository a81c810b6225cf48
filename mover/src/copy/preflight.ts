import type { DataPlan } from '@banyan/gateway/carve-out';
import type pg from 'pg';
import { SIDES, type Side } from '../ownership.ts';
import { errorCode, Refusal } from '../refusal.ts';
import { qualify } from './catalog.ts';
import { type Mapping, planFault, readMapping } from './mapping.ts';
import type { Clients } from './records.ts';

/** Both sides' tables of the plan, in its order. */
export type Mappings = Readonly<Record<Side, readonly Mapping[]>>;

/** Looks at everything that can be looked at before anybody's writes are held. */
export async function preflight(clients: Clients, plan: DataPlan): Promise<Mappings> {
  for (const side of SIDES) await requireSide(clients[side], side);
  const mappings: Record<Side, Mapping[]> = { monolith: [], service: [] };
  for (const table of plan.tables) {
    for (const side of ['service', 'monolith'] as const) {
      mappings[side].push(await readMapping(clients, plan, table, side));
    }
  }
  if (plan.tables.length === 0) throw planFault('it has no tables');
  for (const side of SIDES) await requireFences(clients[side], plan, side);
  return mappings;
}

async function requireSide(client: pg.Client, side: Side): Promise<void> {
  const name = await recordedSide(client);
  if (name === side) return;
  throw new Refusal(
    'NOT_INSTALLED',
    name === undefined
      ? `The ${side}'s database has no ownership: install it there first.`
      : `What was given as the ${side}'s database is the ${name}'s: look at the two URLs.`,
  );
}

async function recordedSide(client: pg.Client): Promise<string | undefined> {
  try {
    const { rows } = await client.query<{ name: string }>('SELECT name FROM banyan.side');
    return rows[0]?.name;
  } catch (error) {
    if (errorCode(error) === '42P01') return undefined;
    throw error;
  }
}

/** A table that anybody may write is no table to copy. */
async function requireFences(client: pg.Client, plan: DataPlan, side: Side): Promise<void> {
  const tables = plan.tables.map((table) =>
    side === 'service'
      ? qualify(plan.schema, table.table)
      : qualify(plan.monolithSchema ?? 'public', table.monolithTable ?? table.table),
  );
  const { rows } = await client.query<{ name: string }>(
    `WITH RECURSIVE tree (id) AS (
       SELECT to_regclass(name)::oid FROM unnest($1::text[]) AS name
       UNION ALL SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = id
     )
     SELECT id::regclass::text AS name FROM tree
      WHERE NOT EXISTS (SELECT FROM banyan.fenced f
                         WHERE f.table_id = id AND f.aggregate = $2 AND f.enabled IN ('A', 'O'))`,
    [tables, plan.aggregate],
  );
  if (rows.length === 0) return;
  throw new Refusal(
    'NOT_INSTALLED',
    `In the ${side}'s database nothing keeps other writers from ${rows.map(({ name }) => name).join(', ')}: ` +
      `install the ownership of ${plan.aggregate} with all of its tables first.`,
  );
}
