import type { Job as DescribedJob } from '@banyan/openapi/generated/bff';
import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import { jobPath } from './job-id.ts';
import { type CreatedJob, hasResult, isOver, type Job } from './job-service.ts';
import { retryAfter } from './problems.ts';

/** Says of a service's job what a client is told of it. */
export type ShowJob = (job: Job) => DescribedJob;

/** `operationOf`: by the method of a job, the operation that it came from. */
export function createShowJob(service: string, operationOf: (method: string) => string | undefined): ShowJob {
  return (job) => ({
    id: `${service}-${job.id}`,
    operation: operationOf(job.method) ?? null,
    state: job.state,
    done: Number(job.done),
    total: job.total === 0n ? null : Number(job.total),
    createdAt: textOf(job.createdAt),
    startedAt: textOf(job.startedAt),
    finishedAt: textOf(job.finishedAt),
    expiresAt: textOf(job.expiresAt),
    result: hasResult(job) ? `${jobPath({ service, id: job.id })}/result` : null,
  });
}

function textOf(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}

/** A job as it stands; as long as it runs, with when to look again. */
export function jobAnswer(show: ShowJob, job: Job, status = 200, more: readonly HeaderLine[] = []): Answer {
  const body = Buffer.from(JSON.stringify(show(job)));
  return {
    status,
    headers: [
      ...more,
      ...(isOver(job) ? [] : [retryAfter(LOOK_AGAIN_SECONDS)]),
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}

/** Most jobs take seconds; the events tell of each change. */
const LOOK_AGAIN_SECONDS = 1;

/** 202: the request was understood, and is worked on. `applied`: of its preferences. */
export function acceptedAnswer(
  show: ShowJob,
  created: CreatedJob,
  applied: readonly HeaderLine[] = [],
): Answer {
  const { job } = created;
  const location = `/bff/jobs/${show(job).id}`;
  return jobAnswer(show, job, 202, [['Location', location], ...applied, ...replayedLines(created)]);
}

/** The job is that of an earlier request with the same key. */
export function replayedLines({ replayed }: Pick<CreatedJob, 'replayed'>): readonly HeaderLine[] {
  return replayed ? [['Idempotency-Replayed', 'true']] : [];
}
