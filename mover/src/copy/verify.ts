import type pg from 'pg';
import { quoteName, quoteText } from '../database.ts';
import { otherSide } from '../ownership.ts';
import { Refusal } from '../refusal.ts';
import { between, type Key, keyArray, orderBy } from './keys.ts';
import type { Mapping } from './mapping.ts';
import type { Clients } from './records.ts';

/** Rows that are compared by one checksum. */
export const CHUNK_ROWS = 20_000;

/**
 * Compares a table of one side with what the plan makes of the other side's rows: count and checksum, range of keys
 * by range of keys. With both directions of a table compared, neither loses anything. Refuses with the first row
 * that differs. Gives the count of rows.
 */
export async function verifyTable(
  clients: Clients,
  mapping: Mapping,
  onChunk: (rows: number) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<number> {
  const here = clients[mapping.side];
  const there = clients[otherSide(mapping.side)];
  let after: Key | null = null;
  let rows = 0;
  for (;;) {
    signal?.throwIfAborted();
    const upTo: Key | null = await chunkEnd(here, mapping, after);
    const [own, mapped] = await Promise.all([
      checksum(here, `(${mapping.own})`, mapping, after, upTo),
      checksum(there, `(${mapping.mapped})`, mapping, after, upTo),
    ]);
    if (own.sum !== mapped.sum || own.rows !== mapped.rows) {
      throw await mismatch(here, there, mapping, after, upTo);
    }
    rows += Number(own.rows);
    await onChunk(rows);
    if (upTo === null) break;
    after = upTo;
  }
  await refuseChanged(there, mapping);
  return rows;
}

/** The key of the last row of the range, or null where the range has no end. */
async function chunkEnd(client: pg.Client, mapping: Mapping, after: Key | null): Promise<Key | null> {
  const { rows } = await client.query<{ key: string[] }>(
    `SELECT ${keyArray(mapping, 't')} AS key FROM (${mapping.own}) AS t
      WHERE ${between(mapping, 't', after)} ORDER BY ${orderBy(mapping, 't')} OFFSET ${CHUNK_ROWS - 1} LIMIT 1`,
  );
  return rows[0]?.key ?? null;
}

type Checksum = { readonly rows: string; readonly sum: string };

/** The halves of each row's MD5 are added up: no order to agree on, and a row twice does not cancel itself out. */
async function checksum(
  client: pg.Client,
  from: string,
  mapping: Mapping,
  after: Key | null,
  upTo: Key | null,
): Promise<Checksum> {
  const { rows } = await client.query<Checksum>(
    `SELECT count(*)::text AS rows,
            concat_ws(' ', sum(('x' || left(digest, 16))::bit(64)::bigint),
                           sum(('x' || right(digest, 16))::bit(64)::bigint)) AS sum
       FROM (SELECT md5(${rowText(mapping, 'r')}) AS digest FROM ${from} AS r
              WHERE ${between(mapping, 'r', after, upTo)}) AS digests`,
  );
  return rows[0] ?? { rows: '0', sum: '' };
}

const rowText = ({ columns }: Mapping, row: string): string =>
  `ROW(${columns.map((column) => `${row}.${quoteName(column)}`).join(', ')})::text`;

type Digests = ReadonlyMap<string, readonly string[]>;

/** Says where the two sides differ by key and columns, never by value: a refusal is logged. */
async function mismatch(
  here: pg.Client,
  there: pg.Client,
  mapping: Mapping,
  after: Key | null,
  upTo: Key | null,
): Promise<Refusal> {
  const own = await digests(here, mapping.own, mapping, after, upTo);
  const mapped = await digests(there, mapping.mapped, mapping, after, upTo);
  const keys = [...new Set([...own.keys(), ...mapped.keys()])].filter(
    (key) => own.get(key)?.join() !== mapped.get(key)?.join(),
  );
  const other = otherSide(mapping.side);
  const told = (key: string): string => {
    const left = own.get(key);
    const right = mapped.get(key);
    if (left === undefined) return `${key} is missing from the ${mapping.side}'s table`;
    if (right === undefined) return `${key} is missing from what the ${other} holds`;
    const columns = mapping.columns.filter((_, index) => left[index] !== right[index]);
    return `${key} differs in ${columns.join(', ')}`;
  };
  const first = keys[0];
  return new Refusal(
    'MISMATCH',
    `${mapping.table} of the ${mapping.side} is not what the plan makes of the ${other}'s rows: ` +
      (first === undefined ? 'rows have one key' : `the row of key ${told(first)}`) +
      (keys.length > 1 ? `, and ${keys.length - 1} more rows near it` : '') +
      '. The plan loses something there, or something wrote past the fence: mend that and try again.',
  );
}

async function digests(
  client: pg.Client,
  from: string,
  mapping: Mapping,
  after: Key | null,
  upTo: Key | null,
): Promise<Digests> {
  const each = mapping.columns.map((column) => `md5(coalesce('=' || r.${quoteName(column)}::text, ''))`);
  const { rows } = await client.query<{ key: string[]; digests: string[] }>(
    `SELECT ${keyArray(mapping, 'r')} AS key, ARRAY[${each.join(', ')}] AS digests FROM (${from}) AS r
      WHERE ${between(mapping, 'r', after, upTo)} ORDER BY ${orderBy(mapping, 'r')} LIMIT ${CHUNK_ROWS * 2}`,
  );
  return new Map(rows.map(({ key, digests: values }) => [`(${key.join(', ')})`, values]));
}

/** A value that the table's type rounds or shortens is equal afterwards on both sides, and lost all the same. */
async function refuseChanged(there: pg.Client, mapping: Mapping): Promise<void> {
  if (mapping.changing.length === 0) return;
  const conditions = mapping.changing.map(({ condition }) => condition);
  const columns = mapping.changing.map(
    ({ column, condition }) => `CASE WHEN ${condition} THEN ${quoteText(column)} END`,
  );
  const { rows } = await there.query<{ key: string[]; columns: string }>(
    `SELECT ${keyArray(mapping, 'm')} AS key, concat_ws(', ', ${columns.join(', ')}) AS columns
       FROM (${mapping.planned}) AS m WHERE ${conditions.join(' OR ')} LIMIT 1`,
  );
  if (rows[0] === undefined) return;
  throw new Refusal(
    'MISMATCH',
    `${mapping.table} of the ${mapping.side} cannot hold what the plan gives for the row of key ` +
      `(${rows[0].key.join(', ')}): its type would round or shorten ${rows[0].columns}. Mend the plan, the ` +
      "column's type, or whoever writes more than the other side can hold.",
  );
}
