import {
  type Environment,
  integer,
  optional,
  readServiceConfig,
  serviceFields,
  target,
  text,
  url,
} from '@banyan/service-kit/config';

const MINUTE_MS = 60_000;

const FIELDS = {
  ...serviceFields({ prefix: 'BILLING', port: 50_051 }),
  acquirerUrl: url('ACQUIRER_URL', { protocols: ['http:', 'https:'], fallback: 'http://127.0.0.1:4010' }),
  acquirerDeadlineMs: integer('ACQUIRER_DEADLINE_MS', { fallback: 10_000, min: 100, max: 15_000 }),
  /** Null: mails stay queued. */
  smtpUrl: optional(url('SMTP_URL', { protocols: ['smtp:', 'smtps:'] })),
  /** The two sides that may own bookings; whichever says that it does is asked. */
  bookingTarget: optional(target('BOOKING_TARGET')),
  monolithSeamTarget: optional(target('MONOLITH_SEAM_TARGET')),
  /** Null: what billing tells stays in its outbox, and it is told nothing. */
  queueRedisUrl: optional(url('QUEUE_REDIS_URL', { protocols: ['redis:', 'rediss:'] })),
  queuePrefix: text('QUEUE_PREFIX', { fallback: 'banyan' }),
  /** What bookings' owner tells comes by it. */
  eventsQueue: text('BILLING_EVENTS_QUEUE', { fallback: 'billing-events' }),
  /** Taken at once, each with a connection of the pool: a backlog is not to hold up who calls. */
  eventsConcurrency: integer('BILLING_EVENTS_CONCURRENCY', { fallback: 2, min: 1, max: 64 }),
  jobsQueue: text('BILLING_JOBS_QUEUE', { fallback: 'billing-jobs' }),
  /** Jobs that a process runs at once. */
  jobsConcurrency: integer('BILLING_JOBS_CONCURRENCY', { fallback: 2, min: 1, max: 32 }),
  /** Between rounds of settling what is open and of sending mails. */
  workerIntervalMs: integer('BILLING_WORKER_INTERVAL_MS', { fallback: 2_000, min: 10, max: 60 * MINUTE_MS }),
  /** Between refreshings of the copy of accounts. */
  accountsIntervalMs: integer('BILLING_ACCOUNTS_INTERVAL_MS', {
    fallback: 30_000,
    min: 100,
    max: 60 * MINUTE_MS,
  }),
};

export type BillingConfig = ReturnType<typeof readBillingConfig>;

export function readBillingConfig(env: Environment) {
  return readServiceConfig(env, FIELDS);
}
