import { JobEnvelope } from '@banyan/contracts/jobs/v1/jobs';
import type { Database, Transaction } from '../database.ts';
import type { Identity } from '../identity.ts';
import type { JobRow } from './job.ts';

export const JOB_SCHEMA = 'jobs.v1';
export const JOB_TYPE = 'job';

export type NewJob = {
  readonly id: string;
  readonly identity: Identity;
  readonly method: string;
  readonly request: Buffer;
  readonly origin: Buffer;
  readonly idempotencyKey: string | null;
  /** Of what the key is for. */
  readonly requestHash: Buffer;
  readonly traceparent: string | undefined;
};

export type JobLimits = {
  /** Jobs that have not ended. */
  readonly perAccountMax: number;
  readonly inAllMax: number;
  /** Of all results that are kept for an account. */
  readonly keptBytesMax: number;
};

export type Creation =
  | { readonly kind: 'created' | 'known'; readonly job: JobRow }
  | { readonly kind: 'key reused' }
  | { readonly kind: 'full'; readonly scope: 'account' | 'kept' | 'all'; readonly max: number };

/** Jobs as those see them who have them done. Times are the database's, so that all processes agree on them. */
export type JobTable = {
  /** The job and what tells a relay of it, in one transaction. */
  create(job: NewJob, limits: JobLimits): Promise<Creation>;
  find(id: string, accountId: bigint): Promise<JobRow | null>;
  /** What a result is beside its messages, and how many these are. Null when it is no longer kept. */
  findHead(id: string): Promise<ResultHead | null>;
  /** One that waits has ended then, one that runs is asked to, one that has ended stays as it is. */
  cancel(id: string, accountId: bigint): Promise<void>;
  /** The messages of a result from a position on, `bytesMax` of them or one; none where there are no more. */
  readMessages(id: string, from: number, bytesMax: number): Promise<Buffer[]>;
};

export type ResultHead = {
  readonly origin: Buffer;
  readonly messages: number;
  readonly refusal: Buffer | null;
};

export const KEPT = "interval '24 hours'";

export function createJobTable(database: Database): JobTable {
  return {
    create: (job, limits) =>
      database.transaction(async (tx) => {
        // One at a time, so that neither a key nor a bound is missed.
        await tx.query(ALONE);
        if (job.idempotencyKey !== null) {
          const known = await findByKey(tx, job, job.idempotencyKey);
          if (known) return known;
        }
        const full = await findFull(tx, job.identity.accountId, limits);
        if (full) return full;
        return { kind: 'created', job: await insert(tx, job) };
      }),

    find: async (id, accountId) => (await database.query<JobRow>(FIND, [id, accountId])).rows[0] ?? null,

    findHead: async (id) => (await database.query<ResultHead>(HEAD, [id])).rows[0] ?? null,

    async cancel(id, accountId) {
      await database.query(CANCEL, [id, accountId]);
    },

    async readMessages(id, from, bytesMax) {
      const { rows } = await database.query<{ message: Buffer }>(READ, [id, from, bytesMax]);
      return rows.map(({ message }) => message);
    },
  };
}

async function findByKey(tx: Transaction, job: NewJob, key: string): Promise<Creation | null> {
  const { rows } = await tx.query<JobRow & { request_hash: Buffer }>(FIND_BY_KEY, [
    job.identity.accountId,
    key,
  ]);
  const [known] = rows;
  if (!known) return null;
  return known.request_hash.equals(job.requestHash) ? { kind: 'known', job: known } : { kind: 'key reused' };
}

async function findFull(tx: Transaction, accountId: bigint, limits: JobLimits): Promise<Creation | null> {
  const { rows } = await tx.query<{ own: number; every: number; kept: bigint }>(COUNT_ALL, [accountId]);
  const { own, every, kept } = rows[0] ?? { own: 0, every: 0, kept: 0n };
  const { perAccountMax, inAllMax, keptBytesMax } = limits;
  if (own >= perAccountMax) return { kind: 'full', scope: 'account', max: perAccountMax };
  if (kept >= BigInt(keptBytesMax)) return { kind: 'full', scope: 'kept', max: keptBytesMax };
  return every >= inAllMax ? { kind: 'full', scope: 'all', max: inAllMax } : null;
}

