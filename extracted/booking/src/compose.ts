import { pause } from '@banyan/service-kit/backoff';
import { createDatabase, type Database } from '@banyan/service-kit/database';
import type { ServedService } from '@banyan/service-kit/handlers';
import { createIdentityKeys, createIdentityVerifier } from '@banyan/service-kit/identity';
import { createJobs, type JobQueue } from '@banyan/service-kit/jobs/jobs';
import { createReleaseStack, type RunningService, type ServiceParts } from '@banyan/service-kit/lifecycle';
import { createMailer } from '@banyan/service-kit/mailer';
import { createMetricsServer } from '@banyan/service-kit/metrics-server';
import { createOwnershipReader, ownershipService } from '@banyan/service-kit/ownership';
import { createRepeating } from '@banyan/service-kit/repeating';
import { createGrpcServer } from '@banyan/service-kit/server';
import type { BookingParts } from './bookings/parts.ts';
import type { BookingConfig } from './config.ts';
import { createCopies } from './directory/copies.ts';
import { createDirectoryClient } from './directory/directory-client.ts';
import { createFacts } from './directory/facts.ts';
import { createRefresher } from './directory/refresher.ts';
import type { IntakeParts } from './events/intake.ts';
import { openExchange } from './events/open-exchange.ts';
import { createJobMethods } from './jobs/job-methods.ts';
import { composeNotice, NOTICE_KIND } from './mail/compose-notice.ts';
import { composeTicket, MAIL_FROM } from './mail/compose-ticket.ts';
import { createBookingMetrics } from './metrics.ts';
import { migrateBooking, SCHEMA } from './migrate.ts';
import { tellHealth } from './readiness.ts';
import { createAdmission } from './rpc/admission.ts';
import { createBookingService } from './rpc/booking-service.ts';
import { createPeerServices } from './rpc/peer-services.ts';
import { createSeatService } from './rpc/seat-service.ts';
import { createScheduledWork } from './scheduled-work.ts';
import { createSeatHub } from './seats/seat-hub.ts';
import { AGGREGATE, createStorageChoice } from './storage/choose-storage.ts';
import { withMissingFlights } from './storage/missing-flights.ts';
import { createOwnStorage } from './storage/own-storage.ts';
import { createSharedStorage } from './storage/shared-storage.ts';

const AUDIENCE = 'booking';
const SHARED_SCHEMA = 'booking_shared';
const HEALTH_EVERY_MS = 500;
const MIGRATE_RETRY_MS = 2_000;

