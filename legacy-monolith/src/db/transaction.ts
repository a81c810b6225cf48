import type { Pool, PoolClient } from 'pg';
import { isRetryable } from './database-fault.ts';

/** What is left to be done once a transaction has committed. It does not fail, and takes a few seconds at most. */
export type AfterCommit = () => Promise<void>;

export const nothingAfter: AfterCommit = async () => {};

export const TRANSACTION_ATTEMPTS_MAX = 4;

/**
 * Runs `work` in one transaction. A deadlock or a serialization failure is tried again, so `work` may run
 * several times and must do nothing outside the database.
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptTransaction(pool, work);
    } catch (error) {
      if (!isRetryable(error) || attempt >= TRANSACTION_ATTEMPTS_MAX) throw error;
    }
  }
}

async function attemptTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      // A connection that cannot even roll back must not go back to the pool.
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