async function insert(tx: Transaction, job: NewJob): Promise<JobRow> {
  const { accountId, ...caller } = job.identity;
  const { rows } = await tx.query<JobRow>(INSERT, [
    job.id,
    accountId,
    JSON.stringify(caller),
    job.method,
    job.request,
    job.origin,
    job.idempotencyKey,
    job.requestHash,
  ]);
  const body = Buffer.from(JobEnvelope.encode({ jobId: job.id }).finish());
  await tx.query(TELL, [job.id, body, JOB_TYPE, JOB_SCHEMA, job.traceparent ?? null]);
  return rows[0] as JobRow;
}

const COLUMNS = `
  id, method, state, done, total, created_at, started_at, finished_at, expires_at,
  emptied_at IS NOT NULL OR coalesce(expires_at <= now(), false) AS is_gone`;

const ALONE = `SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.jobs'))`;

const FIND = `SELECT ${COLUMNS} FROM jobs WHERE id = $1 AND account_id = $2`;

/** One whose result is gone is of no use to who comes again with its key. */
const FIND_BY_KEY = `
  WITH gone AS (
    UPDATE jobs SET idempotency_key = NULL
    WHERE account_id = $1 AND idempotency_key = $2 AND expires_at <= now()
    RETURNING id
  )
  SELECT ${COLUMNS}, request_hash FROM jobs
  WHERE account_id = $1 AND idempotency_key = $2 AND id NOT IN (SELECT id FROM gone)`;

const COUNT_ALL = `
  SELECT (SELECT count(*)::int FROM jobs WHERE finished_at IS NULL AND account_id = $1) AS own,
         (SELECT count(*)::int FROM jobs WHERE finished_at IS NULL) AS every,
         (SELECT coalesce(sum(result_bytes), 0)::bigint FROM jobs
          WHERE finished_at IS NOT NULL AND emptied_at IS NULL AND account_id = $1) AS kept`;

const INSERT = `
  INSERT INTO jobs (id, account_id, caller, method, request, origin, idempotency_key, request_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  RETURNING ${COLUMNS}`;

const TELL = `
  INSERT INTO outbox (id, body, occurred_at, next_attempt_at, type, schema, trace_parent)
  VALUES ($1, $2, now(), now(), $3, $4, $5)`;

const HEAD = 'SELECT origin, messages, refusal FROM jobs WHERE id = $1 AND emptied_at IS NULL';

const CANCEL = `
  UPDATE jobs SET
    cancel_asked_at = coalesce(cancel_asked_at, now()),
    state = CASE WHEN alone THEN state ELSE 'CANCELLED' END,
    lease_until = CASE WHEN alone THEN lease_until END,
    finished_at = CASE WHEN NOT alone THEN now() END,
    expires_at = CASE WHEN NOT alone THEN now() + ${KEPT} END
  FROM (SELECT id AS found, state = 'RUNNING' AND lease_until > now() AS alone
        FROM jobs WHERE id = $1 AND account_id = $2 AND finished_at IS NULL FOR UPDATE) AS f
  WHERE id = found`;

/** What octet_length says of a message costs no reading of it. */
const READ = `
  SELECT r.message FROM (
    SELECT position, sum(octet_length(message)) OVER (ORDER BY position) - octet_length(message) AS before
    FROM (SELECT position, message FROM job_results WHERE job_id = $1 AND position >= $2
          ORDER BY position LIMIT 200) AS next
  ) AS chosen JOIN job_results r ON r.job_id = $1 AND r.position = chosen.position
  WHERE chosen.before < $3 ORDER BY r.position`;
