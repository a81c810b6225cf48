import type pg from 'pg';
import { inTransaction, quoteName, reasonOf } from '../database.ts';
import { errorCode } from '../refusal.ts';

type ForeignKey = { table_name: string; constraint_name: string; refers_to: string; definition: string };

/**
 * Takes away the monolith's foreign keys between the aggregate and what is not of it, and remembers them: those onto
 * the aggregate's tables, whose rows will be elsewhere, and those onto tables of another aggregate, which may be
 * away already. Foreign keys onto tables that stay for good remain.
 */
export function severConstraints(monolith: pg.Client, aggregate: string, lockMs: number): Promise<string[]> {
  return inTransaction(
    monolith,
    async () => {
      const { rows } = await monolith.query<ForeignKey>(
        `SELECT c.conrelid::regclass::text AS table_name, c.conname::text AS constraint_name,
                c.confrelid::regclass::text AS refers_to, pg_get_constraintdef(c.oid) AS definition
           FROM pg_constraint c
           LEFT JOIN banyan.fenced own ON own.table_id = c.conrelid
           LEFT JOIN banyan.fenced other ON other.table_id = c.confrelid
          WHERE c.contype = 'f' AND c.conparentid = 0
            AND own.aggregate IS DISTINCT FROM other.aggregate AND other.aggregate IS NOT NULL
            AND (own.aggregate = $1 OR other.aggregate = $1)`,
        [aggregate],
      );
      for (const key of rows) {
        await monolith.query(
          `INSERT INTO banyan.severed (table_name, constraint_name, refers_to, definition) VALUES ($1, $2, $3, $4)
           ON CONFLICT (table_name, constraint_name)
              DO UPDATE SET refers_to = excluded.refers_to, definition = excluded.definition`,
          [key.table_name, key.constraint_name, key.refers_to, key.definition.replace(/ NOT VALID$/, '')],
        );
        await monolith.query(
          `ALTER TABLE ${key.table_name} DROP CONSTRAINT ${quoteName(key.constraint_name)}`,
        );
      }
      return rows.map(told);
    },
    ownPath(lockMs),
  );
}

/** Foreign keys that could not be put back, with the reason. */
export type LeftSevered = { readonly foreignKey: string; readonly why: string };

/**
 * Puts back the foreign keys whose two ends are both the monolith's. One whose rows do not satisfy it stays away: the
 * aggregate has moved all the same.
 */
export async function restoreConstraints(monolith: pg.Client, lockMs: number): Promise<LeftSevered[]> {
  const { rows } = await monolith.query<ForeignKey>(
    `SELECT s.* FROM banyan.severed s
      WHERE NOT EXISTS (SELECT FROM banyan.fenced f JOIN banyan.own o USING (aggregate)
                         WHERE f.table_id IN (to_regclass(s.table_name), to_regclass(s.refers_to))
                           AND o.owner <> 'monolith')
      ORDER BY s.table_name, s.constraint_name`,
  );
  const left: LeftSevered[] = [];
  for (const key of rows) {
    try {
      await restore(monolith, key, lockMs);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      left.push({ foreignKey: told(key), why: reasonOf(error) });
    }
  }
  return left;
}

/** Added without looking at the rows, which locks for a moment, then validated, which lets writers through. */
async function restore(monolith: pg.Client, key: ForeignKey, lockMs: number): Promise<void> {
  const name = quoteName(key.constraint_name);
  const alter = (change: string) =>
    inTransaction(
      monolith,
      async () => {
        await monolith.query(`ALTER TABLE ${key.table_name} ${change}`);
      },
      ownPath(lockMs),
    );
  const { rows } = await monolith.query(
    'SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2',
    [key.table_name, key.constraint_name],
  );
  if (rows.length === 0) await alter(`ADD CONSTRAINT ${name} ${key.definition} NOT VALID`);
  await alter(`VALIDATE CONSTRAINT ${name}`);
  await monolith.query('DELETE FROM banyan.severed WHERE table_name = $1 AND constraint_name = $2', [
    key.table_name,
    key.constraint_name,
  ]);
}

const told = (key: ForeignKey): string => `${key.constraint_name} of ${key.table_name}`;

/** With no schema on the path, Postgres writes every name with its schema. */
const ownPath = (lockMs: number) => ({ search_path: 'pg_catalog', lock_timeout: String(Math.ceil(lockMs)) });
