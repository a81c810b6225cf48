/** What the process is told from outside, parsed once and frozen. */
export type MonolithConfig = Readonly<{
  host: string;
  /** 0 picks a free port. */
  port: number;
  databaseUrl: string;
  databasePoolMax: number;
  acquirerUrl: string;
  /** How long a charge may take before its outcome counts as unknown. */
  acquirerDeadlineMs: number;
  /** Null: mail stays queued. */
  smtpUrl: string | null;
  sessionSecret: string;
  /** How long a session lives after its last request. */
  sessionTtlMs: number;
  /** How often unpaid holds are expired. */
  cleanupIntervalMs: number;
  /** How often mail is sent and unsettled payments are looked up. */
  workerIntervalMs: number;
  /** How often the simulator moves flights; 0 for never. */
  simulatorIntervalMs: number;
  /** How long a stop waits for requests in flight. */
  drainMs: number;
  logLevel: LogLevel;
  seams: SeamsConfig;
  /** Null: events stay in the outbox. */
  queues: QueuesConfig | null;
}>;

/** The queues by which events come from contexts that are elsewhere. */
export type QueuesConfig = Readonly<{
  redisUrl: string;
  /** Of all keys in Redis. */
  prefix: string;
  /** The queue of each context's events. */
  events: Readonly<Record<'billing' | 'booking', string>>;
}>;

/** Where contexts that are elsewhere are, and what is offered to them. Nothing set: the monolith alone. */
export type SeamsConfig = Readonly<{
  /** Of the gRPC server for services; null: none. 0 picks a free one. */
  port: number | null;
  /** The token that services share. */
  token: string | null;
  /** `host:port` of the services. */
  bookingTarget: string | null;
  billingTarget: string | null;
  /** The contract's API, whoever serves it: the gateway. */
  apiUrl: string | null;
}>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

const DAY_MS = 86_400_000;
const TIMER_MS_MAX = 2_147_483_647;

/** The configuration was refused; `faults` holds every fault, not only the first. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Variables of this process that carry its own prefix; another one with the prefix is a slip of the pen. */
const OWN_VARIABLES = [
  'MERIDIAN_API_URL',
  'MERIDIAN_SESSION_SECRET',
  'MERIDIAN_SESSION_TTL_MS',
  'MERIDIAN_CLEANUP_INTERVAL_MS',
  'MERIDIAN_WORKER_INTERVAL_MS',
  'MERIDIAN_ACQUIRER_DEADLINE_MS',
  'MERIDIAN_SIMULATOR_INTERVAL_MS',
  'MERIDIAN_DATABASE_POOL_MAX',
  'MERIDIAN_DRAIN_MS',
  'MERIDIAN_LOG_LEVEL',
];

