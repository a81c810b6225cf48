import { ErrorInfo, Status } from '@banyan/contracts/google/rpc/status';
import {
  type Job,
  type JobServiceServer,
  JobServiceService,
  JobState,
  type ReadJobResultResponse,
} from '@banyan/contracts/jobs/v1/jobs';
import {
  Client,
  credentials,
  Metadata,
  type Server,
  type ServerWritableStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';

type KeptJob = {
  job: Job;
  readonly account: string;
  readonly key: string | undefined;
  readonly request: Buffer;
  readonly origin: Buffer;
  readonly metadata: Metadata;
  readonly messages: Buffer[];
  error: Partial<ServiceError> | undefined;
  readonly watchers: Set<ServerWritableStream<unknown, { job: Job }>>;
};

/** Jobs as a service's own JobService has them, in memory; each runs when the test says so. */
export type FakeJobs = {
  readonly jobs: readonly KeptJob[];
  /** What is refused instead of a job being made. */
  refusal: { readonly code: status; readonly reason: string } | undefined;
  /** Runs all that wait to their end. */
  run(target: string): Promise<void>;
  /** Each job runs as it is made. */
  runsAtOnce: string | undefined;
  change(index: number, change: Partial<Job>): void;
  /** Streams that watch, now. */
  readonly watching: number;
};

const asIs = (bytes: Buffer): Buffer => bytes;
const OVER: readonly Job['state'][] = [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED];

export function refused(code: status, reason: string, domain = 'jobs'): Partial<ServiceError> {
  const metadata = new Metadata();
  const info = ErrorInfo.encode({ reason, domain, metadata: {} }).finish();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: info }];
  const body = Status.encode({ code, message: 'of the inside', details }).finish();
  metadata.set('grpc-status-details-bin', Buffer.from(body));
  return { code, details: 'of the inside', metadata };
}

/** The account of a signed identity, unread but for that. */
function accountOf(metadata: Metadata): string {
  const [, claims = ''] = String(metadata.get('banyan-identity')[0]).split('.');
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub;
}

export function addFakeJobs(server: Server): FakeJobs {
  const jobs: KeptJob[] = [];
  const find = (metadata: Metadata, id: string): KeptJob | undefined =>
    jobs.find(({ job, account }) => job.id === id && account === accountOf(metadata));
  const tell = (kept: KeptJob): void => {
    for (const watch of kept.watchers) {
      watch.write({ job: kept.job });
      if (OVER.includes(kept.job.state)) watch.end();
    }
  };
  const runOne = async (kept: KeptJob, target: string): Promise<void> => {
    const client = new Client(target, credentials.createInsecure());
    try {
      kept.job = { ...kept.job, state: JobState.RUNNING, startedAt: new Date() };
      const path = `/${kept.job.method}`;
      const call = client.makeServerStreamRequest(path, asIs, asIs, kept.request, kept.metadata);
      try {
        for await (const message of call) kept.messages.push(message as Buffer);
      } catch (error) {
        kept.error = error as ServiceError;
      }
      const state = kept.error === undefined ? JobState.SUCCEEDED : JobState.FAILED;
      kept.job = { ...kept.job, state, finishedAt: new Date(), expiresAt: new Date(Date.now() + 86_400_000) };
      tell(kept);
    } finally {
      client.close();
    }
  };
  const fake: FakeJobs = {
    jobs,
    refusal: undefined,
    runsAtOnce: undefined,
    run: async (target) => {
      for (const kept of jobs) if (!OVER.includes(kept.job.state)) await runOne(kept, target);
    },
    change: (index, change) => {
      const kept = jobs[index] as KeptJob;
      kept.job = { ...kept.job, ...change };
      tell(kept);
    },
    get watching() {
      return jobs.reduce((count, { watchers }) => count + watchers.size, 0);
    },
  };
  const service: JobServiceServer = {
    createJob: ({ request, metadata }, answer) => {
      if (fake.refusal !== undefined) return answer(refused(fake.refusal.code, fake.refusal.reason));
      const account = accountOf(metadata);
      const { idempotencyKey: key } = request;
      const first = key && jobs.find((each) => each.key === key && each.account === account);
      if (first) {
        if (!first.request.equals(request.request))
          return answer(refused(status.FAILED_PRECONDITION, 'IDEMPOTENCY_KEY_REUSED'));
        return answer(null, { job: first.job, replayed: true });
      }
      const job: Job = {
        id: `00000000-0000-4000-8000-${String(jobs.length).padStart(12, '0')}`,
        method: request.method,
        state: JobState.QUEUED,
        done: 0n,
        total: 0n,
        createdAt: new Date(),
        startedAt: undefined,
        finishedAt: undefined,
        expiresAt: undefined,
      };
      const kept: KeptJob = {
        job,
        account,
        key,
        request: Buffer.from(request.request),
        origin: Buffer.from(request.origin),
        metadata: metadata.clone(),
        messages: [],
        error: undefined,
        watchers: new Set(),
      };
      jobs.push(kept);
      if (fake.runsAtOnce !== undefined) runOne(kept, fake.runsAtOnce);
      answer(null, { job, replayed: false });
    },
    getJob: ({ request, metadata }, answer) => {
      const kept = find(metadata, request.jobId);
      if (kept === undefined) answer(refused(status.NOT_FOUND, 'JOB_NOT_FOUND'));
      else answer(null, { job: kept.job });
    },
    watchJob: (call) => {
      const kept = find(call.metadata, call.request.jobId);
      if (kept === undefined) {
        call.emit('error', refused(status.NOT_FOUND, 'JOB_NOT_FOUND'));
        return;
      }
      call.write({ job: kept.job });
      if (OVER.includes(kept.job.state)) call.end();
      else {
        kept.watchers.add(call);
        const leave = () => kept.watchers.delete(call);
        call.on('cancelled', leave).on('finish', leave);
      }
    },
    cancelJob: ({ request, metadata }, answer) => {
      const kept = find(metadata, request.jobId);
      if (kept === undefined) return answer(refused(status.NOT_FOUND, 'JOB_NOT_FOUND'));
      if (kept.job.state === JobState.QUEUED) kept.job = { ...kept.job, state: JobState.CANCELLED };
      tell(kept);
      answer(null, { job: kept.job });
    },
    readJobResult: async (call: ServerWritableStream<{ jobId: string }, ReadJobResultResponse>) => {
      const kept = find(call.metadata, call.request.jobId);
      const reason =
        kept === undefined
          ? 'JOB_NOT_FOUND'
          : kept.job.state === JobState.CANCELLED
            ? 'JOB_CANCELLED'
            : OVER.includes(kept.job.state)
              ? undefined
              : 'JOB_NOT_DONE';
      if (kept === undefined || reason !== undefined) {
        call.emit('error', refused(status.FAILED_PRECONDITION, reason ?? ''));
        return;
      }
      if (kept.job.expiresAt === undefined || kept.job.expiresAt < new Date()) {
        call.emit('error', refused(status.NOT_FOUND, 'JOB_GONE'));
        return;
      }
      call.write({ part: { $case: 'origin', value: kept.origin } });
      for (const value of kept.messages) call.write({ part: { $case: 'message', value } });
      if (kept.error === undefined) call.end();
      else call.emit('error', kept.error);
    },
  };
  server.addService(JobServiceService, service);
  return fake;
}
