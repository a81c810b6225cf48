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

const DAY_MS = 86_400_000;

const FIELDS = {
  ...serviceFields({ prefix: 'BOOKING', port: 50_052 }),
  /** Null: mails stay queued. */
  smtpUrl: optional(url('SMTP_URL', { protocols: ['smtp:', 'smtps:'] })),
  /** The monolith's seam: the directory. */
  monolithSeamTarget: target('MONOLITH_SEAM_TARGET'),
  /** Null: what booking tells stays in its outbox, and it is told nothing. */
  queueRedisUrl: optional(url('QUEUE_REDIS_URL', { protocols: ['redis:', 'rediss:'] })),
  queuePrefix: text('QUEUE_PREFIX', { fallback: 'banyan' }),
  /** Of what is addressed to booking. */
  eventsQueue: text('BOOKING_EVENTS_QUEUE', { fallback: 'booking-events' }),
  /** Taken at once, each with a connection of the pool: a backlog is not to hold up who calls. */
  eventsConcurrency: integer('BOOKING_EVENTS_CONCURRENCY', { fallback: 2, min: 1, max: 64 }),
  jobsQueue: text('BOOKING_JOBS_QUEUE', { fallback: 'booking-jobs' }),
  /** Jobs that a process runs at once. */
  jobsConcurrency: integer('BOOKING_JOBS_CONCURRENCY', { fallback: 2, min: 1, max: 32 }),
  /** Between two looks for holds that are over. The monolith looks once a day. */
  expiryIntervalMs: integer('BOOKING_EXPIRY_INTERVAL_MS', { fallback: DAY_MS, min: 100, max: DAY_MS }),
  mailIntervalMs: integer('BOOKING_MAIL_INTERVAL_MS', { fallback: 2_000, min: 50, max: DAY_MS }),
  copyIntervalMs: integer('BOOKING_COPY_INTERVAL_MS', { fallback: 1_000, min: 50, max: 60_000 }),
} as const;

export type BookingConfig = ReturnType<typeof readBookingConfig>;

/** Throws a ConfigError with every fault. */
export function readBookingConfig(env: Environment) {
  return readServiceConfig(env, FIELDS);
}