/** Reads the environment. Throws a `ConfigError` with all faults; secrets never appear in it. */
export function parseMonolithConfig(env: Environment): MonolithConfig {
  const faults: string[] = [];

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    faults.push(`${name} must be an integer from ${min} to ${max}, got ${JSON.stringify(text)}`);
    return fallback;
  };

  const url = (name: string, fallback: string | undefined, protocols: readonly string[]): string => {
    const text = env[name] || fallback;
    const rule = `${name} must be a URL that starts with ${protocols.map((each) => `${each}//`).join(' or ')}`;
    if (text === undefined) faults.push(`${rule}, got nothing`);
    else if (!URL.canParse(text)) faults.push(`${rule}, got something that is no URL`);
    else if (!protocols.includes(new URL(text).protocol)) faults.push(`${rule}, got ${maskUrl(text)}`);
    return text ?? '';
  };

  const sessionSecret = env.MERIDIAN_SESSION_SECRET ?? '';
  if (sessionSecret.length < 16) {
    const got = sessionSecret === '' ? 'nothing' : `${sessionSecret.length} (not shown)`;
    faults.push(`MERIDIAN_SESSION_SECRET must have at least 16 characters, got ${got}`);
  }
  const logLevel = env.MERIDIAN_LOG_LEVEL || 'info';
  if (!isLogLevel(logLevel)) {
    faults.push(
      `MERIDIAN_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(logLevel)}`,
    );
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('MERIDIAN_') && !OWN_VARIABLES.includes(name)) faults.push(`${name} is not known`);
  }

  const target = (name: string): string | null => {
    const text = env[name] || null;
    if (text !== null && !/^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(text)) {
      faults.push(`${name} must be host:port, got ${JSON.stringify(text)}`);
    }
    return text;
  };
  const seams: SeamsConfig = Object.freeze({
    port: env.MONOLITH_SEAM_PORT ? integer('MONOLITH_SEAM_PORT', 0, 0, 65_535) : null,
    token: env.MONOLITH_SEAM_TOKEN || null,
    bookingTarget: target('BOOKING_TARGET'),
    billingTarget: target('BILLING_TARGET'),
    apiUrl: env.MERIDIAN_API_URL ? url('MERIDIAN_API_URL', undefined, ['http:', 'https:']) : null,
  });
  const needsToken = seams.port !== null || seams.bookingTarget !== null || seams.billingTarget !== null;
  if ((needsToken || seams.token !== null) && (seams.token ?? '').length < 16) {
    const got = seams.token === null ? 'nothing' : `${seams.token.length} (not shown)`;
    faults.push(`MONOLITH_SEAM_TOKEN must have at least 16 characters, got ${got}`);
  }

  const queueName = (name: string, fallback: string): string => {
    const text = env[name] || fallback;
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(text)) {
      faults.push(`${name} must be small letters, digits and hyphens, got ${JSON.stringify(text)}`);
    }
    return text;
  };
  const readQueues = (): QueuesConfig => ({
    redisUrl: url('QUEUE_REDIS_URL', undefined, ['redis:', 'rediss:']),
    prefix: queueName('QUEUE_PREFIX', 'banyan'),
    events: Object.freeze({
      billing: queueName('BILLING_EVENTS_QUEUE', 'billing-events'),
      booking: queueName('BOOKING_EVENTS_QUEUE', 'booking-events'),
    }),
  });

  const config: MonolithConfig = Object.freeze({
    host: env.MONOLITH_HOST || '127.0.0.1',
    port: integer('MONOLITH_PORT', 3000, 0, 65_535),
    databaseUrl: url('MONOLITH_DATABASE_URL', undefined, ['postgres:', 'postgresql:']),
    databasePoolMax: integer('MERIDIAN_DATABASE_POOL_MAX', 20, 2, 500),
    acquirerUrl: url('ACQUIRER_URL', 'http://127.0.0.1:4010', ['http:', 'https:']),
    acquirerDeadlineMs: integer('MERIDIAN_ACQUIRER_DEADLINE_MS', 10_000, 50, 15_000),
    smtpUrl: env.SMTP_URL ? url('SMTP_URL', undefined, ['smtp:', 'smtps:']) : null,
    sessionSecret,
    sessionTtlMs: integer('MERIDIAN_SESSION_TTL_MS', 1_800_000, 1000, TIMER_MS_MAX),
    cleanupIntervalMs: integer('MERIDIAN_CLEANUP_INTERVAL_MS', DAY_MS, 100, TIMER_MS_MAX),
    workerIntervalMs: integer('MERIDIAN_WORKER_INTERVAL_MS', 2000, 50, TIMER_MS_MAX),
    simulatorIntervalMs: integer('MERIDIAN_SIMULATOR_INTERVAL_MS', 0, 0, TIMER_MS_MAX),
    drainMs: integer('MERIDIAN_DRAIN_MS', 30_000, 0, 600_000),
    logLevel: isLogLevel(logLevel) ? logLevel : 'info',
    seams,
    queues: env.QUEUE_REDIS_URL ? Object.freeze(readQueues()) : null,
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

function maskUrl(text: string): string {
  const url = new URL(text);
  if (url.password) url.password = '***';
  return url.href;
}
