import type { ClientBase } from 'pg';

const ROWS_PER_STATEMENT = 5000;

/** A column: its name, its SQL type, and how its value comes from an item. */
export type Column<Item> = readonly [
  name: string,
  type: string,
  value: (item: Item, index: number) => unknown,
];

/** Inserts many rows with few statements: one array per column, unnested by the server. */
export async function insertRows<Item>(
  client: ClientBase,
  table: string,
  columns: readonly Column<Item>[],
  items: readonly Item[],
  onRows: (inserted: number) => void = () => {},
): Promise<void> {
  const names = columns.map(([name]) => name).join(', ');
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
  const sql = `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`;
  for (let from = 0; from < items.length; from += ROWS_PER_STATEMENT) {
    const part = items.slice(from, from + ROWS_PER_STATEMENT);
    await client.query(
      sql,
      columns.map(([, , value]) => part.map((item, index) => value(item, from + index))),
    );
    onRows(from + part.length);
  }
}
