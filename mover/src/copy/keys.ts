import { quoteName, quoteText } from '../database.ts';

/** A key's values as text, in the order of its columns. */
export type Key = readonly string[];

/** Types that every Postgres orders alike, whatever its locale. */
const ORDERED_ALIKE = /^(smallint|integer|bigint|numeric|uuid|date|boolean|bytea|timestamp|time|interval)\b/;

type Keyed = { readonly key: readonly string[]; readonly keyTypes: readonly string[] };

/** The key's columns as both databases order them: strings by their bytes. */
function terms({ key, keyTypes }: Keyed, row: string): string[] {
  return key.map((column, index) => {
    const value = `${row}.${quoteName(column)}`;
    return ORDERED_ALIKE.test(keyTypes[index] ?? '') ? value : `${value}::text COLLATE "C"`;
  });
}

export const orderBy = (keyed: Keyed, row: string, direction: 'ASC' | 'DESC' = 'ASC'): string =>
  terms(keyed, row)
    .map((term) => `${term} ${direction}`)
    .join(', ');

/** A condition: the row's key is behind `after`, and not behind `upTo`. */
export function between(keyed: Keyed, row: string, after: Key | null, upTo: Key | null = null): string {
  const columns = `(${terms(keyed, row).join(', ')})`;
  const values = (key: Key) =>
    `(${key.map((text, index) => `${quoteText(text)}::${comparedType(keyed.keyTypes[index] ?? '')}`).join(', ')})`;
  const conditions = [
    ...(after === null ? [] : [`${columns} > ${values(after)}`]),
    ...(upTo === null ? [] : [`${columns} <= ${values(upTo)}`]),
  ];
  return conditions.join(' AND ') || 'true';
}

const comparedType = (type: string): string => (ORDERED_ALIKE.test(type) ? type : 'text');

/** The key as an array of text. */
export const keyArray = ({ key }: Keyed, row: string): string =>
  `ARRAY[${key.map((column) => `${row}.${quoteName(column)}::text`).join(', ')}]`;
