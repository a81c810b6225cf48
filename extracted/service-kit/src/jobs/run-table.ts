import type { Database, Transaction } from '../database.ts';
import { refuse } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { type BegunJob, hasEnded, type JobState } from './job.ts';
import { KEPT } from './job-table.ts';
import { keepRefusal } from './refusals.ts';

export type Progress = { readonly done: number; readonly total: number };

export type Ending = {
  readonly state: Exclude<JobState, 'QUEUED' | 'RUNNING'>;
  /** Of a job that failed. */
  readonly refusal: Buffer | null;
  readonly progress: Progress;
  /** What was answered is not kept. */
  readonly isEmptied?: boolean;
};

/** 'over': it has ended, or is not there. 'taken': somebody else runs it. */
export type Beginning =
  | { readonly kind: 'begun'; readonly job: BegunJob }
  | { readonly kind: 'over' }
  | { readonly kind: 'taken' };

/**
 * Jobs as those see them who run them. Whoever begins one has it alone for as long as its lease lasts, and writes
 * under the number of its attempt: what comes from an attempt that is no longer the last changes nothing.
 */
export type RunTable = {
  begin(id: string, leaseMs: number): Promise<Beginning>;
  /** Keeps the lease. Null when the job is another's now. */
  beat(run: Run, leaseMs: number, progress: Progress): Promise<{ readonly isCancelAsked: boolean } | null>;
  /** False when the job is another's now. */
  append(run: Run, from: number, messages: readonly Buffer[]): Promise<boolean>;
  finish(run: Run, ending: Ending): Promise<boolean>;
  /** For anybody to begin anew. */
  giveBack(run: Run, options: { readonly isFailure: boolean }): Promise<void>;
};

export type Run = { readonly id: string; readonly attempt: number };

/** A job during which its process died so often may be what kills it. */
const CRASHES_MAX = 20;

type RunRow = {
  readonly account_id: bigint;
  readonly caller: Omit<Identity, 'accountId'>;
  readonly method: string;
  readonly request: Buffer;
  readonly state: JobState;
  readonly attempt: number;
  readonly failures: number;
  readonly crashes: number;
  readonly is_leased: boolean;
  readonly is_cancel_asked: boolean;
};

export function createRunTable(database: Database): RunTable {
  return {
    begin: (id, leaseMs) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.query<RunRow>(LOCK, [id]);
        const [row] = rows;
        const next = decideBeginning(row);
        if (!row || next === 'over' || next === 'taken') return { kind: next as 'over' | 'taken' };
        // What an attempt that nobody ended has written is half an answer.
        await tx.query(FORGET, [id]);
        if (next === 'begin') return { kind: 'begun', job: await begin(tx, id, row, leaseMs) };
        await tx.query(END_UNRUN, [id, next, next === 'FAILED' ? CRASHED : null]);
        return { kind: 'over' };
      }),

    async beat({ id, attempt }, leaseMs, { done, total }) {
      const { rows } = await database.query<{ isCancelAsked: boolean }>(BEAT, [
        id,
        attempt,
        leaseMs,
        done,
        total,
      ]);
      return rows[0] ?? null;
    },

    async append({ id, attempt }, from, messages) {
      const bytes = messages.reduce((sum, { length }) => sum + length, 0);
      const { rowCount } = await database.query(APPEND, [id, attempt, from, messages, bytes]);
      return rowCount === messages.length;
    },

    async finish({ id, attempt }, { state, refusal, progress, isEmptied = false }) {
      const { done, total } = progress;
      const { rowCount } = await database.query(FINISH, [
        id,
        attempt,
        state,
        refusal,
        done,
        total,
        isEmptied,
      ]);
      return rowCount === 1;
    },

    async giveBack({ id, attempt }, { isFailure }) {
      await database.query(GIVE_BACK, [id, attempt, isFailure]);
    },
  };
}

/** What is to become of a job that a queue has brought; it may bring it late, or more than once. */
export function decideBeginning(
  row: Pick<RunRow, 'state' | 'is_leased' | 'is_cancel_asked' | 'crashes'> | undefined,
): 'begin' | 'over' | 'taken' | 'CANCELLED' | 'FAILED' {
  if (!row || hasEnded(row)) return 'over';
  if (row.is_leased) return 'taken';
  if (row.is_cancel_asked) return 'CANCELLED';
  return row.state === 'RUNNING' && row.crashes + 1 >= CRASHES_MAX ? 'FAILED' : 'begin';
}

async function begin(tx: Transaction, id: string, row: RunRow, leaseMs: number): Promise<BegunJob> {
  await tx.query(BEGIN, [id, leaseMs]);
  const { account_id, caller, method, request, attempt, failures } = row;
  const identity = Object.freeze({ ...caller, accountId: account_id });
  return { id, identity, method, request, attempt: attempt + 1, failures };
}

const CRASHED = keepRefusal(
  refuse('INTERNAL', 'INTERNAL', { message: 'the job was begun again and again, and never ended' }),
);

/** The clock and not the transaction's time: the lock may have been waited for. */
const LOCK = `
  SELECT account_id, caller, method, request, state, attempt, failures, crashes,
         coalesce(lease_until > clock_timestamp(), false) AS is_leased,
         cancel_asked_at IS NOT NULL AS is_cancel_asked
  FROM jobs WHERE id = $1 FOR UPDATE`;

const FORGET = 'DELETE FROM job_results WHERE job_id = $1';

const LEASE = "interval '1 millisecond'";

const BEGIN = `
  UPDATE jobs SET state = 'RUNNING', attempt = attempt + 1, started_at = clock_timestamp(),
         crashes = crashes + (state = 'RUNNING')::int, lease_until = clock_timestamp() + $2::float8 * ${LEASE},
         done = 0, total = 0, messages = 0, result_bytes = 0
  WHERE id = $1`;

const END_UNRUN = `
  UPDATE jobs SET state = $2, refusal = $3, lease_until = NULL, messages = 0, result_bytes = 0, finished_at = now(),
         expires_at = now() + ${KEPT}
  WHERE id = $1`;

const MINE = `id = $1 AND attempt = $2 AND state = 'RUNNING'`;

const BEAT = `
  UPDATE jobs SET lease_until = clock_timestamp() + $3::float8 * ${LEASE}, done = $4, total = $5
  WHERE ${MINE} RETURNING cancel_asked_at IS NOT NULL AS "isCancelAsked"`;

const APPEND = `
  WITH mine AS (
    UPDATE jobs SET messages = messages + cardinality($4::bytea[]), result_bytes = result_bytes + $5
    WHERE ${MINE} RETURNING id
  )
  INSERT INTO job_results (job_id, position, message)
  SELECT mine.id, $3::int + next.ordinal - 1, next.message
  FROM mine, unnest($4::bytea[]) WITH ORDINALITY AS next (message, ordinal)`;

const FINISH = `
  WITH ended AS (
    UPDATE jobs SET state = $3, refusal = $4, done = $5, total = $6, lease_until = NULL, finished_at = now(),
           expires_at = now() + ${KEPT},
           messages = CASE WHEN $7::boolean THEN 0 ELSE messages END,
           result_bytes = CASE WHEN $7 THEN 0 ELSE result_bytes END
    WHERE ${MINE} RETURNING id
  ), emptied AS (
    DELETE FROM job_results WHERE $7 AND job_id IN (SELECT id FROM ended)
  )
  SELECT id FROM ended`;

const GIVE_BACK = `
  UPDATE jobs SET state = 'QUEUED', lease_until = NULL, failures = failures + $3::boolean::int
  WHERE ${MINE}`;
