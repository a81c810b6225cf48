import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  BillingServiceClient,
  BillingServiceService,
  type CreateStatementRequest,
  CreateStatementResponse,
  type ExportInvoicesRequest,
  ExportInvoicesResponse,
} from '@banyan/contracts/billing/v1/billing';
import { type Job, JobServiceClient, type JobState } from '@banyan/contracts/jobs/v1/jobs';
import { until } from '@banyan/stack/testing/until';
import { createServiceClient } from '../../src/client.ts';
import { RemoteError } from '../../src/errors.ts';
import type { CallContext, ServedService } from '../../src/handlers.ts';
import type { Identity } from '../../src/identity.ts';
import { createJobs, type JobMethods, type Jobs, jobMethodsOf } from '../../src/jobs/jobs.ts';
import { silentLogger } from '../../src/logger.ts';
import { signIdentity } from '../../src/testing/sign-identity.ts';
import { ALICE, AUDIENCE, atEnd, now, startDatabase, startServer, type TestSchema } from '../kit.ts';
import { LONG, relayConfig, startRelay } from '../queues/support.ts';

const PATIENT = { deadlineMs: 60_000 } as const;
export const STATEMENT = 'billing.v1.BillingService/CreateStatement';
export const EXPORT = 'billing.v1.BillingService/ExportInvoices';
export const BOB: Identity = { accountId: 8n, role: 'customer', name: 'Bob', via: 'session' };

type UserCall = CallContext<'user'>;
export type Handlers = {
  createStatement?(request: CreateStatementRequest, ctx: UserCall): Promise<CreateStatementResponse>;
  exportInvoices?(request: ExportInvoicesRequest, ctx: UserCall): AsyncIterable<ExportInvoicesResponse>;
  /** Of both, before they are created. */
  check?(request: unknown, ctx: UserCall): unknown;
};

/** A service of two methods, which do what a test has them do. */
export function serviceOf(handlers: Handlers): { service: ServedService; methods: JobMethods } {
  const { check = () => {}, ...made } = handlers;
  const { createStatement, exportInvoices } = BillingServiceService;
  const service = {
    name: 'billing.v1.BillingService',
    definition: { createStatement, exportInvoices },
    access: 'user',
    handlers: { createStatement: unused, exportInvoices: unused, ...made },
  } as unknown as ServedService;
  const methods = jobMethodsOf(BillingServiceService, service, {
    createStatement: {
      check,
      keyed: (request, key) => ({ ...request, idempotencyKey: request.idempotencyKey ?? key }),
      answered: (response) => ({ ...response, replayed: false }),
    },
    exportInvoices: { check },
  });
  return { service, methods };
}

function unused(): never {
  throw new Error('no test calls this');
}

export type JobsOptions = Partial<Parameters<typeof createJobs>[0]>;

export function jobsOf(
  database: TestSchema['database'],
  queue: { readonly redisUrl: string; readonly name: string } | null,
  methods: JobMethods,
  options: JobsOptions = {},
): Jobs {
  return createJobs({
    database,
    methods,
    queue,
    isOwner: () => true,
    messageBytesMax: 4_194_304,
    logger: silentLogger,
    now,
    newId: randomUUID,
    random: Math.random,
    drainMs: 100,
    lookForStalledMs: 500,
    ...options,
  });
}

/** Of who is to be followed soon after its death. One that lives and is held up for so long may lose its job too. */
export const SHORT_LIVED = { lockMs: 1_500, limits: { leaseMs: 1_500 } } as const satisfies JobsOptions;

/** A database with a relay, and a server of jobs; `run` starts another process' worth of who runs them. */
export async function startWorld(
  t: TestContext,
  redisUrl: string,
  handlers: Handlers,
  options: JobsOptions = {},
) {
  const name = `jobs-${randomUUID().slice(0, 8)}`;
  const made = await startDatabase(t);
  const { url, database } = made;
  await startRelay(t, relayConfig(url, redisUrl, { RELAY_ROUTES: `${name}:job;rest` }));
  const { service, methods } = serviceOf(handlers);
  const asked = jobsOf(database, { redisUrl, name }, methods, options);
  atEnd(t, () => asked.stop());
  const { target } = await startServer(t, { services: [service, asked.service] });
  const client = createServiceClient(JobServiceClient, target, PATIENT);
  atEnd(t, () => client.close());
  const billing = createServiceClient(BillingServiceClient, target, PATIENT);
  atEnd(t, () => billing.close());
  const { api } = client;

  const stateOf = async (jobId: string): Promise<JobState | undefined> =>
    (await api.getJob({ jobId }, as())).job?.state;

  return {
    ...made,
    name,
    api,
    billing: billing.api,
    /** Its server's own, not yet begun. */
    asked,
    stateOf,
    run(others: Handlers = handlers, runOptions: JobsOptions = options): Jobs {
      const jobs = jobsOf(made.open(), { redisUrl, name }, serviceOf(others).methods, runOptions);
      void jobs.start();
      atEnd(t, () => jobs.stop());
      return jobs;
    },
    async create(method = STATEMENT, request = STATEMENT_REQUEST, more: object = {}): Promise<string> {
      const { job } = await api.createJob({ method, request, origin: ORIGIN, ...more }, as());
      return (job as Job).id;
    },
    ended: (jobId: string, state: JobState): Promise<boolean> =>
      until(async () => (await stateOf(jobId)) === state, { ...LONG, what: `the job to be ${state}` }),
    async result(jobId: string): Promise<{ origin: string; messages: Buffer[] }> {
      const messages: Buffer[] = [];
      let origin = '';
      for await (const { part } of api.readJobResult({ jobId }, as())) {
        if (part?.$case === 'origin') origin = Buffer.from(part.value).toString();
        else if (part) messages.push(Buffer.from(part.value));
      }
      return { origin, messages };
    },
  };
}

export const ORIGIN = Buffer.from('POST /v1/statements');
export const STATEMENT_REQUEST = Buffer.from([]);

export function as(identity: Identity = ALICE): { identity: string } {
  return { identity: signIdentity(identity, { audience: AUDIENCE, now: now() }) };
}

export const statementOf = (id: number): CreateStatementResponse =>
  CreateStatementResponse.fromPartial({ statement: { id: BigInt(id) } });

export const pageOf = (id: number, filler = ''): ExportInvoicesResponse =>
  ExportInvoicesResponse.fromPartial({ invoices: [{ id: BigInt(id), number: filler }] });

export async function reasonOf(call: Promise<unknown> | AsyncIterable<unknown>): Promise<string> {
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
    return 'no refusal';
  } catch (error) {
    return error instanceof RemoteError ? `${error.code} ${error.reason}` : String(error);
  }
}
