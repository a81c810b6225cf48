import { createBringUp } from '@banyan/service-kit/bring-up';
import { createDatabase } from '@banyan/service-kit/database';
import { createEffects, noEffects } from '@banyan/service-kit/effects';
import { keepHouse } from '@banyan/service-kit/housekeeping';
import { createIdentityKeys, createIdentityVerifier } from '@banyan/service-kit/identity';
import { createJobs, type JobTimes } from '@banyan/service-kit/jobs/jobs';
import { createReleaseStack, type RunningService, type ServiceParts } from '@banyan/service-kit/lifecycle';
import { createMailer } from '@banyan/service-kit/mailer';
import { createMetricsServer } from '@banyan/service-kit/metrics-server';
import { createOwnershipReader, ownershipService } from '@banyan/service-kit/ownership';
import { createSchedule } from '@banyan/service-kit/schedule';
import { createGrpcServer } from '@banyan/service-kit/server';
import { connectDirectory, createAccountsCopy } from './accounts/accounts-copy.ts';
import { watchAccountsAge } from './accounts/accounts-metrics.ts';
import { createAcquirerClient } from './acquirer/acquirer-client.ts';
import { createBookingLookup } from './booking/booking-facts.ts';
import { connectSide, createBookingOwner } from './booking/booking-owner.ts';
import { createPaymentConsent } from './booking/consent.ts';
import type { BillingConfig } from './config.ts';
import { createInvoiceDocuments } from './document/invoice-documents.ts';
import { createQueueIntake } from './events/queue-intake.ts';
import { createJobMethods } from './jobs/job-methods.ts';
import { createMailComposer } from './mail/compose-mail.ts';
import { migrateBilling, SCHEMA, SHARED_SCHEMA } from './migrate.ts';
import { createRefundDesk } from './payments/refund-desk.ts';
import { createSettlementWorker } from './payments/settlement-worker.ts';
import { type AtStep, passStep } from './payments/steps.ts';
import { createAdmission } from './rpc/admission.ts';
import { createBillingService } from './rpc/billing-service.ts';
import { createLookupService } from './rpc/lookup-service.ts';
import { createRequestDigest } from './rpc/request-digest.ts';
import { AGGREGATE, createStorageChoice } from './storage/choose-storage.ts';
import { PURGE_RULES } from './storage/housekeeping.ts';
import { createOwnStorage } from './storage/own-storage.ts';
import { createSharedStorage } from './storage/shared-storage.ts';

/** A payment: consent, charge, look-up, the refund of one that came too late, each at its own deadline. */
const CALL_MS_MAX = 40_000;
/** How long a start keeps its port shut while it is not ready; without a database it then says that it does not serve. */
const UNHEARD_MS_MAX = 2_000;
const HOUSEKEEPING_EVERY_MS = 3_600_000;
const MAIL_FROM = 'Meridian Air <service@meridian.example>';

export type BillingParts = ServiceParts & {
  /** Tests stop the process at a step of a payment. */
  readonly atStep?: AtStep;
  readonly jobTimes?: JobTimes;
};

