import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ExportInvoicesResponse } from '@banyan/contracts/billing/v1/billing';
import { JobState } from '@banyan/contracts/jobs/v1/jobs';
import { createTestRedis, type TestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { atEnd } from '../kit.ts';
import { LONG, waiting } from '../queues/support.ts';
import { EXPORT, pageOf, SHORT_LIVED, startWorld, statementOf } from './world.ts';

let redis: TestRedis;
before(async () => {
  redis = await createTestRedis({ keepsData: 'everysec' });
  await redis.start();
});
after(() => redis[Symbol.asyncDispose]());

test('a job whose process was killed is run anew by another, and nothing is left of what it had answered', async (t) => {
  const world = await startWorld(t, redis.url, {
    async *exportInvoices() {
      yield pageOf(1, 'whole');
    },
  });
  const env = { ...process.env, DATABASE_URL: world.url, REDIS_URL: redis.url, QUEUE: world.name };
  const child = spawn(process.execPath, [`${import.meta.dirname}/worker.ts`], { env, stdio: 'inherit' });
  const exited = once(child, 'exit');
  atEnd(t, async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const jobId = await world.create(EXPORT);
  const stored = async () => (await world.database.query('SELECT 1 FROM job_results')).rows.length;
  await until(async () => (await stored()) > 0, LONG);
  child.kill('SIGKILL');
  const killedAt = performance.now();
  world.run();
  await world.ended(jobId, JobState.SUCCEEDED);
  t.diagnostic(`done ${Math.round(performance.now() - killedAt)} ms after the kill`);
  const { messages } = await world.result(jobId);
  assert.deepEqual(
    messages.map((bytes) => ExportInvoicesResponse.decode(bytes).invoices[0]?.number),
    ['whole'],
  );
  await until(async () => (await waiting(world.database)) === 0, LONG);
});

test('jobs that wait in a Redis that loses all are done, and one that runs then is run once', async (t) => {
  const held = Promise.withResolvers<void>();
  const begun: string[] = [];
  const world = await startWorld(t, redis.url, {
    async createStatement(_request, { jobId = '' }) {
      begun.push(jobId);
      await held.promise;
      return statementOf(1);
    },
  });
  // Two processes with a place each: one more for whoever brings the same job again.
  world.run(undefined, { concurrency: 1 });
  const running = await world.create();
  await until(() => begun.length === 1, LONG);
  const waitingJobs = [await world.create(), await world.create()];
  await until(async () => (await handedOver()) === 3, LONG);
  await redis.kill();
  await redis.empty();
  await redis.start();
  const second = Promise.withResolvers<void>();
  world.run({
    async createStatement(_request, { jobId = '' }) {
      begun.push(jobId);
      second.resolve();
      return statementOf(2);
    },
  });
  await second.promise;
  for (const jobId of waitingJobs) await world.ended(jobId, JobState.SUCCEEDED);
  await until(async () => (await attemptsToHand(running)) > 1, LONG);
  assert.equal(await world.stateOf(running), JobState.RUNNING);
  held.resolve();
  await world.ended(running, JobState.SUCCEEDED);
  await until(async () => (await waiting(world.database)) === 0, LONG);
  assert.deepEqual(begun.toSorted(), [running, ...waitingJobs].toSorted());

  async function handedOver(): Promise<number> {
    const { rows } = await world.database.query('SELECT 1 FROM outbox WHERE handed_at IS NOT NULL');
    return rows.length;
  }
  async function attemptsToHand(id: string): Promise<number> {
    const { rows } = await world.database.query<{ n: number }>(
      'SELECT attempts AS n FROM outbox WHERE id = $1',
      [id],
    );
    return rows[0]?.n ?? 0;
  }
});

test('a stop lets a short job end, and gives a long one to another', async (t) => {
  const stop = async (drainMs: number) => {
    const short = Promise.withResolvers<void>();
    const begun: string[] = [];
    const world = await startWorld(t, redis.url, {
      async createStatement(_request, { jobId = '' }) {
        begun.push(jobId);
        await short.promise;
        return statementOf(1);
      },
      async *exportInvoices(_request, { jobId = '' }) {
        begun.push(jobId);
        if (begun.filter((each) => each === jobId).length === 1) await new Promise(() => {});
        yield pageOf(1);
      },
    });
    const jobs = world.run(undefined, { drainMs });
    const [shortJob, longJob] = [await world.create(), await world.create(EXPORT)];
    await until(() => begun.length === 2, LONG);
    const stopping = jobs.stop();
    short.resolve();
    await stopping;
    const shortState = await world.stateOf(shortJob);
    assert.equal(await world.stateOf(longJob), JobState.QUEUED);
    world.run();
    await world.ended(longJob, JobState.SUCCEEDED);
    assert.equal(begun.filter((each) => each === longJob).length, 2);
    return [shortState, begun.length] as const;
  };
  const once = [JobState.SUCCEEDED, 3] as const;
  // On a busy machine a short drain may be over before the job is.
  if (!isDeepStrictEqual(await stop(1_000), once)) assert.deepEqual(await stop(5_000), once);
});

test('a job outlives a database that is away', async (t) => {
  let runs = 0;
  const createStatement = async () => {
    runs += 1;
    if (runs === 1) {
      // Every connection to this database is cut while it runs, as when the database is restarted.
      await world.database
        .query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()')
        .catch(() => undefined);
      throw Object.assign(new Error('terminating connection'), { code: '57P01', severity: 'FATAL' });
    }
    return statementOf(1);
  };
  const world = await startWorld(t, redis.url, { createStatement }, SHORT_LIVED);
  world.run();
  const jobId = await world.create();
  await until(async () => (await world.stateOf(jobId).catch(() => undefined)) === JobState.SUCCEEDED, LONG);
  assert.equal(runs, 2);
  assert.ok((await world.result(jobId)).messages.length === 1);
});
