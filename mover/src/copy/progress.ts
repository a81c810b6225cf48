import type pg from 'pg';
import type { Key } from './keys.ts';

/** How far one part of a copy is, as the receiving database remembers it. */
export type Part = {
  readonly lastKey: Key | null;
  readonly rows: number;
  readonly batches: number;
  readonly done: boolean;
};

const NOTHING: Part = { lastKey: null, rows: 0, batches: 0, done: false };

export async function readPart(client: pg.Client, copyId: string, part: string): Promise<Part> {
  const { rows } = await client.query<{
    last_key: string[] | null;
    rows: string;
    batches: string;
    done: boolean;
  }>('SELECT last_key, rows, batches, done FROM banyan.copy_progress WHERE copy_id = $1 AND part = $2', [
    copyId,
    part,
  ]);
  const row = rows[0];
  if (row === undefined) return NOTHING;
  return { lastKey: row.last_key, rows: Number(row.rows), batches: Number(row.batches), done: row.done };
}

/** Belongs into the transaction of what it tells of. */
export async function writePart(client: pg.Client, copyId: string, part: string, state: Part): Promise<void> {
  await client.query(
    `INSERT INTO banyan.copy_progress (copy_id, part, last_key, rows, batches, done)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (copy_id, part) DO UPDATE
        SET last_key = excluded.last_key, rows = excluded.rows, batches = excluded.batches, done = excluded.done`,
    [copyId, part, state.lastKey, state.rows, state.batches, state.done],
  );
}
