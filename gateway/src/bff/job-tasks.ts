import type { Answer } from '../carve-out/answer.ts';
import type { TranslationContext } from '../carve-out/define.ts';
import { readIdempotencyKey } from '../carve-out/idempotency-key.ts';
import type { TranslationRequest } from '../carve-out/request.ts';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import type { Calls } from '../translate/calls.ts';
import type { ActiveCarveOut } from '../translate/carved-operation.ts';
import type { Task } from '../translate/task.ts';
import { TranslatedRequest } from '../translate/translated-request.ts';
import { CHANGE_MS_MAX, type JobParts, runDeferring } from './deferrable.ts';
import { acceptedAnswer, jobAnswer } from './job-answers.ts';
import { eventsAnswer } from './job-events.ts';
import type { JobOperation } from './job-operation.ts';
import {
  CANCEL_JOB,
  GET_JOB,
  isOver,
  type Job,
  READ_JOB_RESULT,
  type ResultPart,
  WATCH_JOB,
} from './job-service.ts';
import { type Origin, readOrigin } from './origin.ts';
import {
  bffProblem,
  failureProblem,
  invalidKey,
  jobProblem,
  noSuchJob,
  RETRY_LATER_SECONDS,
  retryAfter,
} from './problems.ts';
import { ReplayedCalls } from './replayed-calls.ts';
import type { Watchers } from './watchers.ts';

/** A service whose jobs are shown. */
export type JobServiceParts = JobParts & {
  readonly active: ActiveCarveOut;
  /** Those a job can have come from, by their names. */
  readonly operations: ReadonlyMap<string, JobOperation>;
  readonly watchers: Watchers;
};

/** A service answers about a job at once, and tells a kept result as fast as it is read. */
const DEADLINE_MS = 15_000;
/** Nothing that is asked about a job needs a body. */
const BODY_BYTES_MAX = 16_384;

type Handle = (request: TranslationRequest, calls: Calls, context: TranslationContext) => Promise<Answer>;

function taskOf({ active }: Pick<JobServiceParts, 'active'>, kind: Task['kind'], handle: Handle): Task {
  return {
    audience: active.carveOut.name,
    kind,
    deadlineMs: DEADLINE_MS,
    bodyBytesMax: BODY_BYTES_MAX,
    link: active.link,
    metadataOf: active.metadataOf,
    readParameters: () => ({}),
    handle: (request, calls, context) => inProblems(() => handle(request, calls, context)),
    failure: failureProblem,
  };
}

/** What JobService refuses, as its problem. */
async function inProblems(handle: () => Promise<Answer>): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    const problem = error instanceof ServiceRefusal ? jobProblem(error) : undefined;
    if (problem === undefined) throw error;
    return problem;
  }
}

/** Whoever calls is asked for, and nothing else. */
export function noSuchJobTask(service: Pick<JobServiceParts, 'active'>): Task {
  return taskOf(service, 'read', async () => noSuchJob());
}

export function getJobTask(service: JobServiceParts, id: string): Task {
  return taskOf(service, 'read', async (_request, calls) =>
    jobAnswer(service.show, (await calls.unary(GET_JOB, id)) as Job),
  );
}

/** Asked once it is: a job that is cancelled, or has ended, stays as it is. */
export function cancelJobTask(service: JobServiceParts, id: string): Task {
  return taskOf(service, 'write', async (_request, calls) => {
    const job = (await calls.unary(CANCEL_JOB, id, true)) as Job;
    return jobAnswer(service.show, job, isOver(job) ? 200 : 202);
  });
}

