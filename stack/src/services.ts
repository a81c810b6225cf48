import { rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { configFileOf } from './carve-outs/find-carve-outs.ts';
import type { PreparedService } from './carve-outs/prepare-carve-outs.ts';
import { isServing } from './carve-outs/service-health.ts';
import type { StackConfig } from './config.ts';
import { type Ports, portOf, servicePortName } from './ports/ports.ts';
import type { StopPlan } from './processes/run-state.ts';
import type { ChildSpec } from './processes/supervisor.ts';
import { queueNamesOf, routesOf } from './relays/queues.ts';

const READY_DEADLINE_MS = 60_000;
/** The nightly job of a stack that people try out: a hold that is over should not stay until tonight. */
const CLEANUP_INTERVAL_MS = 60_000;
/** Flights move while somebody looks. */
const SIMULATOR_INTERVAL_MS = 15_000;

/**
 * Who ends before whom: the gateway lets its requests finish while the monolith still answers them, that one
 * while the services and the acquirer still do, and Postgres and Redis (phase 0) serve all of them to the last. The
 * relays end after who writes and takes events, so that they note what was taken last.
 */
const STOP: Record<'gateway' | 'monolith' | 'service' | 'relay' | 'standIn', StopPlan> = {
  gateway: { phase: 4, signal: 'SIGTERM', graceMs: 35_000 },
  monolith: { phase: 3, signal: 'SIGTERM', graceMs: 35_000 },
  service: { phase: 2, signal: 'SIGTERM', graceMs: 42_000 },
  relay: { phase: 1, signal: 'SIGTERM', graceMs: 17_000 },
  standIn: { phase: 1, signal: 'SIGTERM', graceMs: 10_000 },
};

/** What the specifications are made from. */
export type ServiceContext = {
  config: StackConfig;
  ports: Ports;
  /** The runner's own environment: what a person set for a service goes on to it. */
  env: Readonly<Record<string, string | undefined>>;
};

export type MonolithAddresses = { databaseUrl: string; acquirerUrl: string; smtpUrl: string };

/** What ties the services to each other, to the monolith and to the gateway. Null where none runs. */
export type Border = {
  readonly services: readonly PreparedService[];
  /** Shown by whoever calls without a user, on both sides. */
  readonly serviceToken: string;
  /** Of the keys that sign who is calling. */
  readonly identityKeysFile: string;
};

/** Whose events a relay brings to their queues. */
export type Outbox = {
  readonly source: string;
  readonly databaseUrl: string;
  readonly schema: string;
  readonly table: string;
  /** Null: no listener for operators. */
  readonly metricsPort: number | null;
};

export function acquirerSpec(context: ServiceContext): ChildSpec<true> {
  return service(context, 'acquirer', 'stack/src/acquirer/main.ts', STOP.standIn, {
    ACQUIRER_PORT: String(context.ports.acquirer),
    ACQUIRER_DATA_DIR: acquirerFolder(context.config.dataDir),
  });
}

export function mailSpec(context: ServiceContext): ChildSpec<true> {
  return service(context, 'mail', 'stack/src/mail/main.ts', STOP.standIn, {
    MAIL_PORT: String(context.ports.mail),
    MAIL_SMTP_PORT: String(context.ports.smtp),
  });
}

const acquirerFolder = (dataDir: string): string => join(dataDir, 'acquirer');

export function dropAcquirerLedger(dataDir: string): void {
  rmSync(acquirerFolder(dataDir), { recursive: true, force: true });
}

export type MonolithTies = {
  readonly sessionSecret: string;
  readonly border: Border | null;
  /** Null where nothing comes by queues. */
  readonly queueRedisUrl: string | null;
};

export function monolithSpec(
  context: ServiceContext,
  addresses: MonolithAddresses,
  { sessionSecret, border, queueRedisUrl }: MonolithTies,
): ChildSpec<true> {
  const { env, ports } = context;
  return service(context, 'monolith', 'legacy-monolith/src/main.ts', STOP.monolith, {
    MERIDIAN_CLEANUP_INTERVAL_MS: env.MERIDIAN_CLEANUP_INTERVAL_MS || String(CLEANUP_INTERVAL_MS),
    MERIDIAN_SIMULATOR_INTERVAL_MS: env.MERIDIAN_SIMULATOR_INTERVAL_MS || String(SIMULATOR_INTERVAL_MS),
    MERIDIAN_SESSION_SECRET: env.MERIDIAN_SESSION_SECRET || sessionSecret,
    MONOLITH_PORT: String(ports.monolith),
    MONOLITH_DATABASE_URL: addresses.databaseUrl,
    ACQUIRER_URL: addresses.acquirerUrl,
    SMTP_URL: addresses.smtpUrl,
    // Closed where nobody would call, also when the variable is there to move its port.
    ...(border === null && !env.MONOLITH_SEAM_TOKEN && { MONOLITH_SEAM_PORT: '' }),
    ...queuesOf(context, queueRedisUrl),
    ...(border && {
      MONOLITH_SEAM_PORT: String(ports.seam),
      MONOLITH_SEAM_TOKEN: border.serviceToken,
      // Its own pages ask there for what is not in its own database.
      MERIDIAN_API_URL: env.MERIDIAN_API_URL || `http://127.0.0.1:${ports.public}`,
      ...targetsOf(ports, border),
    }),
  });
}

/** A carved-out service: ready when it says by grpc.health that it serves. */
export function carvedServiceSpec(
  context: ServiceContext,
  addresses: MonolithAddresses,
  prepared: PreparedService,
  border: Border,
  queueRedisUrl: string | null,
): ChildSpec<true> {
  const { ports, env } = context;
  const { name, prefix, program } = prepared.carveOut;
  const port = portOf(ports, servicePortName(name));
  const spec = service(context, name, program, STOP.service, {
    [`${prefix}_PORT`]: String(port),
    // As the monolith's nightly job, for what that leaves to the service that owns.
    [`${prefix}_EXPIRY_INTERVAL_MS`]: env[`${prefix}_EXPIRY_INTERVAL_MS`] || String(CLEANUP_INTERVAL_MS),
    [`${prefix}_DATABASE_URL`]: prepared.databaseUrl,
    [`${prefix}_SHARED_DATABASE_URL`]: prepared.sharedDatabaseUrl,
    ...queuesOf(context, queueRedisUrl),
    ...targetsOf(ports, border),
    MONOLITH_SEAM_TARGET: `127.0.0.1:${ports.seam}`,
    SERVICE_TOKEN: border.serviceToken,
    BANYAN_IDENTITY_KEYS: env.BANYAN_IDENTITY_KEYS || `@${border.identityKeysFile}`,
    ACQUIRER_URL: addresses.acquirerUrl,
    SMTP_URL: addresses.smtpUrl,
  });
  return { ...spec, ready: async (lines) => (isListening(lines) ? isServing(`127.0.0.1:${port}`) : null) };
}

/** Brings the events of an outbox to the queues of the configuration. */
export function relaySpec(
  context: ServiceContext,
  { source, databaseUrl, schema, table, metricsPort }: Outbox,
  queueRedisUrl: string,
): ChildSpec<true> {
  const { config } = context;
  return service(context, `relay-${source}`, 'extracted/service-kit/src/relay/main.ts', STOP.relay, {
    RELAY_SOURCE: source,
    RELAY_DATABASE_URL: databaseUrl,
    RELAY_SCHEMA: schema,
    RELAY_TABLE: table,
    RELAY_ROUTES: routesOf(config.queues, source) ?? '',
    RELAY_METRICS_PORT: metricsPort === null ? '' : String(metricsPort),
    QUEUE_REDIS_URL: queueRedisUrl,
  });
}

/** Without a queue, or with everything at home, no Redis is told: nobody is to look for one. */
function queuesOf({ config }: ServiceContext, redisUrl: string | null): Record<string, string> {
  if (redisUrl === null) return { QUEUE_REDIS_URL: '' };
  const names = config.services.map(({ carveOut }) => queueNamesOf(config.queues, carveOut));
  return Object.assign({ QUEUE_REDIS_URL: redisUrl }, ...names);
}

const targetsOf = (ports: Ports, { services }: Border): Record<string, string> =>
  Object.fromEntries(
    services.map(({ carveOut: { name, targetVariable } }) => [
      targetVariable,
      `127.0.0.1:${portOf(ports, servicePortName(name))}`,
    ]),
  );

/** What opens the gateway's admin API, and signs overrides. */
export type GatewaySecrets = {
  readonly operatorToken: string;
  readonly viewerToken: string;
  readonly overrideKeysFile: string;
};

export type GatewayAddresses = {
  readonly monolithUrl: string;
  readonly redisUrl: string;
  readonly queueRedisUrl: string;
};

export function gatewaySpec(
  context: ServiceContext,
  { monolithUrl, redisUrl, queueRedisUrl }: GatewayAddresses,
  secrets: GatewaySecrets,
  border: Border | null,
): ChildSpec<true> {
  const { config, env, ports } = context;
  return service(context, 'gateway', 'gateway/src/main.ts', STOP.gateway, {
    // It has a folder of its own for that.
    NODE_COMPILE_CACHE: '',
    // The monolith that runs here is the one whose contract the configuration names, whatever its port.
    BANYAN_CONFIG: env.BANYAN_CONFIG || configFileOf(config.root, env),
    PORT: String(ports.public),
    ADMIN_PORT: String(ports.admin),
    MONOLITH_URL: monolithUrl,
    BANYAN_DATA_DIR: env.BANYAN_DATA_DIR || join(config.dataDir, `gateway-${ports.public}`),
    BANYAN_ADMIN_TOKEN: env.BANYAN_ADMIN_TOKEN || secrets.operatorToken,
    BANYAN_VIEWER_TOKEN: env.BANYAN_VIEWER_TOKEN || secrets.viewerToken,
    BANYAN_OVERRIDE_KEYS: env.BANYAN_OVERRIDE_KEYS || `@${secrets.overrideKeysFile}`,
    REDIS_URL: redisUrl,
    QUEUE_REDIS_URL: queueRedisUrl,
    ...(border && {
      BANYAN_IDENTITY_KEYS: env.BANYAN_IDENTITY_KEYS || `@${border.identityKeysFile}`,
      ...targetsOf(ports, border),
    }),
  });
}

function service(
  { config, env }: ServiceContext,
  name: string,
  program: string,
  stop: StopPlan,
  variables: Record<string, string>,
): ChildSpec<true> {
  return {
    name,
    command: process.execPath,
    args: [isAbsolute(program) ? program : join(config.root, program)],
    cwd: config.root,
    // Compiled code is kept, which halves the time that a later start spends on reading it.
    env: { NODE_COMPILE_CACHE: join(config.dataDir, 'compiled'), ...env, ...variables },
    stop,
    ready: isListening,
    readyDeadlineMs: READY_DEADLINE_MS,
  };
}

/** Each process logs one JSON line with the message "listening" when its ports are open. */
function isListening(lines: readonly string[]): true | null {
  return lines.some((line) => parseLogLine(line)?.msg === 'listening') ? true : null;
}

/** What the processes' lines have in common; those of requests and of faults have more. */
export type LogLine = {
  level?: number | string;
  msg?: string;
  method?: string;
  operation?: string;
  path?: string;
  status?: number;
  service?: string;
  breaker?: string;
  state?: string;
  cause?: string;
  reason?: string;
  err?: { message?: string };
};

export function parseLogLine(line: string): LogLine | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return null; // A line that only looks like JSON, or was cut.
  }
}
