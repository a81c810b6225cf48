import type { Database } from '../database.ts';
import { KEPT } from './job-table.ts';
import { keepRefusal, refuseJob } from './refusals.ts';

export type PurgeReport = { readonly emptied: number; readonly outdated: number; readonly forgotten: number };

/** Results may be large. */
const EMPTIED_MAX = 5;
const ROWS_MAX = 1_000;

/**
 * Empties jobs whose result is no longer kept, so many at most; ends those that nobody has run for a day; forgets
 * those that were emptied a week ago, of which until then it is known that they were there.
 */
export async function purgeJobs(database: Database): Promise<PurgeReport> {
  const emptied = (await database.query(EMPTY, [EMPTIED_MAX])).rowCount ?? 0;
  const outdated = (await database.query(OUTDATE, [OUTDATED, ROWS_MAX])).rowCount ?? 0;
  const forgotten = (await database.query(FORGET, [ROWS_MAX])).rowCount ?? 0;
  return { emptied, outdated, forgotten };
}

const OUTDATED = keepRefusal(refuseJob('JOB_OUTDATED', { message: 'nobody ran the job for a day' }));

const EMPTY = `
  WITH due AS (
    SELECT id FROM jobs WHERE expires_at <= now() AND emptied_at IS NULL
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM job_results WHERE job_id IN (SELECT id FROM due)
  )
  UPDATE jobs SET emptied_at = now(), request = '', origin = '', refusal = NULL, idempotency_key = NULL,
         messages = 0, result_bytes = 0
  WHERE id IN (SELECT id FROM due)`;

const OUTDATE = `
  UPDATE jobs SET state = 'FAILED', refusal = $1, lease_until = NULL, finished_at = now(),
         expires_at = now() + ${KEPT}
  WHERE id IN (SELECT id FROM jobs
               WHERE finished_at IS NULL AND created_at <= now() - ${KEPT}
                 AND (lease_until IS NULL OR lease_until <= now())
               LIMIT $2 FOR UPDATE SKIP LOCKED)`;

const FORGET = `
  DELETE FROM jobs WHERE id IN
    (SELECT id FROM jobs WHERE expires_at <= now() - interval '7 days' AND emptied_at IS NOT NULL
     LIMIT $1 FOR UPDATE SKIP LOCKED)`;
