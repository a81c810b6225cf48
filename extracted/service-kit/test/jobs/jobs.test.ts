import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateStatementRequest,
  CreateStatementResponse,
  ExportInvoicesResponse,
} from '@banyan/contracts/billing/v1/billing';
import { JobState, type WatchJobResponse } from '@banyan/contracts/jobs/v1/jobs';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { refuse } from '../../src/errors.ts';
import { purgeJobs } from '../../src/jobs/purge.ts';
import { LONG, waiting } from '../queues/support.ts';
import {
  as,
  BOB,
  EXPORT,
  ORIGIN,
  pageOf,
  reasonOf,
  STATEMENT,
  STATEMENT_REQUEST,
  startWorld,
  statementOf,
} from './world.ts';

let redis: TestRedis;
before(async () => {
  redis = await createTestRedis({ keepsData: 'everysec' });
  await redis.start();
});
after(() => redis[Symbol.asyncDispose]());

test('a job runs the method for its caller, says how far it is, and its result is what was answered', async (t) => {
  const keys: (string | undefined)[] = [];
  const seen: string[] = [];
  const world = await startWorld(t, redis.url, {
    async createStatement({ idempotencyKey }, { identity, progress, signal, jobId }) {
      keys.push(idempotencyKey, jobId);
      progress?.(1, 3);
      await until(() => seen.includes('RUNNING 1/3'), LONG);
      progress?.(3, 3);
      signal.throwIfAborted();
      return { ...statementOf(Number(identity.accountId)), replayed: true };
    },
  });
  const created = await world.api.createJob(
    { method: STATEMENT, request: STATEMENT_REQUEST, origin: ORIGIN, idempotencyKey: 'my-own' },
    as(),
  );
  assert.equal(created.job?.state, JobState.QUEUED);
  assert.equal(created.replayed, false);
  const jobId = created.job.id;
  assert.equal(await reasonOf(world.api.readJobResult({ jobId }, as())), 'FAILED_PRECONDITION JOB_NOT_DONE');

  for await (const { job } of world.api.watchJob({ jobId }, as())) {
    if (seen.length === 0) world.run();
    seen.push(`${job?.state.slice('JOB_STATE_'.length)} ${job?.done}/${job?.total}`);
  }
  assert.equal(seen.at(0), 'QUEUED 0/0');
  assert.equal(seen.at(-1), 'SUCCEEDED 3/3');
  assert.deepEqual(keys, [`job:${jobId}`, jobId]);

  const { origin, messages } = await world.result(jobId);
  assert.equal(origin, ORIGIN.toString());
  const [answer] = messages.map((bytes) => CreateStatementResponse.decode(bytes));
  assert.deepEqual([messages.length, answer?.statement?.id, answer?.replayed], [1, 7n, false]);

  const again = { method: STATEMENT, request: STATEMENT_REQUEST, origin: ORIGIN, idempotencyKey: 'my-own' };
  const known = await world.api.createJob(again, as());
  assert.deepEqual([known.replayed, known.job?.id, known.job?.state], [true, jobId, JobState.SUCCEEDED]);
  const worded = await world.api.createJob({ ...again, origin: Buffer.from('other words') }, as());
  assert.deepEqual([worded.replayed, worded.job?.id], [true, jobId], 'what it means counts');
  const other = {
    ...again,
    request: Buffer.from(CreateStatementRequest.encode({ month: undefined, accountId: 2n }).finish()),
  };
  assert.equal(await reasonOf(world.api.createJob(other, as())), 'INVALID_ARGUMENT IDEMPOTENCY_KEY_REUSED');
  await until(async () => (await waiting(world.database)) === 0, LONG);
});

test('a job is there for its own account alone', async (t) => {
  const world = await startWorld(t, redis.url, {});
  const jobId = await world.create();
  for (const id of [jobId, 'no id', jobId.toUpperCase()]) {
    const who = id === jobId ? as(BOB) : as();
    const { getJob, watchJob, cancelJob, readJobResult } = world.api;
    for (const call of [getJob, watchJob, cancelJob, readJobResult]) {
      assert.equal(await reasonOf(call({ jobId: id }, who)), 'NOT_FOUND JOB_NOT_FOUND');
    }
  }
  assert.equal(await world.stateOf(jobId), JobState.QUEUED);
});

