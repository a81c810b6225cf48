import { type Job, JobState as WireJobState } from '@banyan/contracts/jobs/v1/jobs';
import type { Identity } from '../identity.ts';

export const JOB_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job as its owner sees it. */
export type JobRow = {
  readonly id: string;
  readonly method: string;
  readonly state: JobState;
  readonly done: bigint;
  readonly total: bigint;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly expires_at: Date | null;
  /** By the database's clock: its result is no longer kept. */
  readonly is_gone: boolean;
};

/** A job as whoever runs it has it. */
export type BegunJob = {
  readonly id: string;
  readonly identity: Identity;
  readonly method: string;
  readonly request: Buffer;
  readonly attempt: number;
  /** Attempts before this one that ended in an error that nobody expected. */
  readonly failures: number;
};

const WIRE_STATES = {
  QUEUED: WireJobState.QUEUED,
  RUNNING: WireJobState.RUNNING,
  SUCCEEDED: WireJobState.SUCCEEDED,
  FAILED: WireJobState.FAILED,
  CANCELLED: WireJobState.CANCELLED,
} as const satisfies Record<JobState, WireJobState>;

export function hasEnded({ state }: Pick<JobRow, 'state'>): boolean {
  return state !== 'QUEUED' && state !== 'RUNNING';
}

export function toWireJob(row: JobRow): Job {
  return {
    id: row.id,
    method: row.method,
    state: WIRE_STATES[row.state],
    done: row.done,
    total: row.total,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  };
}
