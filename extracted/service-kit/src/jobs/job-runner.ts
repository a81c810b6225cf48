import { Metadata } from '@grpc/grpc-js';
import { pause } from '../backoff.ts';
import { isDatabaseUnavailable, isNotTheOwner } from '../database-fault.ts';
import { RemoteError, RpcError, refusalOf, refuse } from '../errors.ts';
import { type CallContext, readRequest, writeResponse } from '../handlers.ts';
import type { Logger } from '../logger.ts';
import { faultKindOf } from '../queues/faults.ts';
import type { BegunJob } from './job.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { JobMethod, JobMethods } from './methods.ts';
import { keepRefusal } from './refusals.ts';
import { createResultWriter, JobLost } from './result-writer.ts';
import type { Ending, Progress, RunTable } from './run-table.ts';

/** Why a job does not go on: its owner asks, its time is up, the process stops, or another may have begun it. */
type Cut = 'cancelled' | 'late' | 'stopping' | 'lost';

/** Thrown for the queue to bring the job again in a while. The row says how often; the queue need not count. */
export class JobAgain extends Error {
  override readonly name = 'JobAgain';
}

export type JobRunner = {
  /** Runs the job to its end, unless it has one. Throws `JobAgain`, or what the database says. */
  take(id: string): Promise<{ readonly duplicate: boolean }>;
  /** Gives back what is being run. */
  cutAll(): void;
};

export type RunLimits = {
  readonly deadlineMs: number;
  readonly leaseMs: number;
  readonly messageBytesMax: number;
  readonly resultBytesMax: number;
};

/** Errors that nobody expected, of one job, until that is its answer. */
const FAILURES_MAX = 4;
/** How often progress is written, and how often a job is looked at that says nothing. */
const PROGRESS_MS = 250;
const BEAT_MS = 500;

/**
 * Runs the very handler of the method. There is no token any more: the caller's identity was verified when the job
 * was created, and is kept in the row as facts, which nobody can change who cannot write the service's database.
 *
 * Which process may run a job is decided by the lease in its row alone. A queue may bring a job that runs, also
 * after it has lost its own lock or all it had: it is told to come again, and finds the job ended.
 */
