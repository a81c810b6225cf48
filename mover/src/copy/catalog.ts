import type pg from 'pg';
import { quoteName } from '../database.ts';
import type { Side } from '../ownership.ts';
import { errorCode, Refusal } from '../refusal.ts';

/** A column of a table, and the type whose text both sides compare: the base type of a domain, text for others' types. */
export type TableColumn = { readonly name: string; readonly typeId: number; readonly canonicalType: string };

/** A column of a mapped SELECT. */
export type QueryColumn = { readonly name: string; readonly typeId: number };

const FIRST_TYPE_OF_USERS = 16_384;

/** The columns of a table, or null where there is none of that name. */
export async function describeTable(client: pg.Client, table: string): Promise<TableColumn[] | null> {
  const { rows } = await client.query<{ name: string | null; type_id: number; type: string }>(
    `SELECT a.attname AS name, base.id AS type_id,
            CASE WHEN base.id < ${FIRST_TYPE_OF_USERS} THEN format_type(base.id, base.mod) ELSE 'text' END AS type
       FROM pg_class r
       LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       LEFT JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS id,
                                 CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS mod) base ON true
      WHERE r.oid = to_regclass($1)
      ORDER BY a.attnum`,
    [table],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ name, type_id, type }) =>
    name === null ? [] : [{ name, typeId: type_id, canonicalType: type }],
  );
}

/** The columns that a SELECT of the plan gives; a SELECT that does not run is refused with what Postgres said. */
export async function describeQuery(
  client: pg.Client,
  sql: string,
  { side, name }: { side: Side; name: string },
): Promise<QueryColumn[]> {
  try {
    const { fields } = await client.query(`SELECT * FROM (${sql}) AS mapped LIMIT 0`);
    return fields.map((field) => ({ name: field.name, typeId: field.dataTypeID }));
  } catch (error) {
    if (errorCode(error)?.startsWith('42') !== true) throw error;
    throw new Refusal(
      'PLAN',
      `The plan's ${name} does not run in the ${side}'s database: ${(error as Error).message}. Mend the plan or migrate the database.`,
      { cause: error },
    );
  }
}

/** Whether these columns, and no others, have a unique index that covers all rows. */
export async function hasUniqueIndex(
  client: pg.Client,
  table: string,
  columns: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query<{ columns: string[] }>(
    `SELECT array(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) AS columns
       FROM pg_index i
      WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL`,
    [table],
  );
  const wanted = [...columns].sort().join('\n');
  return rows.some((row) => [...row.columns].sort().join('\n') === wanted);
}

/** Columns on which two rows of a table can be at odds, beside the key. */
export async function exclusiveColumns(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT a.attname::text AS name
       FROM pg_index i
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum > 0
        AND (a.attnum = ANY (i.indkey)
             -- Of expressions and of the predicate of a partial index.
             OR EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid
                           AND d.refobjsubid = a.attnum))
      WHERE i.indrelid = to_regclass($1) AND (i.indisunique OR i.indisexclusion)`,
    [table],
  );
  return rows.map(({ name }) => name);
}

export type TypeFacts = { readonly name: string; readonly category: string };

export async function typeFacts(
  client: pg.Client,
  typeIds: readonly number[],
): Promise<Map<number, TypeFacts>> {
  const { rows } = await client.query<{ id: number; name: string; category: string }>(
    'SELECT oid AS id, format_type(oid, -1) AS name, typcategory AS category FROM pg_type WHERE oid = ANY ($1)',
    [typeIds],
  );
  return new Map(rows.map(({ id, name, category }) => [id, { name, category }]));
}

export const qualify = (schema: string, name: string): string =>
  name.includes('.') ? name.split('.').map(quoteName).join('.') : `${quoteName(schema)}.${quoteName(name)}`;
