import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { MethodDefinition } from '@grpc/grpc-js';
import { readMessage } from '../channels/wire-messages.ts';

// `jobs.v1.JobService`, as far as the gateway speaks it. A test holds it to the contract's own code.

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A call that a service answers later. */
export type Job = {
  /** A UUID in small letters. */
  readonly id: string;
  /** Such as `billing.v1.BillingService/CreateStatement`. */
  readonly method: string;
  readonly state: JobState;
  readonly done: bigint;
  /** 0: not known. */
  readonly total: bigint;
  readonly createdAt: Date | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** Until when its result is kept. */
  readonly expiresAt: Date | undefined;
};

export type NewJob = {
  readonly method: string;
  readonly request: Uint8Array;
  readonly origin: Uint8Array;
  readonly idempotencyKey: string | undefined;
};

/** A job, and whether it is that of an earlier request with the same idempotency key. */
export type CreatedJob = { readonly job: Job; readonly replayed: boolean };

/** The origin comes first, then what the method answered. */
export type ResultPart = { readonly kind: 'origin' | 'message'; readonly bytes: Uint8Array };

/** Of jobs.v1.JobState. */
const STATES: readonly (JobState | undefined)[] = [
  undefined,
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
];

const OVER: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return OVER.includes(state);
}

export function hasResult({ state }: Pick<Job, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed';
}

/** The domain of JobService's own refusals; those of a job's method have that of its service. */
export const JOBS_DOMAIN = 'jobs';

export const CREATE_JOB = methodOf<NewJob, CreatedJob>('CreateJob', false, writeNewJob, readCreatedJob);
export const GET_JOB = methodOf<string, Job>('GetJob', false, writeJobId, readJobAnswer);
export const WATCH_JOB = methodOf<string, Job>('WatchJob', true, writeJobId, readJobAnswer);
export const CANCEL_JOB = methodOf<string, Job>('CancelJob', false, writeJobId, readJobAnswer);
export const READ_JOB_RESULT = methodOf<string, ResultPart>(
  'ReadJobResult',
  true,
  writeJobId,
  readResultPart,
);

function methodOf<Request, Response>(
  name: string,
  responseStream: boolean,
  write: (request: Request) => Uint8Array,
  read: (bytes: Uint8Array) => Response,
): MethodDefinition<Request, Response> {
  const oneWay = (): never => {
    throw new Error(`${name} is only called here`);
  };
  return {
    path: `/jobs.v1.JobService/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: (request) => Buffer.from(write(request)),
    requestDeserialize: oneWay,
    responseSerialize: oneWay,
    responseDeserialize: read,
  };
}

function writeNewJob({ method, request, origin, idempotencyKey }: NewJob): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(10).string(method);
  writer.uint32(18).bytes(request);
  writer.uint32(26).bytes(origin);
  if (idempotencyKey !== undefined) writer.uint32(34).string(idempotencyKey);
  return writer.finish();
}

function writeJobId(id: string): Uint8Array {
  return new BinaryWriter().uint32(10).string(id).finish();
}

function readCreatedJob(bytes: Uint8Array): CreatedJob {
  let replayed = false;
  const job = readJobAnswer(bytes, (field, reader) => {
    if (field !== 2) return false;
    replayed = reader.bool();
    return true;
  });
  return { job, replayed };
}

/** Every answer has its job as field 1. */
function readJobAnswer(bytes: Uint8Array, onOther: Parameters<typeof readMessage>[1] = () => false): Job {
  let job: Job | undefined;
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return onOther(field, reader);
    job = readJob(reader.bytes());
    return true;
  });
  if (job === undefined) throw new Error('an answer without its job');
  return job;
}

function readJob(bytes: Uint8Array): Job {
  const job = {
    id: '',
    method: '',
    state: undefined as JobState | undefined,
    done: 0n,
    total: 0n,
    createdAt: undefined as Date | undefined,
    startedAt: undefined as Date | undefined,
    finishedAt: undefined as Date | undefined,
    expiresAt: undefined as Date | undefined,
  };
  readMessage(bytes, (field, reader) => {
    if (field === 1) job.id = reader.string();
    else if (field === 2) job.method = reader.string();
    else if (field === 3) job.state = STATES[reader.int32()];
    else if (field === 4) job.done = BigInt(reader.int64());
    else if (field === 5) job.total = BigInt(reader.int64());
    else if (field === 6) job.createdAt = readTimestamp(reader.bytes());
    else if (field === 7) job.startedAt = readTimestamp(reader.bytes());
    else if (field === 8) job.finishedAt = readTimestamp(reader.bytes());
    else if (field === 9) job.expiresAt = readTimestamp(reader.bytes());
    else return false;
    return true;
  });
  const { state } = job;
  if (state === undefined) throw new Error('a job in a state that has no name here');
  return { ...job, state };
}

function readTimestamp(bytes: Uint8Array): Date {
  let ms = 0;
  readMessage(bytes, (field, reader) => {
    if (field === 1) ms += Number(reader.int64()) * 1_000;
    else if (field === 2) ms += Math.floor(reader.int32() / 1_000_000);
    else return false;
    return true;
  });
  return new Date(ms);
}

function readResultPart(bytes: Uint8Array): ResultPart {
  let part: ResultPart | undefined;
  readMessage(bytes, (field, reader) => {
    if (field !== 1 && field !== 2) return false;
    part = { kind: field === 1 ? 'origin' : 'message', bytes: reader.bytes() };
    return true;
  });
  if (part === undefined) throw new Error('a part of a result that is neither origin nor message');
  return part;
}
