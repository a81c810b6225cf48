import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStatementRequest,
  CreateStatementResponse,
  ExportInvoicesRequest,
  ExportInvoicesResponse,
  GetInvoiceDocumentRequest,
  GetInvoiceDocumentResponse,
} from '@banyan/contracts/billing/v1/billing';
import { JobServiceClient, JobState } from '@banyan/contracts/jobs/v1/jobs';
import { createServiceClient } from '@banyan/service-kit/client';
import { RemoteError } from '@banyan/service-kit/errors';
import type { Identity } from '@banyan/service-kit/identity';
import { startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { ownDatabase } from './support/databases.ts';
import { JOB_TIMES } from './support/job-times.ts';
import { startQueues } from './support/queues.ts';
import { undo } from './support/undo.ts';
import {
  ACCOUNTANT,
  ALICE,
  as,
  BOB,
  connect,
  environmentOf,
  startBilling,
  startWorld,
} from './support/world.ts';

const LONG = { deadlineMs: 60_000 } as const;
const SERVICE = 'billing.v1.BillingService';
const STATEMENT = {
  method: `${SERVICE}/CreateStatement`,
  request: CreateStatementRequest.encode({ month: { year: 2026, month: 1 } }).finish(),
};
const ALL: ExportInvoicesRequest = { issuedFrom: undefined, issuedBefore: undefined };
const EXPORT = {
  method: `${SERVICE}/ExportInvoices`,
  request: ExportInvoicesRequest.encode(ALL).finish(),
};

/** Jobs of the service that listens there. */
function jobsOf(t: Parameters<typeof undo>[0], target: string) {
  const client = createServiceClient(JobServiceClient, target);
  undo(t, () => client.close());
  const { api } = client;
  return {
    create: async (job: { method: string; request: Uint8Array }, who: Identity) =>
      (await api.createJob({ ...job, origin: Buffer.from('') }, as(who))).job?.id ?? '',
    async ended(jobId: string, who: Identity) {
      let job: Awaited<ReturnType<typeof api.getJob>>['job'];
      await until(
        async () => {
          job = (await api.getJob({ jobId }, as(who))).job;
          return job?.finishedAt !== undefined;
        },
        { ...LONG, what: 'the end of a job' },
      );
      return job;
    },
    async messages(jobId: string, who: Identity): Promise<Buffer[]> {
      const messages: Buffer[] = [];
      for await (const { part } of api.readJobResult({ jobId }, as(who))) {
        if (part?.$case === 'message') messages.push(Buffer.from(part.value));
      }
      return messages;
    },
  };
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no refusal',
    (error) => (error instanceof RemoteError ? `${error.code} ${error.reason}` : String(error)),
  );
}

async function bytesOf<T>(
  messages: AsyncIterable<T>,
  { encode }: { encode(message: T): { finish(): Uint8Array } },
): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const message of messages) all.push(Buffer.from(encode(message).finish()));
  return all;
}

test('statements, exports and documents as jobs: what the call answers, for those who may call', async (t) => {
  const world = await startWorld(t);
  const { create, ended, messages } = jobsOf(t, world.target);
  const invoiceId = await world.placed(1n);
  await world.placed(3n);
  const document = {
    method: `${SERVICE}/GetInvoiceDocument`,
    request: GetInvoiceDocumentRequest.encode({ invoiceId, offsetBytes: 10n, lengthBytes: 0n }).finish(),
  };
  assert.equal(await reasonOf(create(document, BOB)), 'PERMISSION_DENIED FOREIGN_INVOICE');
  assert.equal(await reasonOf(create(EXPORT, ALICE)), 'PERMISSION_DENIED ROLE_FORBIDDEN');
  assert.equal(await reasonOf(create(STATEMENT, ACCOUNTANT)), 'INVALID_ARGUMENT INVALID_FIELDS');
  const ofNobody = CreateStatementRequest.encode({
    month: { year: 2026, month: 1 },
    accountId: 99n,
  }).finish();
  assert.equal(
    await reasonOf(create({ ...STATEMENT, request: ofNobody }, ACCOUNTANT)),
    'INVALID_ARGUMENT ACCOUNT_NOT_FOUND',
  );

  const jobs = {
    statement: await create(STATEMENT, ALICE),
    export: await create(EXPORT, ACCOUNTANT),
    document: await create(document, ALICE),
  };
  assert.equal((await ended(jobs.statement, ALICE))?.state, JobState.SUCCEEDED);
  const { state, done, total } = (await ended(jobs.export, ACCOUNTANT)) ?? {};
  assert.deepEqual([state, done, total], [JobState.SUCCEEDED, 2n, 2n]);
  assert.equal((await ended(jobs.document, ALICE))?.state, JobState.SUCCEEDED);

  const [statement] = await messages(jobs.statement, ALICE);
  const { statement: made, replayed } = CreateStatementResponse.decode(statement ?? Buffer.of());
  assert.equal(replayed, false);
  assert.deepEqual(await world.billing.getStatement({ statementId: made?.id ?? 0n }, as(ALICE)), {
    statement: made,
  });
  assert.deepEqual(
    await messages(jobs.export, ACCOUNTANT),
    await bytesOf(world.billing.exportInvoices(ALL, as(ACCOUNTANT)), ExportInvoicesResponse),
  );
  const direct = world.billing.getInvoiceDocument(
    { invoiceId, offsetBytes: 10n, lengthBytes: 0n },
    as(ALICE),
  );
  assert.deepEqual(await messages(jobs.document, ALICE), await bytesOf(direct, GetInvoiceDocumentResponse));
});

