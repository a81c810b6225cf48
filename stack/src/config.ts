import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Queue } from '@banyan/gateway/carve-out';
import type { CarveOutWish, StackCarveOut } from './carve-outs/carve-out.ts';
import {
  type PortName,
  type Ports,
  type PortTable,
  portTable,
  relayPortName,
  servicePortName,
} from './ports/ports.ts';
import { PORT_MAX, type PortSettings, placePorts } from './ports/read-ports.ts';
import { routesOf } from './relays/queues.ts';

export const SEED_SCALES = ['full', 'small'] as const;
export type SeedScale = (typeof SEED_SCALES)[number];

export type StackConfig = Readonly<{
  root: string;
  dataDir: string;
  fresh: boolean;
  /** YYYY-MM-DD. Null: not asked for; today where data is made, and whatever it was where there is some. */
  seedDate: string | null;
  seedScale: SeedScale;
  /** 0 means: find a free one. */
  ports: Readonly<Ports>;
  /** What there is, what the variables of single ports say, and the offset of the others. */
  portSettings: PortSettings;
  /** One for each carve-out. */
  services: readonly CarveOutWish[];
  /** Through which contexts reach each other, where a service runs. */
  queues: readonly Queue[];
  /** What replaces a part that the stack would otherwise run by itself. */
  replaced: Readonly<{
    monolithDatabaseUrl: string | null;
    redisUrl: string | null;
    /** Of the queues; null: the same. */
    queueRedisUrl: string | null;
    acquirerUrl: string | null;
    smtpUrl: string | null;
  }>;
  /** When the first command was given, for "ready in". Milliseconds since 1970. */
  startedAtMs: number;
}>;

export type ParsedConfig =
  | { kind: 'config'; config: StackConfig }
  | { kind: 'help' }
  | { kind: 'usage'; message: string }
  | { kind: 'faults'; faults: string[] };

type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigSources = {
  readonly root: string;
  readonly nowMs: number;
  readonly carveOuts?: readonly StackCarveOut[];
  readonly queues?: readonly Queue[];
};

type Options = {
  readonly fresh: boolean;
  readonly help: boolean;
  readonly 'with-services': boolean;
  /** Names of the services that are to own. */
  readonly service: readonly string[];
};

/** Says that no service owns. */
const NONE = 'none';

/** Which variable each port can be done without, since that replaces what listens there. */
const REPLACED_BY: Partial<Record<PortName, string>> = {
  postgres: 'MONOLITH_DATABASE_URL',
  redis: 'REDIS_URL',
  acquirer: 'ACQUIRER_URL',
  smtp: 'SMTP_URL',
  mail: 'SMTP_URL',
};

/** Reads options and environment; gives a frozen configuration, or everything that is wrong with it. */
export function parseStackConfig(
  argv: string[],
  env: Environment,
  { root, nowMs, carveOuts = [], queues = [] }: ConfigSources,
): ParsedConfig {
  const options = parseOptions(argv, carveOuts);
  if (typeof options === 'string') return { kind: 'usage', message: options };
  if (options.help) return { kind: 'help' };

  const faults: string[] = [];
  const replaced = {
    monolithDatabaseUrl: readUrl(env, 'MONOLITH_DATABASE_URL', ['postgres:', 'postgresql:'], faults),
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], faults),
    queueRedisUrl: readUrl(env, 'QUEUE_REDIS_URL', ['redis:', 'rediss:'], faults),
    acquirerUrl: readUrl(env, 'ACQUIRER_URL', ['http:', 'https:'], faults),
    smtpUrl: readUrl(env, 'SMTP_URL', ['smtp:', 'smtps:'], faults),
  };
  const services = carveOuts.map((carveOut) =>
    readWish(carveOut, options, env, replaced.monolithDatabaseUrl !== null, faults),
  );
  const ports = readPorts(env, services, queues, faults);
  for (const [name, url] of [
    ['MONOLITH_DATABASE_URL', replaced.monolithDatabaseUrl] as const,
    ...services.map(
      ({ carveOut, givenDatabaseUrl }) => [databaseVariable(carveOut), givenDatabaseUrl] as const,
    ),
  ]) {
    if (!options.fresh || url === null) continue;
    faults.push(
      `--fresh drops the embedded databases only, and ${name} names another one: empty that yourself`,
    );
  }
  const config: StackConfig = {
    root,
    dataDir: readFolder(env.STACK_DATA_DIR || '.data', root),
    fresh: options.fresh,
    seedDate: readDate(env, 'SEED_DATE', faults),
    seedScale: readScale(env, faults),
    ...ports,
    services,
    queues,
    replaced: Object.freeze(replaced),
    startedAtMs: Number(env.STACK_STARTED_AT) || nowMs,
  };
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'config', config: Object.freeze(config) };
}

function parseOptions(argv: string[], carveOuts: readonly StackCarveOut[]): Options | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        service: { type: 'string', multiple: true, default: [] },
        'with-services': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return serviceFault(values.service, carveOuts) ?? values;
  } catch (error) {
    // Node's sentence names the option; what follows it is advice for other programs.
    return `${(error as Error).message.split('. ')[0]}.`;
  }
}

