import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StackConfig } from './config.ts';
import type { Ports } from './ports/ports.ts';
import type { StopPlan } from './processes/run-state.ts';
import type { ChildSpec } from './processes/supervisor.ts';

const READY_DEADLINE_MS = 60_000;
/** The nightly job of a stack that people try out: a hold that is over should not stay until tonight. */
const CLEANUP_INTERVAL_MS = 60_000;
/** Flights move while somebody looks. */
const SIMULATOR_INTERVAL_MS = 15_000;

/**
 * Who ends before whom: the gateway lets its requests finish while the monolith still answers them, that one
 * while the acquirer still does, and Postgres and Redis (phase 0) serve all of them to the last.
 */
const STOP: Record<'gateway' | 'monolith' | 'standIn', StopPlan> = {
  gateway: { phase: 3, signal: 'SIGTERM', graceMs: 35_000 },
  monolith: { phase: 2, signal: 'SIGTERM', graceMs: 35_000 },
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

export function monolithSpec(
  context: ServiceContext,
  addresses: MonolithAddresses,
  sessionSecret: string,
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
  });
}

export type AdminTokens = { operator: string; viewer: string };

export function gatewaySpec(
  context: ServiceContext,
  monolithUrl: string,
  tokens: AdminTokens,
): ChildSpec<true> {
  const { config, env, ports } = context;
  return service(context, 'gateway', 'gateway/src/main.ts', STOP.gateway, {
    // The monolith that runs here is the one whose contract the configuration names, whatever its port.
    BANYAN_CONFIG: env.BANYAN_CONFIG || join(config.root, 'banyan.config.ts'),
    PORT: String(ports.public),
    ADMIN_PORT: String(ports.admin),
    MONOLITH_URL: monolithUrl,
    BANYAN_DATA_DIR: env.BANYAN_DATA_DIR || join(config.dataDir, `gateway-${ports.public}`),
    BANYAN_ADMIN_TOKEN: env.BANYAN_ADMIN_TOKEN || tokens.operator,
    BANYAN_VIEWER_TOKEN: env.BANYAN_VIEWER_TOKEN || tokens.viewer,
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
    args: [join(config.root, program)],
    cwd: config.root,
    env: { ...env, ...variables },
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
  cause?: string;
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
