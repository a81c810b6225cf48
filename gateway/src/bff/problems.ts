import type { Problem as DescribedProblem } from '@banyan/openapi/generated/bff';
import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import type { FailureKind } from '../carve-out/define.ts';
import { problemAnswer } from '../carve-out/problem.ts';
import type { ServiceRefusal } from '../carve-out/service-calls.ts';
import { JOBS_DOMAIN } from './job-service.ts';

/** What the gateway itself refuses under `/bff/`. */
const PROBLEMS = {
  'no-such-path': [404, 'There is no such path'],
  'method-not-allowed': [405, 'The path has no such method'],
  'job-not-found': [404, 'There is no such job'],
  'job-not-done': [409, 'The job has not ended'],
  'job-cancelled': [410, 'The job was cancelled'],
  'job-gone': [410, 'The result is no longer kept'],
  'result-too-large': [422, 'The result is too large to be kept'],
  'too-many-jobs': [503, 'Too many jobs are waiting'],
  'too-many-watchers': [429, 'Too many streams are watching jobs'],
  'context-at-monolith': [409, 'What this is about has not moved to its service'],
  'invalid-idempotency-key': [400, 'The Idempotency-Key is not valid'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used for another request'],
  unavailable: [503, 'The service is not available'],
  late: [504, 'The service did not answer in time'],
  internal: [500, 'The request could not be answered'],
} as const satisfies Partial<Record<DescribedKind, readonly [status: number, title: string]>>;

type DescribedKind = DescribedProblem['type'] extends `/problems/${infer Kind}` ? Kind : never;
export type BffProblem = keyof typeof PROBLEMS;

export const RETRY_LATER_SECONDS = 5;

export function bffProblem(kind: BffProblem, detail: string, headers: readonly HeaderLine[] = []): Answer {
  const [status, title] = PROBLEMS[kind];
  return problemAnswer({ kind, status, title, detail, headers });
}

export function retryAfter(seconds: number): HeaderLine {
  return ['Retry-After', String(seconds)];
}

export const noSuchJob = (): Answer =>
  bffProblem('job-not-found', 'No job of this name is yours: it never was, or is no longer kept.');

const FAILURES = {
  unavailable: ['unavailable', 'The service that this needs cannot answer now. Please try again later.'],
  late: ['late', 'The service that this needs did not answer in time. Please try again later.'],
  internal: ['internal', 'Something went wrong. Please try again later.'],
} as const satisfies Record<FailureKind, readonly [BffProblem, string]>;

export function failureProblem(kind: FailureKind): Answer {
  const [problem, detail] = FAILURES[kind];
  return bffProblem(problem, detail, kind === 'internal' ? [] : [retryAfter(RETRY_LATER_SECONDS)]);
}

/** What a refusal of JobService itself is to a client; undefined where it is a failure. */
export function jobProblem(refusal: ServiceRefusal): Answer | undefined {
  if (refusal.domain !== JOBS_DOMAIN) return undefined;
  const retry = [retryAfter(refusal.retryAfterSeconds ?? RETRY_LATER_SECONDS)];
  switch (refusal.reason) {
    case 'JOB_NOT_FOUND':
      return noSuchJob();
    case 'JOB_GONE':
      return bffProblem('job-gone', 'The result of this job was kept for a time, which has passed.');
    case 'JOB_NOT_DONE':
      return bffProblem('job-not-done', 'There is no result yet: the job waits or runs.', retry);
    case 'JOB_CANCELLED':
      return bffProblem('job-cancelled', 'The job was cancelled, so that it has no result.');
    case 'JOB_RESULT_TOO_LARGE':
      return bffProblem(
        'result-too-large',
        'What the request is answered with is too large to be kept. Ask for it without Prefer.',
      );
    case 'JOBS_FULL':
      return bffProblem(
        'too-many-jobs',
        'Too many jobs are waiting or running. Please try again later.',
        retry,
      );
    case 'JOBS_NOT_CONFIGURED':
      return failureProblem('unavailable');
    case 'IDEMPOTENCY_KEY_INVALID':
      return invalidKey();
    case 'IDEMPOTENCY_KEY_REUSED':
      return bffProblem(
        'idempotency-key-reused',
        'Another request was made with this Idempotency-Key. A new request needs a new key.',
      );
    default:
      return undefined;
  }
}

export function invalidKey(): Answer {
  return bffProblem(
    'invalid-idempotency-key',
    'An Idempotency-Key is 1 to 255 visible ASCII characters, and there is one of them.',
  );
}
