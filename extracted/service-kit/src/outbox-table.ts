import type { Database } from './database.ts';

export type OutboxRow = { readonly id: string; readonly body: Buffer; readonly attempts: number };

export type OutboxTable = {
  claimDue(rowsMax: number, now: Date, leaseUntil: Date): Promise<OutboxRow[]>;
  /** Those of these that nobody has in hand. */
  claimThese(ids: readonly string[], now: Date, leaseUntil: Date): Promise<OutboxRow[]>;
  markDelivered(id: string, now: Date): Promise<void>;
  markFailed(id: string, said: string, nextAttemptAt: Date): Promise<void>;
  countWaiting(ids: readonly string[]): Promise<number>;
  oldestWaiting(): Promise<Date | null>;
  purge(now: Date): Promise<void>;
};

const RETENTION_MS = 7 * 86_400_000;
const PURGE_ROWS_MAX = 1_000;

export function createOutboxTable(database: Database): OutboxTable {
  return {
    claimDue: async (rowsMax, now, leaseUntil) =>
      (await database.query<OutboxRow>(CLAIM_DUE, [now, leaseUntil, rowsMax])).rows,
    claimThese: async (ids, now, leaseUntil) =>
      (await database.query<OutboxRow>(CLAIM_THESE, [now, leaseUntil, ids])).rows,
    markDelivered: async (id, now) => {
      await database.query(DELIVERED, [id, now]);
    },
    markFailed: async (id, said, nextAttemptAt) => {
      await database.query(FAILED, [id, said, nextAttemptAt]);
    },
    countWaiting: async (ids) =>
      (await database.query<{ waiting: number }>(COUNT_WAITING, [ids])).rows[0]?.waiting ?? 0,
    oldestWaiting: async () => (await database.query<{ at: Date | null }>(OLDEST)).rows[0]?.at ?? null,
    purge: async (now) => {
      await database.query(PURGE, [new Date(now.getTime() - RETENTION_MS), PURGE_ROWS_MAX]);
    },
  };
}

/** The lease is a later due time: whoever dies with a row in hand gives it back by doing nothing. */
const CLAIM_DUE = `
  UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2
  WHERE id IN (SELECT id FROM outbox
               WHERE delivered_at IS NULL AND next_attempt_at <= $1
               ORDER BY next_attempt_at, id LIMIT $3
               FOR UPDATE SKIP LOCKED)
  RETURNING id, body, attempts`;

/** A row that was never tried is its writer's, though it is not due. */
const CLAIM_THESE = `
  UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2
  WHERE id IN (SELECT id FROM outbox
               WHERE id = ANY($3::uuid[]) AND delivered_at IS NULL AND (attempts = 0 OR next_attempt_at <= $1)
               ORDER BY id
               FOR UPDATE SKIP LOCKED)
  RETURNING id, body, attempts`;

const DELIVERED = `
  UPDATE outbox SET delivered_at = $2, last_error = NULL WHERE id = $1 AND delivered_at IS NULL`;

const FAILED = `
  UPDATE outbox SET last_error = $2, next_attempt_at = $3 WHERE id = $1 AND delivered_at IS NULL`;

const COUNT_WAITING = `
  SELECT count(*)::int AS waiting FROM outbox WHERE id = ANY($1::uuid[]) AND delivered_at IS NULL`;

const OLDEST = 'SELECT min(occurred_at) AS at FROM outbox WHERE delivered_at IS NULL';

const PURGE = `
  DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE delivered_at < $1 LIMIT $2)`;
