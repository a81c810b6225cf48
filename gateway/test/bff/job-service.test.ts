import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  CreateJobRequest,
  CreateJobResponse,
  GetJobRequest,
  GetJobResponse,
  type Job,
  JobServiceService,
  JobState,
  ReadJobResultResponse,
} from '@banyan/contracts/jobs/v1/jobs';
import { CANCEL_JOB, CREATE_JOB, GET_JOB, READ_JOB_RESULT, WATCH_JOB } from '../../src/bff/job-service.ts';

/** The gateway speaks of jobs by itself: here that is held against the contract's own code. */
const JOB: Job = {
  id: '0193c1f0-7d1a-4c3e-9b4e-3f4f3b8f1c55',
  method: 'billing.v1.BillingService/CreateStatement',
  state: JobState.RUNNING,
  done: 9_007_199_254_742_993n,
  total: 9_007_199_254_742_994n,
  createdAt: new Date(1_000),
  startedAt: new Date('2026-11-23T07:00:00.123Z'),
  finishedAt: undefined,
  expiresAt: new Date('2026-11-24T07:00:00Z'),
};

it('calls are where the contract has them', () => {
  const { createJob, getJob, watchJob, cancelJob, readJobResult } = JobServiceService;
  const theirs = [createJob, getJob, watchJob, cancelJob, readJobResult];
  const ours = [CREATE_JOB, GET_JOB, WATCH_JOB, CANCEL_JOB, READ_JOB_RESULT];
  const shape = ({ path, responseStream }: { path: string; responseStream: boolean }) => [
    path,
    responseStream,
  ];
  assert.deepEqual(ours.map(shape), theirs.map(shape));
});

it('what is asked reads as it was written', () => {
  const wanted = { method: JOB.method, request: Buffer.from([1]), origin: Buffer.from([2, 3]) };
  for (const idempotencyKey of [undefined, 'a-key']) {
    const read = CreateJobRequest.decode(CREATE_JOB.requestSerialize({ ...wanted, idempotencyKey }));
    assert.deepEqual(
      { ...read, request: [...read.request], origin: [...read.origin] },
      {
        method: JOB.method,
        request: [1],
        origin: [2, 3],
        idempotencyKey,
      },
    );
  }
  assert.deepEqual(GetJobRequest.decode(GET_JOB.requestSerialize(JOB.id)), { jobId: JOB.id });
});

it('a job is read whole, in each of its states', () => {
  const states = [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED];
  for (const state of states) {
    const bytes = Buffer.from(GetJobResponse.encode({ job: { ...JOB, state } }).finish());
    const expected = { ...JOB, state: state.replace('JOB_STATE_', '').toLowerCase() };
    assert.deepEqual(GET_JOB.responseDeserialize(bytes), expected);
    assert.deepEqual(WATCH_JOB.responseDeserialize(bytes), expected);
    const created = CreateJobResponse.encode({ job: { ...JOB, state }, replayed: true }).finish();
    assert.deepEqual(CREATE_JOB.responseDeserialize(Buffer.from(created)), { job: expected, replayed: true });
  }
  const none = Buffer.from(GetJobResponse.encode({ job: undefined }).finish());
  assert.throws(() => GET_JOB.responseDeserialize(none), /without its job/);
  const odd = Buffer.from(GetJobResponse.encode({ job: { ...JOB, state: JobState.UNSPECIFIED } }).finish());
  assert.throws(() => GET_JOB.responseDeserialize(odd), /no name here/);
});

it('a part of a result is the origin, or a message, also an empty one', () => {
  for (const kind of ['origin', 'message'] as const) {
    for (const value of [Buffer.from('x'), Buffer.alloc(0)]) {
      const bytes = ReadJobResultResponse.encode({ part: { $case: kind, value } }).finish();
      const read = READ_JOB_RESULT.responseDeserialize(Buffer.from(bytes));
      assert.deepEqual([read.kind, [...read.bytes]], [kind, [...value]]);
    }
  }
});
