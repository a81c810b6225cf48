import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { inTransaction, quoteName } from '../database.ts';
import { exclusiveColumns } from './catalog.ts';
import { type Mapping, planFault } from './mapping.ts';
import { readPart, writePart } from './progress.ts';

export type Clearing = {
  /** The tables in the plan's order. */
  readonly mappings: readonly Mapping[];
  /** A session of the giving database that is used for nothing else. */
  readonly source: pg.Client;
  readonly target: pg.Client;
  readonly copyId: string;
  readonly settings: Readonly<Record<string, string>>;
};

/**
 * Deletes the rows of the receiving tables that the giving side does not have (any more), and what still refers to
 * them here, which comes again with the copy if it is there. Tables that are empty cost nothing. Gives how many rows
 * went.
 */
export async function clearGone(clearing: Clearing): Promise<number> {
  const { mappings, target, copyId, settings } = clearing;
  if ((await readPart(target, copyId, 'clear')).done) return 0;
  return inTransaction(
    target,
    async () => {
      const filled: Mapping[] = [];
      for (const mapping of mappings) if (!(await isEmpty(target, mapping))) filled.push(mapping);
      const cleared = await removeRows(target, filled, async (mapping) => {
        await loadSourceRows(clearing, mapping, []);
        return `NOT EXISTS (SELECT FROM pg_temp.banyan_source s WHERE ${same(mapping.key)})`;
      });
      await writePart(target, copyId, 'clear', { lastKey: null, rows: cleared, batches: 1, done: true });
      return cleared;
    },
    settings,
  );
}

/**
 * Deletes the rows of one table that hold a unique value which belongs to another row by now (two rows that
 * exchanged their seats), and what refers to them: written one after the other they would be at odds. All of them
 * come again with the copy, which has to begin this table anew.
 */
export async function clearAtOdds(clearing: Clearing, mapping: Mapping, part: string): Promise<number> {
  const { target, copyId, settings, mappings } = clearing;
  const exclusive = await exclusiveColumns(target, mapping.table);
  const compared = exclusive.filter(
    (column) => mapping.columns.includes(column) && !mapping.key.includes(column),
  );
  return inTransaction(
    target,
    async () => {
      const tables = mappings.slice(mappings.indexOf(mapping));
      const cleared = await removeRows(target, tables, async (table) => {
        await loadSourceRows(clearing, table, table === mapping ? compared : []);
        const differs = compared.map(
          (column) => `t.${quoteName(column)}::text IS DISTINCT FROM s.${quoteName(column)}::text`,
        );
        return table === mapping
          ? `EXISTS (SELECT FROM pg_temp.banyan_source s WHERE ${same(mapping.key)} AND (${differs.join(' OR ') || 'false'}))`
          : 'false';
      });
      await writePart(target, copyId, part, { lastKey: null, rows: 0, batches: 0, done: false });
      return cleared;
    },
    settings,
  );
}

/**
 * Deletes the rows that `condition` names (of the row `t`, with the giving side's keys in `banyan_source`) and all
 * rows of these tables that refer to them, children before their parents. Within a transaction that alone writes.
 */
async function removeRows(
  target: pg.Client,
  tables: readonly Mapping[],
  condition: (mapping: Mapping) => Promise<string>,
): Promise<number> {
  for (const [index, mapping] of tables.entries()) {
    const named = `SELECT t.tableoid AS part, t.ctid AS place FROM ${mapping.table} t WHERE ${await condition(mapping)}`;
    const marks = [named, ...(await childMarks(target, mapping, tables.slice(0, index)))];
    await target.query(`CREATE TEMP TABLE banyan_odd_${index} ON COMMIT DROP AS ${marks.join(' UNION ')}`);
    await refuseLoss(target, mapping, index);
  }
  let removed = 0;
  for (const [index, { table }] of [...tables.entries()].reverse()) {
    const { rowCount } = await target.query(
      `DELETE FROM ${table} t USING pg_temp.banyan_odd_${index} o WHERE t.tableoid = o.part AND t.ctid = o.place`,
    );
    await target.query(`DROP TABLE pg_temp.banyan_odd_${index}`);
    removed += rowCount ?? 0;
  }
  return removed;
}

/** A row that goes and comes again has only what the plan carries. */
async function refuseLoss(target: pg.Client, mapping: Mapping, index: number): Promise<void> {
  if (mapping.leftOut.length === 0) return;
  const { rows } = await target.query(
    `SELECT FROM ${mapping.table} t JOIN pg_temp.banyan_odd_${index} o ON t.tableoid = o.part AND t.ctid = o.place
       JOIN pg_temp.banyan_source s ON ${same(mapping.key)} LIMIT 1`,
  );
  if (rows.length === 0) return;
  throw planFault(
    `rows of ${mapping.table} must be deleted and written anew, for unique values or what they refer to went to ` +
      `other rows, and the plan does not carry their ${mapping.leftOut.join(', ')}, which would be lost`,
  );
}

/** SELECTs of the rows of a table that refer to a row that goes. */
async function childMarks(target: pg.Client, child: Mapping, above: readonly Mapping[]): Promise<string[]> {
  const marks: string[] = [];
  for (const [at, parent] of above.entries()) {
    for (const pairs of await references(target, child, parent)) {
      const joined = pairs.map(([from, to]) => `t.${quoteName(from)} = p.${quoteName(to)}`).join(' AND ');
      marks.push(
        `SELECT t.tableoid, t.ctid FROM ${child.table} t JOIN ${parent.table} p ON ${joined}
           JOIN pg_temp.banyan_odd_${at} o ON p.tableoid = o.part AND p.ctid = o.place`,
      );
    }
  }
  return marks;
}

/** Foreign keys from one table to another, each as its pairs of columns. */
async function references(target: pg.Client, child: Mapping, parent: Mapping): Promise<[string, string][][]> {
  const { rows } = await target.query<{ pairs: [string, string][] }>(
    `SELECT (SELECT json_agg(json_build_array(a.attname, b.attname))
               FROM unnest(c.conkey, c.confkey) AS k (own, other)
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
               JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.other) AS pairs
       FROM pg_constraint c
      WHERE c.contype = 'f' AND c.conrelid = to_regclass($1) AND c.confrelid = to_regclass($2)`,
    [child.table, parent.table],
  );
  return rows.map(({ pairs }) => pairs);
}

async function isEmpty(target: pg.Client, { table }: Mapping): Promise<boolean> {
  const { rows } = await target.query(`SELECT FROM ${table} LIMIT 1`);
  return rows.length === 0;
}

/** Keys of the giving side, and the columns asked for, into the transaction's own `banyan_source`. */
async function loadSourceRows(
  { source, target }: Clearing,
  mapping: Mapping,
  more: readonly string[],
): Promise<void> {
  const columns = [...mapping.key, ...more].map(quoteName).join(', ');
  await target.query('DROP TABLE IF EXISTS pg_temp.banyan_source');
  await target.query(
    `CREATE TEMP TABLE banyan_source ON COMMIT DROP AS SELECT ${columns} FROM ${mapping.table} WITH NO DATA`,
  );
  await pipeline(
    source.query(copyTo(`COPY (SELECT ${columns} FROM (${mapping.mapped}) AS r) TO STDOUT`)),
    target.query(copyFrom('COPY pg_temp.banyan_source FROM STDIN')),
  );
  await target.query('ANALYZE pg_temp.banyan_source');
}

const same = (key: readonly string[]): string =>
  key.map((column) => `t.${quoteName(column)} = s.${quoteName(column)}`).join(' AND ');
