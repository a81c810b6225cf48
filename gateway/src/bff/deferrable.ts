import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import type { TranslationContext } from '../carve-out/define.ts';
import { readIdempotencyKey } from '../carve-out/idempotency-key.ts';
import type { RequestHeaders, TranslationRequest } from '../carve-out/request.ts';
import type { Calls } from '../translate/calls.ts';
import type { ServiceLink } from '../translate/service-link.ts';
import type { Task } from '../translate/task.ts';
import { DeferringCalls } from './deferring-calls.ts';
import { acceptedAnswer, replayedLines, type ShowJob } from './job-answers.ts';
import type { JobOperation } from './job-operation.ts';
import {
  type CreatedJob,
  hasResult,
  isOver,
  type Job,
  READ_JOB_RESULT,
  type ResultPart,
  WATCH_JOB,
} from './job-service.ts';
import { writeOrigin } from './origin.ts';
import { type Preferences, parsePrefer } from './prefer.ts';
import { ReplayedCalls } from './replayed-calls.ts';

export type JobParts = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The service's link for calls that mostly wait: they take no place from others. */
  readonly watchLink: ServiceLink;
  readonly show: ShowJob;
};

/** However long a client would wait. */
const WAIT_SECONDS_MAX = 10;
/** Of a request's time, what waiting for its job may use: the rest is for telling the result. */
const WAIT_SHARE = 0.7;

/** The operation's own task, which makes a job of its work for a client that prefers that (RFC 7240 §4.1). */
export function deferrableTask(plain: Task, operation: JobOperation, parts: JobParts): Task {
  return {
    ...plain,
    handle: (request, calls, context) => {
      const preferences = parsePrefer(request.headers.values('prefer'));
      if (!preferences.respondAsync || isAnsweredNow(request, operation)) {
        return plain.handle(request, calls, context);
      }
      return handleDeferred({ request, calls, context, preferences, operation, parts, plain });
    },
  };
}

/** From one change of a job to the next: it may wait and run for long. A dead connection is found out sooner. */
export const CHANGE_MS_MAX = 86_400_000;

/** Conditions and ranges are about an answer of now; those of a job's result are asked of the result. */
const ABOUT_NOW = ['if-none-match', 'if-modified-since', 'if-range', 'range'];

function isAnsweredNow({ method, headers }: TranslationRequest, { kind }: JobOperation): boolean {
  if (method === 'HEAD') return true;
  return kind === 'read' && ABOUT_NOW.some((name) => headers.get(name) !== undefined);
}

type Deferred = {
  readonly request: TranslationRequest;
  readonly calls: Calls;
  readonly context: TranslationContext;
  readonly preferences: Preferences;
  readonly operation: JobOperation;
  readonly parts: JobParts;
  readonly plain: Task;
};

async function handleDeferred(deferred: Deferred): Promise<Answer> {
  const { request, calls, context, operation, preferences, parts } = deferred;
  const outcome = await runDeferring(request, calls, context, operation, 'where-possible');
  if (outcome.kind === 'answered') return outcome.answer;
  const { created } = outcome;
  const wait = Math.min(preferences.waitSeconds ?? 0, WAIT_SECONDS_MAX);
  if (wait > 0 && (await hasResultWithin(deferred, created, wait * 1_000))) {
    const result = calls.stream(READ_JOB_RESULT, created.job.id) as AsyncGenerator<ResultPart>;
    await result.next();
    const answer = await operation.handle(request, new ReplayedCalls(calls, operation.method, result), {
      ...context,
      now: created.job.createdAt ?? context.now,
    });
    return withLines(answer, [...appliedLines([`wait=${wait}`]), ...replayedLines(created)]);
  }
  const applied = preferences.waitSeconds === undefined ? [] : [`wait=${wait}`];
  return acceptedAnswer(parts.show, created, appliedLines(['respond-async', ...applied]));
}

/** What the answer says already is not said twice. */
function withLines(answer: Answer, lines: readonly HeaderLine[]): Answer {
  const said = new Set(answer.headers.map(([name]) => name.toLowerCase()));
  return {
    ...answer,
    headers: [...answer.headers, ...lines.filter(([name]) => !said.has(name.toLowerCase()))],
  };
}

function appliedLines(applied: readonly string[]): readonly HeaderLine[] {
  return [
    ['Preference-Applied', applied.join(', ')],
    ['Vary', 'Prefer'],
  ];
}

export type DeferredOutcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'created'; readonly created: CreatedJob };

/**
 * Runs a translation up to the call that becomes a job, or to its answer where it does not get there. `where-possible`:
 * a service that makes no job of it is asked for the answer.
 */
export async function runDeferring(
  request: TranslationRequest,
  calls: Calls,
  context: TranslationContext,
  operation: JobOperation,
  defers: 'where-possible' | 'always',
): Promise<DeferredOutcome> {
  const deferring = new DeferringCalls({
    calls,
    method: operation.method,
    origin: async () => writeOrigin(request, operation.operationId, await bodyOf(request, operation)),
    idempotencyKey: keyOf(request.headers),
    defers,
  });
  try {
    const answer = await operation.handle(request, deferring, context);
    const { created } = deferring;
    return created === undefined ? { kind: 'answered', answer } : { kind: 'created', created };
  } catch (error) {
    const { created } = deferring;
    if (created === undefined) throw error;
    return { kind: 'created', created };
  }
}

async function bodyOf(request: TranslationRequest, { kind }: JobOperation): Promise<Buffer> {
  if (kind === 'read') return NO_BODY;
  const body = await request.body();
  return body.kind === 'bytes' ? body.bytes : NO_BODY;
}

const NO_BODY = Buffer.alloc(0);

/** What is no key the operation itself refuses. */
function keyOf(headers: RequestHeaders): string | undefined {
  return readIdempotencyKey(headers) ?? undefined;
}

/** Watches a job for as long as the client would wait: one that is cancelled has nothing to tell. That it cannot be watched is no reason to fail: it is there. */
async function hasResultWithin(
  { calls, context, plain, parts }: Deferred,
  { job }: CreatedJob,
  waitMs: number,
): Promise<boolean> {
  if (isOver(job)) return hasResult(job);
  const usedMs = parts.now() - context.now.getTime();
  const limitMs = Math.min(waitMs, plain.deadlineMs * WAIT_SHARE - usedMs);
  if (limitMs <= 0) return false;
  const watching = calls.beside(parts.watchLink, CHANGE_MS_MAX);
  const timer = setTimeout(() => watching.cancel('gone'), limitMs);
  try {
    for await (const seen of watching.stream(WATCH_JOB, job.id) as AsyncIterable<Job>) {
      if (isOver(seen)) return hasResult(seen);
    }
  } catch {
    // Time is up, or the service is away: the client can look for itself.
  } finally {
    clearTimeout(timer);
  }
  return false;
}
