import { createHash } from 'node:crypto';
import { type CreateJobRequest, JobServiceService } from '@banyan/contracts/jobs/v1/jobs';
import { pause } from '../backoff.ts';
import { refuse } from '../errors.ts';
import { type CallContext, implement, readRequest, type ServedService } from '../handlers.ts';
import { hasEnded, type JobRow, toWireJob } from './job.ts';
import type { JobChanges } from './job-changes.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { Creation, JobLimits, JobTable } from './job-table.ts';
import type { JobMethods } from './methods.ts';
import { keptRefusal, refuseJob } from './refusals.ts';

export type JobServiceParts = {
  readonly table: JobTable;
  readonly changes: JobChanges;
  readonly methods: JobMethods;
  readonly limits: JobLimits;
  /** Whether there is a queue that brings jobs to who runs them. */
  readonly isConfigured: boolean;
  /** Whether what the methods write is this service's to write now. */
  readonly isOwner: () => boolean;
  readonly traceparent: () => string | undefined;
  readonly newId: () => string;
  readonly metrics?: JobMetrics;
};

type UserCall = CallContext<'user'>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KEY = /^[!-~]{1,255}$/;
const CREATION_BYTES_MAX = 1_048_576;
/** The net under notifications. */
const LOOK_EVERY_MS = 2_000;
const READ_BYTES = 524_288;

/** Has methods of a service called later, each for whoever asks for it, and keeps what they answer. */
export function createJobService(parts: JobServiceParts): ServedService {
  const { table, changes, methods, limits, metrics } = parts;

  /** An account's own, or as absent as none. */
  const find = async (jobId: string, { identity }: UserCall): Promise<JobRow> => {
    const row = UUID.test(jobId) ? await table.find(jobId, identity.accountId) : null;
    if (!row) throw refuseJob('JOB_NOT_FOUND');
    if (row.is_gone) throw refuseJob('JOB_GONE');
    return row;
  };

  return implement(JobServiceService, 'user', {
    async createJob(request, ctx: UserCall) {
      if (!parts.isConfigured) throw refuseJob('JOBS_NOT_CONFIGURED', { message: 'no queue is configured' });
      if (!parts.isOwner()) throw refuseJob('NOT_THE_OWNER');
      const method = methods.get(request.method);
      if (!method) throw refuseJob('JOB_METHOD_UNKNOWN', { metadata: { method: request.method } });
      checkForm(request);
      await method.rule.check(readRequest(method.method, Buffer.from(request.request)), ctx);
      const created = await table.create(
        {
          id: parts.newId(),
          identity: ctx.identity,
          method: method.name,
          request: Buffer.from(request.request),
          origin: Buffer.from(request.origin),
          idempotencyKey: request.idempotencyKey ?? null,
          requestHash: hashOf(request),
          traceparent: parts.traceparent(),
        },
        limits,
      );
      const job = admitted(created);
      if (created.kind === 'created') metrics?.onCreated(method.name);
      return { job: toWireJob(job), replayed: created.kind === 'known' };
    },

    getJob: async ({ jobId }, ctx: UserCall) => ({ job: toWireJob(await find(jobId, ctx)) }),

    async *watchJob({ jobId }, ctx: UserCall) {
      let isStale = false;
      let wake = new AbortController();
      const stir = (): void => {
        isStale = true;
        wake.abort();
      };
      // Before it is read, so that no change comes in between.
      const release = UUID.test(jobId) ? changes.onChange(jobId, stir) : () => {};
      ctx.draining.addEventListener('abort', stir, { once: true });
      ctx.signal.addEventListener('abort', stir, { once: true });
      try {
        for (let shown = ''; !ctx.signal.aborted; ) {
          isStale = false;
          wake = new AbortController();
          const row = await find(jobId, ctx);
          const state = [row.state, row.done, row.total, row.started_at?.getTime()].join();
          if (state !== shown) yield { job: toWireJob(row) };
          if (hasEnded(row)) return;
          shown = state;
          if (ctx.draining.aborted) throw refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 });
          // It may have changed while it was read, or while the client took it.
          if (!isStale) await pause(LOOK_EVERY_MS, wake.signal);
        }
      } finally {
        release();
        ctx.draining.removeEventListener('abort', stir);
        ctx.signal.removeEventListener('abort', stir);
      }
    },

    async cancelJob({ jobId }, ctx: UserCall) {
      const before = await find(jobId, ctx);
      if (!hasEnded(before)) await table.cancel(jobId, ctx.identity.accountId);
      return { job: toWireJob(await find(jobId, ctx)) };
    },

    async *readJobResult({ jobId }, ctx: UserCall) {
      const row = await find(jobId, ctx);
      if (!hasEnded(row)) throw refuseJob('JOB_NOT_DONE');
      if (row.state === 'CANCELLED') throw refuseJob('JOB_CANCELLED');
      const head = await table.findHead(jobId);
      if (!head) throw refuseJob('JOB_GONE');
      yield { part: { $case: 'origin' as const, value: head.origin } };
      for (let read = 0; read < head.messages; ) {
        ctx.signal.throwIfAborted();
        const messages = await table.readMessages(jobId, read, READ_BYTES);
        // Half an answer must not pass for one.
        if (messages.length === 0) throw refuseJob('JOB_GONE');
        read += messages.length;
        for (const value of messages) yield { part: { $case: 'message' as const, value } };
      }
      if (head.refusal) throw keptRefusal(head.refusal);
    },
  });
}

function checkForm({ request, origin, idempotencyKey }: CreateJobRequest): void {
  const bytes = request.length + origin.length;
  if (bytes > CREATION_BYTES_MAX) {
    throw refuseJob('JOB_TOO_LARGE', {
      metadata: { bytes: String(bytes), bytes_max: String(CREATION_BYTES_MAX) },
    });
  }
  if (idempotencyKey !== undefined && !KEY.test(idempotencyKey)) throw refuseJob('IDEMPOTENCY_KEY_INVALID');
}

/** The origin is no part of it: a form and JSON that mean the same are one request. */
function hashOf({ method, request }: CreateJobRequest): Buffer {
  const hash = createHash('sha256');
  for (const part of [Buffer.from(method), request]) hash.update(`${part.length}:`).update(part);
  return hash.digest();
}

function admitted(created: Creation): JobRow {
  switch (created.kind) {
    case 'created':
    case 'known':
      return created.job;
    case 'key reused':
      throw refuseJob('IDEMPOTENCY_KEY_REUSED');
    case 'full':
      throw refuseJob('JOBS_FULL', {
        metadata: {
          scope: created.scope,
          [created.scope === 'kept' ? 'bytes_max' : 'jobs_max']: String(created.max),
        },
      });
    default:
      return created satisfies never;
  }
}