export function watchJobTask(service: JobServiceParts, id: string): Task {
  const { watchers, show, watchLink } = service;
  return taskOf(service, 'read', async (request, calls, { identity, signal }) => {
    if (watchers.isFull(identity.account)) {
      const detail =
        'Too many streams of yours, or of everybody, are under way. Ask for the job itself instead.';
      return bffProblem('too-many-watchers', detail, [retryAfter(RETRY_LATER_SECONDS)]);
    }
    // Counted before anybody is waited for: others come meanwhile.
    const leave = watchers.enter(identity.account);
    signal.addEventListener('abort', leave, { once: true });
    try {
      const watching = calls.beside(watchLink, CHANGE_MS_MAX);
      const changes = watching.stream(WATCH_JOB, id) as AsyncGenerator<Job>;
      const first = await changes.next();
      if (first.done === true) throw new Error('a watched job was not told');
      // It may not be sent to who has left.
      if (signal.aborted) leave();
      return eventsAnswer({
        show,
        first: first.value,
        changes,
        onEnd: leave,
        lastEventId: request.headers.get('last-event-id'),
      });
    } catch (error) {
      leave();
      throw error;
    }
  });
}

/**
 * The answer that the request would have had at once, made again by its translation from what the job's method
 * answered. From there on it fails as the operation fails, too.
 */
export function getJobResultTask(service: JobServiceParts, id: string): Task {
  let failure: Task['failure'] = failureProblem;
  const task = taskOf(service, 'read', async (asked, calls, context) => {
    const job = (await calls.unary(GET_JOB, id)) as Job;
    const parts = calls.stream(READ_JOB_RESULT, id) as AsyncGenerator<ResultPart>;
    const first = await parts.next();
    const origin = first.done === true ? undefined : readOrigin(first.value.bytes);
    const operation = origin && service.operations.get(origin.operationId);
    if (origin === undefined || operation === undefined)
      throw new Error(`job ${id} came from a request that this gateway cannot read`);
    failure = operation.failure;
    return operation.handle(
      requestOf(origin, operation, asked),
      new ReplayedCalls(calls, operation.method, parts),
      { ...context, now: job.createdAt ?? context.now },
    );
  });
  return { ...task, failure: (kind) => failure(kind) };
}

const CONDITIONS = ['cache-control', 'if-modified-since', 'if-none-match', 'if-range', 'range'];

/** The request of then. Of a read, conditions and ranges are those that its result is asked with. */
function requestOf(origin: Origin, operation: JobOperation, asked: TranslationRequest): TranslationRequest {
  const isRead = operation.kind === 'read';
  const fieldOf = (name: string): string | undefined => {
    if (isRead && CONDITIONS.includes(name)) return asked.headers.get(name);
    return Object.hasOwn(origin.headers, name) ? origin.headers[name] : undefined;
  };
  const headers = {
    get: fieldOf,
    values: (name: string) => {
      const value = fieldOf(name);
      return value === undefined ? [] : [value];
    },
  };
  const method = isRead && asked.method === 'HEAD' ? 'HEAD' : origin.method;
  return new TranslatedRequest(method, origin.target, headers, operation.readParameters, async () => ({
    kind: 'bytes',
    bytes: origin.body,
  }));
}

/** An operation of a carve-out's own under `/bff/`, which is always a job. */
export type StartTask = {
  readonly operation: JobOperation;
  readonly bodyBytesMax: number;
  readonly deadlineMs: number;
  /** Whether its service may do it now; undefined where nobody can say. */
  readonly isOwned: () => boolean | undefined;
};

export function startJobTask(service: JobServiceParts, start: StartTask): Task {
  const { operation, bodyBytesMax, deadlineMs, isOwned } = start;
  const handle: Handle = async (request, calls, context) => {
    const owned = isOwned();
    if (owned === undefined) return failureProblem('unavailable');
    if (!owned) {
      const detail = `${service.active.carveOut.name} is still with the monolith, which has no such operation.`;
      return bffProblem('context-at-monolith', detail);
    }
    if (readIdempotencyKey(request.headers) === null) return invalidKey();
    const outcome = await runDeferring(request, calls, context, operation, 'always');
    return outcome.kind === 'answered' ? outcome.answer : acceptedAnswer(service.show, outcome.created);
  };
  return {
    ...taskOf(service, 'write', handle),
    bodyBytesMax,
    deadlineMs,
    readParameters: operation.readParameters,
    failure: operation.failure,
  };
}