test('what the method would refuse, and what cannot be a job, is refused when it is created', async (t) => {
  let isOwner = true;
  const world = await startWorld(
    t,
    redis.url,
    {
      check(request, { identity }) {
        if ((request as CreateStatementRequest).accountId === 9n && identity.accountId !== 9n) {
          throw refuse('PERMISSION_DENIED', 'FOREIGN', { domain: 'billing' });
        }
      },
    },
    { isOwner: () => isOwner, limits: { perAccountMax: 2, inAllMax: 3 } },
  );
  const create = (more: object, who = as()) =>
    reasonOf(
      world.api.createJob({ method: STATEMENT, request: STATEMENT_REQUEST, origin: ORIGIN, ...more }, who),
    );
  const foreign = CreateStatementRequest.encode({
    month: undefined,
    accountId: 9n,
    idempotencyKey: undefined,
  }).finish();
  assert.equal(await create({ request: Buffer.from(foreign) }), 'PERMISSION_DENIED FOREIGN');
  assert.equal(await create({ request: Buffer.from([0xff]) }), 'INVALID_ARGUMENT REQUEST_MALFORMED');
  assert.equal(
    await create({ method: 'billing.v1.BillingService/PayInvoice' }),
    'INVALID_ARGUMENT JOB_METHOD_UNKNOWN',
  );
  assert.equal(await create({ origin: Buffer.alloc(1_048_577) }), 'INVALID_ARGUMENT JOB_TOO_LARGE');
  assert.equal(await create({ idempotencyKey: 'a key' }), 'INVALID_ARGUMENT IDEMPOTENCY_KEY_INVALID');
  isOwner = false;
  assert.equal(await create({}), 'FAILED_PRECONDITION NOT_THE_OWNER');
  isOwner = true;
  assert.equal(await waiting(world.database), 0, 'nothing was created so far');

  const results = await Promise.all(Array.from({ length: 6 }, () => create({})));
  assert.deepEqual(
    results.filter((each) => each !== 'no refusal'),
    Array(4).fill('RESOURCE_EXHAUSTED JOBS_FULL'),
  );
  assert.equal(await create({}, as(BOB)), 'no refusal');
  assert.equal(await create({}, as(BOB)), 'RESOURCE_EXHAUSTED JOBS_FULL', 'three in all');
});