test('a statement whose job is killed after it was drawn up is not drawn up again', async (t) => {
  const { url, database } = await ownDatabase(t);
  const queues = await startQueues(t, { databaseUrl: url, takeEvent: async () => ({ duplicate: false }) });
  const env = {
    ...environmentOf({ databaseUrl: url, acquirerUrl: 'http://127.0.0.1:1' }),
    ...queues.env,
    LOCK_TIMEOUT_MS: '60000',
    STATEMENT_TIMEOUT_MS: '60000',
  };
  const server = await startServer({
    args: ['extracted/billing/test/support/jobs-process.ts'],
    env: { ...env, LOG_LEVEL: 'info' },
  });
  undo(t, () => server.stop());
  const target = `127.0.0.1:${String(server.listening.port)}`;
  const { health } = connect(t, target);
  await until(async () => (await health()) === 'SERVING', LONG);

  const locked = async (query: string): Promise<boolean> =>
    (
      await database.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
       AND wait_event_type = 'Lock' AND query LIKE '%${query}%'`)
    ).rows.length > 0;
  const statementFree = Promise.withResolvers<void>();
  const locking = database.transaction(async (tx) => {
    await tx.query('LOCK TABLE statements IN SHARE MODE');
    await statementFree.promise;
  });
  const jobId = await jobsOf(t, target).create(STATEMENT, ALICE);
  await until(() => locked('INSERT INTO statements'), LONG);
  const killed = database.transaction(async (tx) => {
    await tx.query('LOCK TABLE job_results IN SHARE MODE');
    statementFree.resolve();
    await until(() => locked('INSERT INTO job_results'), LONG);
    server.signal('SIGKILL');
    assert.equal(await server.ended, 'SIGKILL');
  });
  await Promise.all([locking, killed]);

  const second = await startBilling(t, env, { jobTimes: JOB_TIMES });
  await until(async () => (await second.health()) === 'SERVING', LONG);
  const { ended, messages } = jobsOf(t, second.target);
  assert.equal((await ended(jobId, ALICE))?.state, JobState.SUCCEEDED);
  const drawnUp = (await database.query<{ id: bigint }>('SELECT id FROM statements')).rows;
  const answered = (await messages(jobId, ALICE)).map((bytes) => CreateStatementResponse.decode(bytes));
  assert.deepEqual(
    answered.map(({ statement, replayed }) => ({ id: statement?.id, replayed })),
    drawnUp.map(({ id }) => ({ id, replayed: false })),
  );
  assert.equal(drawnUp.length, 1);
  const { rowCount } = await database.query('SELECT 1 FROM jobs WHERE attempt > 1');
  assert.equal(rowCount, 1, 'it began anew');
});

test('without queues there are no jobs', async (t) => {
  const { url } = await ownDatabase(t);
  const billing = await startBilling(
    t,
    environmentOf({ databaseUrl: url, acquirerUrl: 'http://127.0.0.1:1' }),
  );
  await until(async () => (await billing.health()) === 'SERVING', LONG);
  assert.equal(
    await reasonOf(jobsOf(t, billing.target).create(STATEMENT, ALICE)),
    'UNAVAILABLE JOBS_NOT_CONFIGURED',
  );
});