/** Builds the whole process. Nothing is connected or started before `listen`. */
export function createBilling(config: BillingConfig, parts: BillingParts): RunningService {
  const { logger, metrics, tracing, now, newId, random, atStep = passStep } = parts;
  const releases = createReleaseStack();
  const pool = {
    logger,
    metrics,
    random,
    poolMax: config.poolMax,
    statementTimeoutMs: config.statementTimeoutMs,
    lockTimeoutMs: config.lockTimeoutMs,
  };

  // Storage
  const database = createDatabase(config.databaseUrl, { ...pool, schema: SCHEMA, name: 'billing' });
  releases.push('database', () => database.end());
  const sharedDatabase =
    config.sharedDatabaseUrl === null
      ? null
      : createDatabase(config.sharedDatabaseUrl, {
          ...pool,
          schema: SHARED_SCHEMA,
          name: 'billing, shared',
          readOnly: true,
        });
  if (sharedDatabase) releases.push('shared database', () => sharedDatabase.end());
  const ownership = createOwnershipReader({ database, logger });
  const own = createOwnStorage({ database, now, newId, traceparent: () => tracing?.traceparent() });
  const choice = createStorageChoice({
    ownership,
    own,
    shared: sharedDatabase && createSharedStorage(sharedDatabase),
  });

  // Others
  const { bookingTarget, monolithSeamTarget, serviceToken } = config;
  const [bookingService, monolithSeam] = [bookingTarget, monolithSeamTarget].map((target) => {
    if (target === null) return null;
    const side = connectSide(target, { token: serviceToken, tracing });
    releases.push(`clients of ${target}`, () => side.close());
    return side;
  });
  const bookingOwner = createBookingOwner({
    service: bookingService ?? null,
    monolith: monolithSeam ?? null,
    now,
    logger,
  });
  const directory =
    monolithSeamTarget === null
      ? null
      : connectDirectory(monolithSeamTarget, { token: serviceToken, tracing });
  if (directory) releases.push('directory', () => directory.close());
  const acquirer = createAcquirerClient({ url: config.acquirerUrl, deadlineMs: config.acquirerDeadlineMs });

  // Work beside the calls
  const { queueRedisUrl } = config;
  const effects = queueRedisUrl === null ? noEffects : createEffects({ database, logger, metrics });
  const refunds = createRefundDesk({ storage: own, acquirer, atStep, logger });
  const intake = { choice, refunds };
  const isOwner = (): boolean => choice.source() === 'own';
  const queueIntake =
    queueRedisUrl === null
      ? null
      : createQueueIntake({
          queue: { redisUrl: queueRedisUrl, prefix: config.queuePrefix, name: config.eventsQueue },
          concurrency: config.eventsConcurrency,
          intake,
          isOwner,
          parts,
        });
  const documents = createInvoiceDocuments();
  const intervalMs = config.workerIntervalMs;
  const accounts = createAccountsCopy({
    database,
    directory,
    intervalMs: config.accountsIntervalMs,
    now,
    logger,
  });
  watchAccountsAge(metrics, accounts, now);
  const workers = [
    accounts,
    createSchedule({
      database,
      logger,
      random,
      metrics,
      tasks: [
        {
          name: 'housekeeping',
          everyMs: HOUSEKEEPING_EVERY_MS,
          run: ({ signal }) => keepHouse(database, PURGE_RULES, { now: now(), signal }),
        },
      ],
    }),
    createSettlementWorker({
      storage: own,
      isOwner,
      acquirer,
      refunds,
      intervalMs,
      now,
      random,
      logger,
    }),
    createMailer({
      database,
      smtpUrl: config.smtpUrl,
      from: MAIL_FROM,
      compose: createMailComposer({
        storage: own,
        lookUpBooking: createBookingLookup(bookingOwner),
        documents,
      }),
      intervalMs,
      now,
      random,
      logger,
    }),
  ];

  // Calls
  const keys = createIdentityKeys(config.identityKeys, { now, logger });
  const consent = createPaymentConsent(bookingOwner);
  const admission = createAdmission({
    choice,
    accountExists: async (reads, id) => (await reads.accountExists(id)) || accounts.isKnownNow(id),
    now,
  });
  const service = createBillingService({
    choice,
    documents,
    untilCaughtUp: effects.untilCaughtUp,
    payments: { consent, acquirer, refunds, untilTaken: effects.untilTaken, atStep, now, logger },
    digest: createRequestDigest(serviceToken),
    admission,
    now,
  });
  const jobs = createJobs({
    ...parts,
    ...parts.jobTimes,
    database,
    methods: createJobMethods(service, admission),
    queue:
      queueRedisUrl === null
        ? null
        : { redisUrl: queueRedisUrl, name: config.jobsQueue, prefix: config.queuePrefix },
    isOwner,
    concurrency: config.jobsConcurrency,
    messageBytesMax: config.messageBytesMax,
  });
  const server = createGrpcServer({
    services: [
      service,
      jobs.service,
      createLookupService(choice),
      ownershipService(ownership, { [AGGREGATE]: choice.whileMonolithOwns }),
    ],
    identity: createIdentityVerifier({ keys, audience: 'billing', now }),
    serviceToken,
    logger,
    metrics,
    tracing,
    now,
    newId,
    limits: {
      messageBytesMax: config.messageBytesMax,
      drainMs: config.drainTimeoutMs,
      unaryDeadlineMs: CALL_MS_MAX,
    },
  });

  const isServing = (): boolean => {
    if (!bringUp.isDone()) return false;
    const source = choice.source();
    if (source === 'own') return database.healthy();
    return source === 'shared' && (sharedDatabase?.healthy() ?? false);
  };
  const tellHealth = (): void => {
    const status = isServing() ? 'SERVING' : 'NOT_SERVING';
    server.health.set(status);
    server.health.set(status, 'billing.v1.BillingService');
    server.health.set(status, jobs.service.name);
    const owns = isServing() && choice.source() === 'own' ? 'SERVING' : 'NOT_SERVING';
    server.health.set(owns, 'billing.v1.InvoiceLookupService');
  };
  const bringUp = createBringUp({
    database,
    work: async () => {
      await migrateBilling(config.databaseUrl);
      await ownership.start();
      releases.push('ownership', () => ownership.stop());
      await Promise.all([queueIntake?.start(), jobs.start()]);
    },
    onDone: () => {
      if (queueRedisUrl === null) logger.warn('QUEUE_REDIS_URL is not set: events stay in the outbox');
      for (const worker of [effects, ...workers]) worker.start();
      // Not after a whole interval: a new process knows nothing of the age of its copy.
      void accounts.runOnce();
      logger.info({ source: choice.source(), owner: ownership.ownerOf(AGGREGATE) }, 'ready');
      tellHealth();
    },
    random,
    logger,
  });
  releases.push(
    'whose queues they are',
    ownership.onChange(() => void Promise.all([queueIntake?.follow(), jobs.follow()])),
  );
  for (const watch of [database.onHealth, sharedDatabase?.onHealth, ownership.onChange]) {
    const release = watch?.(tellHealth);
    if (release) releases.push('health', release);
  }
  tellHealth();

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= releases.unwind();
    return stopped;
  };

  return {
    async listen() {
      try {
        releases.push('effects', () => effects.stop());
        releases.push('refunds under way', () => refunds.stop());
        releases.push('queues', async () => void (await Promise.all([queueIntake?.stop(), jobs.stop()])));
        for (const worker of workers) releases.push('worker', () => worker.stop());
        const metricsPort = await listenForOperators();
        bringUp.start();
        releases.push('bringing up', () => bringUp.stop());
        // Callers share their calls out to whoever listens: a restart must not refuse what another process can answer.
        await bringUp.doneWithin(UNHEARD_MS_MAX);
        const { port } = await server.listen({ port: config.port, host: config.host });
        releases.push('server', () => server.stop());
        return { port, ...(metricsPort === null ? {} : { metricsPort }) };
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };

  async function listenForOperators(): Promise<number | null> {
    if (config.metricsPort === null) return null;
    const operators = createMetricsServer({ metrics, isReady: isServing, logger });
    const { port } = await operators.listen({ port: config.metricsPort, host: config.host });
    releases.push('listener for operators', () => operators.stop());
    return port;
  }
}