test('a job that waits is cancelled at once, and never runs; one that runs soon after', async (t) => {
  const begun: string[] = [];
  const world = await startWorld(t, redis.url, {
    async createStatement(_request, { jobId = '', signal }) {
      begun.push(jobId);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  });
  const waitingJob = await world.create();
  const { job } = await world.api.cancelJob({ jobId: waitingJob }, as());
  assert.equal(job?.state, JobState.CANCELLED);
  world.run();
  const running = await world.create();
  await until(() => begun.includes(running), LONG);
  const askedAt = performance.now();
  assert.equal((await world.api.cancelJob({ jobId: running }, as())).job?.state, JobState.RUNNING);
  await world.ended(running, JobState.CANCELLED);
  t.diagnostic(`cancelled after ${Math.round(performance.now() - askedAt)} ms`);
  assert.equal(
    await reasonOf(world.api.readJobResult({ jobId: running }, as())),
    'FAILED_PRECONDITION JOB_CANCELLED',
  );
  assert.equal((await world.api.cancelJob({ jobId: running }, as())).job?.state, JobState.CANCELLED);
  await until(async () => (await waiting(world.database)) === 0, LONG);
  assert.deepEqual(begun, [running]);
});

test('a refusal is kept, with what came before it: the status is the very one of the call itself', async (t) => {
  let runs = 0;
  const world = await startWorld(t, redis.url, {
    async *exportInvoices() {
      runs += 1;
      yield pageOf(1);
      throw refuse('FAILED_PRECONDITION', 'FISCAL_YEAR_OPEN', {
        domain: 'billing',
        message: 'not yet: ä \ud800',
        metadata: { year: '2026' },
        violations: [{ field: 'issued_from', description: 'invalid' }],
        retryAfterSeconds: 7,
      });
    },
  });
  world.run();
  const jobId = await world.create(EXPORT);
  await world.ended(jobId, JobState.FAILED);
  const request = { issuedFrom: undefined, issuedBefore: undefined };
  const direct = await statusOf(world.billing.exportInvoices(request, as()));
  const kept = await statusOf(world.api.readJobResult({ jobId }, as()));
  assert.equal(direct.messages, 1);
  assert.equal(kept.messages, 1 + direct.messages, 'the origin comes first');
  assert.deepEqual(kept.status, direct.status);
  assert.equal(runs, 2, 'once as a job, once as a call');
});

/** All that a call ended with on the wire. */
async function statusOf(call: AsyncIterable<unknown>) {
  let messages = 0;
  try {
    for await (const _ of call) messages += 1;
  } catch (error) {
    const { code, details, metadata } = (error as Error).cause as {
      code: number;
      details: string;
      metadata: { get(key: string): Buffer[] };
    };
    const [bytes] = metadata.get('grpc-status-details-bin');
    return { messages, status: { code, details, bytes: bytes?.toString('hex') } };
  }
  throw new Error('it was not refused');
}

test('what is away is tried again, what nobody expected some times, and its text is nobody else’s', async (t) => {
  const runs: string[] = [];
  const world = await startWorld(t, redis.url, {
    async createStatement() {
      runs.push('statement');
      if (runs.filter((each) => each === 'statement').length < 3) {
        throw refuse('UNAVAILABLE', 'LEDGER_AWAY');
      }
      return statementOf(1);
    },
    // biome-ignore lint/correctness/useYield: it fails before
    async *exportInvoices() {
      runs.push('export');
      throw new Error('password=hunter2');
    },
  });
  world.run();
  const [passing, failing] = [await world.create(), await world.create(EXPORT)];
  await world.ended(passing, JobState.SUCCEEDED);
  await world.ended(failing, JobState.FAILED);
  assert.equal(runs.filter((each) => each === 'export').length, 4);
  const { status } = await statusOf(world.api.readJobResult({ jobId: failing }, as()));
  assert.equal(status.code, 13);
  assert.match(status.details, /^internal error [0-9a-f-]{36}$/);
  assert.doesNotMatch(Buffer.from(status.bytes ?? '', 'hex').toString(), /hunter2/);
});

test('a large result is a batch in memory: the method waits for the database, and nothing is changed', async (t) => {
  const PAGES = 120;
  const filler = 'x'.repeat(32_768);
  let made = 0;
  const isLocked = Promise.withResolvers<void>();
  const world = await startWorld(t, redis.url, {
    async *exportInvoices(_request, { progress }) {
      await isLocked.promise;
      for (made = 1; made <= PAGES; made += 1) {
        progress?.(made, PAGES);
        yield pageOf(made, filler);
      }
    },
  });
  const jobId = await world.create(EXPORT);
  world.run();
  await until(async () => (await world.stateOf(jobId)) === JobState.RUNNING, LONG);
  await world.database.transaction(async (tx) => {
    await tx.query('LOCK TABLE job_results IN SHARE MODE');
    isLocked.resolve();
    await until(async () => (await world.database.query(WAITING_TO_APPEND)).rows.length > 0, LONG);
    // A batch of 256 KiB holds seven, and the eighth waits for it.
    assert.equal(made, 8);
  });
  await world.ended(jobId, JobState.SUCCEEDED);
  const { job } = await world.api.getJob({ jobId }, as());
  assert.deepEqual([job?.done, job?.total], [120n, 120n]);
  const { messages } = await world.result(jobId);
  const direct: Buffer[] = [];
  const request = { issuedFrom: undefined, issuedBefore: undefined };
  for await (const message of world.billing.exportInvoices(request, as())) {
    direct.push(Buffer.from(ExportInvoicesResponse.encode(message).finish()));
  }
  assert.equal(direct.length, PAGES);
  assert.deepEqual(messages, direct);
});

const WAITING_TO_APPEND = `
  SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
  AND query LIKE '%INSERT INTO job_results%'`;

test('a result that is larger than may be kept is a refusal, and nothing of it is kept', async (t) => {
  const world = await startWorld(
    t,
    redis.url,
    {
      async *exportInvoices() {
        for (let id = 1; ; id += 1) yield pageOf(id, 'x'.repeat(262_144));
      },
    },
    { limits: { resultBytesMax: 2_000_000 } },
  );
  world.run();
  const jobId = await world.create(EXPORT);
  await world.ended(jobId, JobState.FAILED);
  assert.equal(
    await reasonOf(world.api.readJobResult({ jobId }, as())),
    'RESOURCE_EXHAUSTED JOB_RESULT_TOO_LARGE',
  );
  assert.equal((await world.database.query('SELECT 1 FROM job_results')).rows.length, 0);
});

test('a result is kept for a day; then it is gone, and a week later so is the job', async (t) => {
  const createStatement = async () => statementOf(1);
  const world = await startWorld(t, redis.url, { createStatement }, { limits: { keptBytesMax: 1 } });
  // Who watches hears of the end without being told, too.
  await world.database.query('DROP TRIGGER job_told ON jobs');
  const jobId = await world.create();
  const watching = statesOf(world.api.watchJob({ jobId }, as()));
  world.run();
  assert.equal((await watching).at(-1), JobState.SUCCEEDED);
  assert.equal(await reasonOf(world.create()), 'RESOURCE_EXHAUSTED JOBS_FULL', 'as much is kept as may be');
  const waitingJob = (await world.database.query<{ id: string }>(OLD_JOB)).rows[0]?.id ?? '';
  const { job } = await world.api.getJob({ jobId }, as());
  assert.equal((job?.expiresAt?.getTime() ?? 0) - (job?.finishedAt?.getTime() ?? 0), 86_400_000);
  assert.deepEqual(await purgeJobs(world.database), { emptied: 0, outdated: 1, forgotten: 0 });
  assert.equal(
    await reasonOf(world.api.readJobResult({ jobId: waitingJob }, as())),
    'UNAVAILABLE JOB_OUTDATED',
  );

  const age = (interval: string) =>
    world.database.query(`UPDATE jobs SET expires_at = now() - interval '${interval}' WHERE id = $1`, [
      jobId,
    ]);
  await age('1 second');
  for (const call of [world.api.getJob, world.api.readJobResult]) {
    assert.equal(await reasonOf(call({ jobId }, as())), 'NOT_FOUND JOB_GONE');
  }
  assert.deepEqual(await purgeJobs(world.database), { emptied: 1, outdated: 0, forgotten: 0 });
  assert.equal(await reasonOf(world.create()), 'no refusal');
  assert.equal((await world.database.query('SELECT 1 FROM job_results')).rows.length, 0);
  assert.equal(await reasonOf(world.api.getJob({ jobId }, as())), 'NOT_FOUND JOB_GONE');
  await age('8 days');
  assert.deepEqual(await purgeJobs(world.database), { emptied: 0, outdated: 0, forgotten: 1 });
  assert.equal(await reasonOf(world.api.getJob({ jobId }, as())), 'NOT_FOUND JOB_NOT_FOUND');
});

async function statesOf(watch: AsyncIterable<WatchJobResponse>): Promise<(JobState | undefined)[]> {
  const states: (JobState | undefined)[] = [];
  for await (const { job } of watch) states.push(job?.state);
  return states;
}

/** One that nobody has run for longer than a day. */
const OLD_JOB = `
  INSERT INTO jobs (id, account_id, caller, method, request, origin, request_hash, created_at)
  SELECT gen_random_uuid(), account_id, caller, method, request, origin, request_hash, now() - interval '25 hours'
  FROM jobs RETURNING id`;
