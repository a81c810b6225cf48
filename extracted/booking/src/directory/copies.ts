import type { Database, Queryable } from '@banyan/service-kit/database';
import type { Flight } from '../domain/flight.ts';
import type { Account } from '../storage/port.ts';
import { writeFlights } from './flight-rows.ts';

export type CopyName = 'flights' | 'accounts';

/** How far a copy is. `cursor` is empty, and `refreshedAt` null, for one that was not begun. */
export type CopyState = {
  readonly cursor: string;
  readonly isWhole: boolean;
  readonly refreshedAt: Date | null;
};

/** The copies of the directory in this service's database, as they are written. */
export type Copies = {
  state(name: CopyName): Promise<CopyState>;
  /** A batch, and that the copy has come as far as this. */
  addFlights(flights: readonly Flight[], cursor: string, now: Date): Promise<void>;
  addAccounts(accounts: readonly Account[], cursor: string, now: Date): Promise<void>;
  /** Everything up to now is in it. */
  finish(name: CopyName, cursor: string, now: Date): Promise<void>;
};

export function createCopies(database: Database): Copies {
  return {
    async state(name) {
      const { rows } = await database.query<CopyState>(STATE, [name]);
      return rows[0] ?? { cursor: '', isWhole: false, refreshedAt: null };
    },
    addFlights: (flights, cursor, now) =>
      database.transaction(async (tx) => {
        await writeFlights(tx, flights, now);
        await tx.query(ADVANCE, ['flights', cursor, now]);
      }),
    addAccounts: (accounts, cursor, now) =>
      database.transaction(async (tx) => {
        await writeAccounts(tx, accounts, now);
        await tx.query(ADVANCE, ['accounts', cursor, now]);
      }),
    async finish(name, cursor, now) {
      await database.query(FINISH, [name, cursor, now]);
    },
  };
}

export async function writeAccounts(db: Queryable, accounts: readonly Account[], now: Date): Promise<void> {
  if (accounts.length === 0) return;
  const sorted = accounts.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  await db.query(WRITE_ACCOUNTS, [
    sorted.map(({ id }) => id),
    sorted.map(({ name }) => name),
    sorted.map(({ email }) => email),
    sorted.map(({ role }) => role),
    now,
  ]);
}

const STATE = `
  SELECT cursor, is_whole AS "isWhole", refreshed_at AS "refreshedAt" FROM copies WHERE name = $1`;

const ADVANCE = `
  INSERT INTO copies (name, cursor, is_whole, refreshed_at) VALUES ($1, $2, false, $3)
  ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`;

const FINISH = `
  INSERT INTO copies (name, cursor, is_whole, refreshed_at) VALUES ($1, $2, true, $3)
  ON CONFLICT (name) DO UPDATE
  SET cursor = excluded.cursor, is_whole = true,
      refreshed_at = greatest(copies.refreshed_at, excluded.refreshed_at)`;

const WRITE_ACCOUNTS = `
  INSERT INTO accounts (id, name, email, role, refreshed_at)
  SELECT id, name, email, role, $5 FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
    AS account (id, name, email, role)
  ON CONFLICT (id) DO UPDATE
  SET name = excluded.name, email = excluded.email, role = excluded.role, refreshed_at = excluded.refreshed_at
  WHERE (accounts.name, accounts.email, accounts.role) IS DISTINCT FROM (excluded.name, excluded.email, excluded.role)`;