/** The booking service: everything that lives as long as the process is made here. */
export function createBooking(config: BookingConfig, parts: ServiceParts): RunningService {
  const { logger, metrics, tracing, now, newId, random } = parts;
  const stopping = new AbortController();
  const counted = createBookingMetrics(metrics);

  const open = (url: string, name: string, schema: string, readOnly: boolean): Database =>
    createDatabase(url, { ...databaseLimits(config), name, schema, readOnly, logger, metrics, random });
  const database = open(config.databaseUrl, 'booking', SCHEMA, false);
  const sharedDatabase =
    config.sharedDatabaseUrl === null
      ? null
      : open(config.sharedDatabaseUrl, 'booking_shared', SHARED_SCHEMA, true);
  const ownership = createOwnershipReader({ database, logger });
  const directory = createDirectoryClient(config.monolithSeamTarget, {
    token: config.serviceToken,
    tracing,
  });

  const tables = createOwnStorage(database, { traceparent: () => tracing?.traceparent() });
  const facts = createFacts({ directory, copy: tables, database, now, logger, onFact: counted.onFact });
  const own = withMissingFlights(tables, facts.fetchFlight);
  const shared = sharedDatabase === null ? null : createSharedStorage(sharedDatabase);
  const choice = createStorageChoice({ ownership, own, shared });
  const hub = createSeatHub();

  const intake: IntakeParts = {
    storage: choice.owned,
    fetchFlight: (id) => directory.getFlight(id, { deadlineMs: 2_000 }),
    now,
  };
  const exchange = openExchange(config, parts, { database, intake });
  const { tell, catchUp } = exchange;
  const bookings: BookingParts = { storage: choice.owned, tell, catchUp, facts, now, newId };
  const admission = createAdmission({ choice, bookings });
  const service = createBookingService({ choice, bookings, admission });
  const jobs = createJobs({
    ...parts,
    database,
    methods: createJobMethods(service, admission),
    queue: jobQueueOf(config),
    isOwner: () => choice.source() === 'own',
    concurrency: config.jobsConcurrency,
    messageBytesMax: config.messageBytesMax,
  });
  const forBookings: ServedService[] = [
    service,
    jobs.service,
    createSeatService({ choice, hub }),
    ...createPeerServices({ choice, bookings }),
  ];
  const keys = createIdentityKeys(config.identityKeys, { now, logger });
  const server = createGrpcServer({
    services: [...forBookings, ownershipService(ownership, { [AGGREGATE]: choice.whileMonolithOwns })],
    identity: createIdentityVerifier({ keys, audience: AUDIENCE, now }),
    serviceToken: config.serviceToken,
    logger,
    metrics,
    tracing,
    now,
    newId,
    limits: { messageBytesMax: config.messageBytesMax, drainMs: config.drainTimeoutMs },
  });
  const operators = createMetricsServer({
    metrics,
    isReady: () => server.health.get() === 'SERVING',
    logger,
  });

  const refresher = createRefresher({
    copies: createCopies(database),
    directory,
    intervalMs: config.copyIntervalMs,
    now,
    logger,
  });
  counted.watchCopies(refresher, ['flights', 'accounts']);
  counted.watchSeatWatchers(hub.watchers);
  const schedule = createScheduledWork({
    database,
    ownership,
    choice,
    expiryIntervalMs: config.expiryIntervalMs,
    onExpired: counted.onExpired,
    parts,
  });
  const mailer = createMailer({
    database,
    smtpUrl: config.smtpUrl,
    from: MAIL_FROM,
    compose: (mail) => {
      const compose = mail.kind === NOTICE_KIND ? composeNotice : composeTicket;
      return compose(mail, (id) => choice.reads().findBooking(id));
    },
    intervalMs: config.mailIntervalMs,
    now,
    random,
    logger,
  });

  let isMigrated = false;
  const healthTeller = createRepeating({
    name: 'health',
    intervalMs: HEALTH_EVERY_MS,
    logger,
    round: async () => updateHealth(),
  });
  const updateHealth = (): void =>
    tellHealth(server.health, {
      own: database,
      shared: sharedDatabase,
      choice,
      copies: refresher,
      isMigrated: () => isMigrated,
      services: forBookings.map(({ name }) => name),
    });
  const onOwnership = (): void => {
    updateHealth();
    const source = choice.source();
    exchange.setTaking(source === 'own');
    void jobs.follow();
    const feed = source === 'own' ? own : source === 'shared' ? shared : null;
    hub.follow(feed).catch((error) => logger.error({ err: error }, 'seats could not be followed'));
  };

  /** All that needs tables; waits for a database that is away, however long that takes. */
  async function begin(): Promise<void> {
    while (!isMigrated && !stopping.signal.aborted) {
      await database.waitUntilReady(stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await migrateBooking(config.databaseUrl);
        isMigrated = true;
      } catch (error) {
        logger.warn({ err: error }, 'the database could not be migrated yet');
        await pause(MIGRATE_RETRY_MS, stopping.signal);
      }
    }
    if (stopping.signal.aborted) return;
    void refresher
      .runOnce()
      .catch((error) => logger.error({ err: error }, 'the first copy of the directory failed'))
      .then(refresher.start);
    for (const worker of [schedule, mailer]) worker.start();
    await Promise.all([exchange.start(), jobs.start()]);
    updateHealth();
  }

  const releases = createReleaseStack();
  let stopped: Promise<void> | undefined;

  return {
    async listen() {
      releases.push('metrics', () => metrics.release());
      releases.push('database', () => database.end());
      releases.push('shared database', () => sharedDatabase?.end());
      releases.push('directory', () => directory.close());
      releases.push('queues', async () => void (await Promise.all([exchange.stop(), jobs.stop()])));
      updateHealth();
      releases.push('ownership', () => ownership.stop());
      ownership.onChange(onOwnership);
      await ownership.start();
      releases.push('seats', () => hub.follow(null));
      for (const [name, healthy] of [
        ['own', database],
        ['shared', sharedDatabase],
      ] as const) {
        const forget = healthy?.onHealth(updateHealth);
        if (forget) releases.push(`health of ${name} database`, forget);
      }
      releases.push('refreshed copies', refresher.onChange(updateHealth));
      for (const [name, worker] of Object.entries({
        refresher,
        schedule,
        mailer,
        healthTeller,
      })) {
        releases.push(name, () => worker.stop());
      }
      const beginning = begin();
      releases.push('beginning', async () => {
        stopping.abort();
        await beginning;
      });
      healthTeller.start();
      const { metricsPort, host } = config;
      releases.push('operators', () => (metricsPort === null ? undefined : operators.stop()));
      const shown = metricsPort === null ? null : await operators.listen({ port: metricsPort, host });
      releases.push('server', () => server.stop());
      const { port } = await server.listen({ port: config.port, host });
      return { port, ...(shown === null ? {} : { metricsPort: shown.port }) };
    },
    stop() {
      stopped ??= releases.unwind();
      return stopped;
    },
  };
}

function jobQueueOf({ queueRedisUrl, queuePrefix, jobsQueue }: BookingConfig): JobQueue | null {
  if (queueRedisUrl === null) return null;
  return { redisUrl: queueRedisUrl, name: jobsQueue, prefix: queuePrefix };
}

function databaseLimits({ poolMax, statementTimeoutMs, lockTimeoutMs }: BookingConfig) {
  return { poolMax, statementTimeoutMs, lockTimeoutMs };
}
