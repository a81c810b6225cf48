import type { DataPlan, TablePlan } from '@banyan/gateway/carve-out';
import type pg from 'pg';
import { quoteName } from '../database.ts';
import { otherSide, type Side } from '../ownership.ts';
import { Refusal } from '../refusal.ts';
import { describeQuery, describeTable, hasUniqueIndex, qualify, typeFacts } from './catalog.ts';
import type { Clients } from './records.ts';

/**
 * One table of one side, and how the other side's rows become its own. Both SELECTs give the same columns in the
 * same types, so that equal rows are equal texts.
 */
export type Mapping = {
  /** As the plan calls the table: for progress, messages and records. */
  readonly name: string;
  /** Whose table it is. */
  readonly side: Side;
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Types of the key's columns; the order of both sides follows from them. */
  readonly keyTypes: readonly string[];
  /** SELECT over the table itself. */
  readonly own: string;
  /** SELECT in the other side's database, from its tables. */
  readonly mapped: string;
  /** Columns whose values the table's type might change, each with a condition over the plan's own SELECT, as `m`. */
  readonly changing: readonly { readonly column: string; readonly condition: string }[];
  /** The plan's own SELECT. */
  readonly planned: string;
  /** Columns of the table that the plan does not carry. */
  readonly leftOut: readonly string[];
};

/** What one side's table of the plan receives from the other. Refuses a plan that does not fit the databases. */
export async function readMapping(
  clients: Clients,
  plan: DataPlan,
  table: TablePlan,
  side: Side,
): Promise<Mapping> {
  const name = side === 'service' ? table.table : (table.monolithTable ?? table.table);
  const key = side === 'service' ? table.key : (table.monolithKey ?? table.key);
  const planned = side === 'service' ? table.fromMonolith : table.toMonolith;
  const schema = side === 'service' ? plan.schema : (plan.monolithSchema ?? 'public');
  const qualified = qualify(schema, name);
  const direction = `${side === 'service' ? 'fromMonolith' : 'toMonolith'} of ${table.table}`;
  const other = otherSide(side);

  const columns = await describeTable(clients[side], qualified);
  if (columns === null)
    throw planFault(`there is no table ${schema}.${name} in the ${side}'s database: migrate it first`);
  const given = await describeQuery(clients[other], planned, { side: other, name: direction });
  if (side === 'service')
    requireSame(
      table,
      given.map((column) => column.name),
    );
  for (const column of key) {
    if (!given.some((entry) => entry.name === column))
      throw planFault(`${direction} does not give the key's column ${column}`);
  }
  if (!(await hasUniqueIndex(clients[side], qualified, key))) {
    throw planFault(`${schema}.${name} has no unique index on its key (${key.join(', ')})`);
  }

  const ownTypes = await typeFacts(
    clients[side],
    columns.map((column) => column.typeId),
  );
  const givenTypes = await typeFacts(
    clients[other],
    given.map((column) => column.typeId),
  );
  const pairs = given.map(({ name: columnName, typeId }) => {
    const column = columns.find((entry) => entry.name === columnName);
    if (column === undefined)
      throw planFault(`${direction} gives ${columnName}, which ${schema}.${name} does not have`);
    const from = givenTypes.get(typeId);
    const into = ownTypes.get(column.typeId);
    if (from === undefined || into === undefined || !isCarried(typeId, column.typeId, from.category)) {
      throw planFault(
        `${direction} gives ${columnName} as ${from?.name}, and the table wants ${into?.name}: convert it in the plan`,
      );
    }
    return { name: columnName, from: from.name, same: typeId === column.typeId, into: column.canonicalType };
  });
  const typeOf = new Map(pairs.map((pair) => [pair.name, pair.into]));
  return {
    name: table.table,
    side,
    table: qualified,
    columns: pairs.map((pair) => pair.name),
    key,
    keyTypes: key.map((column) => typeOf.get(column) ?? 'text'),
    planned,
    own: `SELECT ${pairs.map((pair) => cast('t', pair)).join(', ')} FROM ${qualified} AS t`,
    mapped: `SELECT ${pairs.map((pair) => cast('m', pair)).join(', ')} FROM (${planned}) AS m`,
    changing: pairs.flatMap(changedBy),
    leftOut: columns.filter((column) => !typeOf.has(column.name)).map((column) => column.name),
  };
}

type Pair = { readonly name: string; readonly from: string; readonly same: boolean; readonly into: string };

const cast = (from: string, { name, into }: Pair): string =>
  `${from}.${quoteName(name)}::${into} AS ${quoteName(name)}`;

/** A type without a length or scale keeps every value; some such types (json) have no equality to ask for. */
function changedBy({ name, from, same, into }: Pair): Mapping['changing'] {
  if (same && into === from) return [];
  const column = `m.${quoteName(name)}`;
  return [{ column: name, condition: `(${column}::${into})::${from} IS DISTINCT FROM ${column}` }];
}

const INTEGERS = [20, 21, 23];
const NUMERIC = 1700;
const STRINGS = [25, 1042, 1043];

/** Whether Postgres writes the value of one type as the other takes it, without a choice that the plan should make. */
function isCarried(from: number, into: number, fromCategory: string): boolean {
  if (from === into) return true;
  const isExactNumber = (type: number) => INTEGERS.includes(type) || type === NUMERIC;
  if (isExactNumber(from) && isExactNumber(into)) return true;
  const isText = (type: number) => STRINGS.includes(type) || type >= 16_384;
  return isText(from) && isText(into) && (fromCategory === 'S' || fromCategory === 'E');
}

function requireSame(table: TablePlan, given: readonly string[]): void {
  const missing = table.columns.filter((column) => !given.includes(column));
  const more = given.filter((column) => !table.columns.includes(column));
  if (missing.length === 0 && more.length === 0) return;
  throw planFault(`columns and fromMonolith of ${table.table} differ in ${[...missing, ...more].join(', ')}`);
}

export const planFault = (what: string): Refusal =>
  new Refusal('PLAN', `The data plan does not fit: ${what}.`);

export async function setSearchPaths(clients: Clients, plan: DataPlan): Promise<void> {
  const set = (client: pg.Client, schema: string) => client.query(`SET search_path = ${quoteName(schema)}`);
  await set(clients.monolith, plan.monolithSchema ?? 'public');
  await set(clients.service, plan.schema);
}