export function createJobRunner(options: {
  readonly table: RunTable;
  readonly methods: JobMethods;
  readonly limits: RunLimits;
  readonly logger: Logger;
  readonly metrics?: JobMetrics;
  readonly now: () => Date;
  readonly newId: () => string;
}): JobRunner {
  const { table, methods, limits, logger, metrics, now, newId } = options;
  const cuts = new Set<(cut: Cut) => void>();
  let isStopping = false;

  const run = async (job: BegunJob, method: JobMethod): Promise<void> => {
    const ending = new AbortController();
    const callId = newId();
    const log = logger.child({ callId, job: job.id, method: job.method });
    const writer = createResultWriter(table, job, limits);
    let cutBy: Cut | null = null;
    let progress: Progress = { done: 0, total: 0 };
    const cut = (why: Cut): void => {
      cutBy ??= why;
      ending.abort(REASONS[why]());
    };
    const timer = setTimeout(() => cut('late'), limits.deadlineMs);
    cuts.add(cut);
    if (isStopping) cut('stopping');

    const context: CallContext<'user'> = {
      identity: job.identity,
      signal: ending.signal,
      draining: ending.signal,
      deadline: new Date(now().getTime() + limits.deadlineMs),
      logger: log,
      metadata: new Metadata(),
      callId,
      method: method.method.path,
      jobId: job.id,
      progress: (done, total) => {
        progress = { done: countOf(done), total: countOf(total) };
      },
    };
    const over = new AbortController();
    const beating = beat(job, () => progress, cut, over.signal);
    const end = async (state: Ending['state'], refusal: RpcError | null): Promise<void> => {
      over.abort();
      await beating;
      const kept = refusal && keepRefusal(refusal);
      // An answer that is too large to keep is not kept in part.
      const isEmptied = state === 'CANCELLED' || refusal?.reason === 'JOB_RESULT_TOO_LARGE';
      if (!(await table.finish(job, { state, refusal: kept, progress, isEmptied }))) {
        log.warn({ state }, 'the end of a job came too late: another has it');
      }
    };

    try {
      await Promise.race([answer(method, job, context, writer), cutOff(ending.signal)]);
      await writer.flush();
      await end('SUCCEEDED', null);
    } catch (error) {
      const verdict = judge(error, cutBy, job.failures);
      if (verdict === 'cancelled') await end('CANCELLED', null);
      else if (verdict === 'refused') {
        // What came before a refusal is part of the answer.
        if (!ending.signal.aborted) await writer.flush();
        await end(
          'FAILED',
          refusalOf(ending.signal.aborted ? ending.signal.reason : error, {
            callId,
            method: job.method,
            logger: log,
          }),
        );
      } else throw await giveBack(error, verdict === 'failed');
    } finally {
      over.abort();
      clearTimeout(timer);
      cuts.delete(cut);
      // Whatever the handler still has going on behalf of this call ends with it.
      ending.abort(refuse('CANCELLED', 'CALL_OVER'));
      await beating;
    }

    async function giveBack(error: unknown, isFailure: boolean): Promise<JobAgain> {
      over.abort();
      await beating;
      log[isFailure ? 'error' : 'warn'](
        { err: error, why: cutBy, failures: job.failures },
        'a job begins anew later',
      );
      // If that fails too, the lease runs out by itself.
      await table
        .giveBack(job, { isFailure })
        .catch((noteError) => log.warn({ err: noteError }, 'a job was not given back'));
      return new JobAgain(cutBy ?? (isFailure ? 'it failed' : 'something it needs is away'), {
        cause: error,
      });
    }
  };

  /** Until it is over: keeps the lease, says how far it is, hears that it is to be cancelled. */
  const beat = async (
    job: BegunJob,
    progressNow: () => Progress,
    cut: (why: Cut) => void,
    over: AbortSignal,
  ): Promise<void> => {
    let said = progressNow();
    let lookedAt = performance.now();
    let leasedAt = lookedAt;
    while (!over.aborted) {
      const progress = progressNow();
      if (progress !== said || performance.now() - lookedAt >= BEAT_MS) {
        lookedAt = performance.now();
        try {
          const beaten = await table.beat(job, limits.leaseMs, progress);
          if (beaten === null) return cut('lost');
          said = progress;
          leasedAt = lookedAt;
          if (beaten.isCancelAsked) cut('cancelled');
        } catch (error) {
          logger.debug({ err: error, job: job.id }, 'the lease of a job was not renewed');
          if (performance.now() - leasedAt > limits.leaseMs) return cut('lost');
        }
      }
      await pause(PROGRESS_MS, over);
    }
  };

  const answer = async (
    { method, handle, rule }: JobMethod,
    job: BegunJob,
    context: CallContext<'user'>,
    writer: { add(message: Buffer): Promise<void> },
  ): Promise<void> => {
    const sent = readRequest(method, job.request);
    const request = rule.keyed ? rule.keyed(sent, `job:${job.id}`) : sent;
    const answered = (response: unknown): unknown => rule.answered?.(response, sent) ?? response;
    const write = (response: unknown): Promise<void> =>
      writer.add(writeResponse(method, answered(response), limits));
    if (!method.responseStream) return write(await handle(request, context));
    for await (const response of handle(request, context) as AsyncIterable<unknown>) {
      context.signal.throwIfAborted();
      await write(response);
    }
  };

  return {
    async take(id) {
      const begun = await table.begin(id, limits.leaseMs);
      if (begun.kind === 'over') return { duplicate: true };
      if (begun.kind === 'taken') throw new JobAgain('it is being run');
      const { job } = begun;
      const method = methods.get(job.method);
      if (!method) {
        // A newer process of this service knows it, or an older one did.
        await table.giveBack(job, { isFailure: false });
        throw new JobAgain(`${job.method} is not known here`);
      }
      const startedAt = performance.now();
      metrics?.onBegin();
      try {
        await run(job, method);
        metrics?.onEnd(job.method, 'ended', performance.now() - startedAt);
      } catch (error) {
        metrics?.onEnd(job.method, 'again', performance.now() - startedAt);
        throw error instanceof JobLost ? new JobAgain(error.message, { cause: error }) : error;
      }
      return { duplicate: false };
    },
    cutAll() {
      isStopping = true;
      for (const cut of cuts) cut('stopping');
    },
  };
}

const REASONS: Readonly<Record<Cut, () => RpcError>> = {
  cancelled: () => refuse('CANCELLED', 'CANCELLED', { message: 'the job was cancelled' }),
  late: () => refuse('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'),
  stopping: () => refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 }),
  lost: () => refuse('UNAVAILABLE', 'JOB_LOST'),
};

/**
 * What an attempt that threw comes to. What is away comes back, and what nobody expected may pass; a refusal stays
 * one however often it is asked for.
 */
export function judge(
  error: unknown,
  cutBy: Cut | null,
  failuresBefore: number,
): 'cancelled' | 'refused' | 'away' | 'failed' {
  if (cutBy === 'cancelled') return 'cancelled';
  if (cutBy === 'late') return 'refused';
  if (cutBy !== null || error instanceof JobLost) return 'away';
  if (error instanceof RpcError) return isPassing(error) ? 'away' : 'refused';
  if (isDatabaseUnavailable(error) || isNotTheOwner(error)) return 'away';
  if (error instanceof RemoteError && faultKindOf(error) === 'away') return 'away';
  return failuresBefore + 1 >= FAILURES_MAX ? 'refused' : 'failed';
}

/** The key may be in the hands of an attempt that is dead, and whose database does not know that yet. */
const PASSING: readonly string[] = ['NOT_THE_OWNER', 'TOO_MANY_STREAMS', 'IDEMPOTENCY_KEY_IN_USE'];

function isPassing({ code, reason }: RpcError): boolean {
  return code === 'UNAVAILABLE' || PASSING.includes(reason);
}

/** What counts is what was done before; what the handler still does then is done for nobody. */
function cutOff(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function countOf(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.trunc(value)) : 0;
}