function serviceFault(asked: readonly string[], carveOuts: readonly StackCarveOut[]): string | null {
  if (asked.includes(NONE) && asked.some((name) => name !== NONE)) {
    return `--service ${NONE} goes with no other --service.`;
  }
  const known = carveOuts.map(({ name }) => name);
  const unknown = asked.filter((name) => name !== NONE && !known.includes(name));
  if (unknown.length === 0) return null;
  return `--service ${unknown.join(', ')}: must be one of ${[...known, NONE].join(', ')}.`;
}

const databaseVariable = ({ prefix }: StackCarveOut): string => `${prefix}_DATABASE_URL`;

function readWish(
  carveOut: StackCarveOut,
  options: Options,
  env: Environment,
  isMonolithElsewhere: boolean,
  faults: string[],
): CarveOutWish {
  const variable = databaseVariable(carveOut);
  const owner = options.service.includes(carveOut.name) ? 'service' : 'monolith';
  const runs = owner === 'service' || options['with-services'];
  const givenDatabaseUrl = readUrl(env, variable, ['postgres:', 'postgresql:'], faults);
  if (runs && isMonolithElsewhere && givenDatabaseUrl === null) {
    faults.push(`${variable} must be set where MONOLITH_DATABASE_URL is: the stack runs no Postgres then`);
  }
  return { carveOut, runs, owner, givenDatabaseUrl };
}

function readPorts(
  env: Environment,
  services: readonly CarveOutWish[],
  queues: readonly Queue[],
  faults: string[],
): Pick<StackConfig, 'ports' | 'portSettings'> {
  const offset = readInteger(env, 'STACK_PORT_OFFSET', 0, PORT_MAX, faults) ?? 0;
  const table = portTable(services.map(({ carveOut }) => carveOut));
  const given = new Map(
    [...table].map(([name, { variable }]) => [name, readInteger(env, variable, 0, PORT_MAX, faults)]),
  );
  const settings: PortSettings = { table, given, offset };
  const used = portsInUse(table, services, queues).filter((name) => !env[REPLACED_BY[name] ?? '']);
  const placed = placePorts(settings, used);
  faults.push(...placed.faults);
  return { ports: Object.freeze(placed.ports), portSettings: settings };
}

/** A service and its relay have ports when it runs, and the monolith's seam and relay when any does. */
function portsInUse(
  table: PortTable,
  services: readonly CarveOutWish[],
  queues: readonly Queue[],
): PortName[] {
  const running = services.filter(({ runs }) => runs).map(({ carveOut }) => carveOut.name);
  const relays = sourcesOf(running, queues).map(relayPortName);
  const others = services.map(({ carveOut }) => carveOut.name);
  const idle: PortName[] = others.filter((name) => !running.includes(name)).map(servicePortName);
  if (running.length === 0) idle.push('seam');
  for (const source of ['monolith', ...others]) {
    const name = relayPortName(source);
    if (!relays.includes(name)) idle.push(name);
  }
  return [...table.keys()].filter((name) => !idle.includes(name));
}

/** The outboxes from which something may have to be brought to a queue; none where no service runs. */
export function sourcesOf(running: readonly string[], queues: readonly Queue[]): string[] {
  if (running.length === 0) return [];
  return ['monolith', ...running].filter((source) => routesOf(queues, source) !== null);
}

/** The ports that a configuration makes the stack listen on. */
export function ownPorts({ portSettings, services, queues, replaced }: StackConfig): PortName[] {
  const isReplaced: Partial<Record<PortName, boolean>> = {
    postgres: replaced.monolithDatabaseUrl !== null,
    redis: replaced.redisUrl !== null,
    acquirer: replaced.acquirerUrl !== null,
    smtp: replaced.smtpUrl !== null,
    mail: replaced.smtpUrl !== null,
  };
  return portsInUse(portSettings.table, services, queues).filter((name) => !isReplaced[name]);
}

function readInteger(
  env: Environment,
  name: string,
  min: number,
  max: number,
  faults: string[],
): number | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  faults.push(`${name} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`);
  return null;
}

function readUrl(env: Environment, name: string, protocols: string[], faults: string[]): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const rule = `${name} must be a URL that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`;
  if (!URL.canParse(text)) faults.push(`${rule}, got something that is no URL`);
  else if (!protocols.includes(new URL(text).protocol)) faults.push(`${rule}, got ${maskPassword(text)}`);
  return text;
}

function readDate(env: Environment, name: string, faults: string[]): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const time = Date.parse(`${text}T00:00:00Z`);
  const exists = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time);
  if (exists && new Date(time).toISOString().startsWith(text)) return text;
  faults.push(`${name} must be a date such as 2026-11-22, got ${JSON.stringify(text)}`);
  return null;
}

/** Not for people: tests of the runner itself have no use for 50,000 bookings. */
function readScale(env: Environment, faults: string[]): SeedScale {
  const text = env.STACK_SEED_SCALE || 'full';
  const scale = SEED_SCALES.find((each) => each === text);
  if (!scale) {
    faults.push(`STACK_SEED_SCALE must be one of ${SEED_SCALES.join(', ')}, got ${JSON.stringify(text)}`);
  }
  return scale ?? 'full';
}

function readFolder(path: string, root: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

export function maskPassword(text: string): string {
  const url = new URL(text);
  if (url.password) url.password = '***';
  return url.href;
}
