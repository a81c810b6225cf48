import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PORT_NAMES, PORTS, type PortName, type Ports } from './ports/ports.ts';
import { type GivenPorts, PORT_MAX, placePorts } from './ports/read-ports.ts';

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
  /** What the variables of single ports say, and the offset of the others. */
  givenPorts: GivenPorts;
  portOffset: number;
  /** What replaces a part that the stack would otherwise run by itself. */
  replaced: Readonly<{
    monolithDatabaseUrl: string | null;
    redisUrl: string | null;
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

type PortSettings = Pick<StackConfig, 'ports' | 'givenPorts' | 'portOffset'>;

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
  { root, nowMs }: { root: string; nowMs: number },
): ParsedConfig {
  const options = parseOptions(argv);
  if (typeof options === 'string') return { kind: 'usage', message: options };
  if (options.help) return { kind: 'help' };

  const faults: string[] = [];
  const replaced = {
    monolithDatabaseUrl: readUrl(env, 'MONOLITH_DATABASE_URL', ['postgres:', 'postgresql:'], faults),
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], faults),
    acquirerUrl: readUrl(env, 'ACQUIRER_URL', ['http:', 'https:'], faults),
    smtpUrl: readUrl(env, 'SMTP_URL', ['smtp:', 'smtps:'], faults),
  };
  const ports = readPorts(env, faults);
  if (options.fresh && replaced.monolithDatabaseUrl !== null) {
    faults.push(
      '--fresh drops the embedded database only, and MONOLITH_DATABASE_URL names another one: empty that yourself',
    );
  }
  const config: StackConfig = {
    root,
    dataDir: readFolder(env.STACK_DATA_DIR || '.data', root),
    fresh: options.fresh,
    seedDate: readDate(env, 'SEED_DATE', faults),
    seedScale: readScale(env, faults),
    ...ports,
    replaced: Object.freeze(replaced),
    startedAtMs: Number(env.STACK_STARTED_AT) || nowMs,
  };
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'config', config: Object.freeze(config) };
}

function parseOptions(argv: string[]): { fresh: boolean; help: boolean } | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    // Node's sentence names the option; what follows it is advice for other programs.
    return `${(error as Error).message.split('. ')[0]}.`;
  }
}

function readPorts(env: Environment, faults: string[]): PortSettings {
  const portOffset = readInteger(env, 'STACK_PORT_OFFSET', 0, PORT_MAX, faults) ?? 0;
  const entries = PORT_NAMES.map((name) => [
    name,
    readInteger(env, PORTS[name].variable, 0, PORT_MAX, faults),
  ]);
  const givenPorts = Object.fromEntries(entries) as GivenPorts;
  const used = PORT_NAMES.filter((name) => !env[REPLACED_BY[name] ?? '']);
  const placed = placePorts(givenPorts, portOffset, used);
  faults.push(...placed.faults);
  return { ports: Object.freeze(placed.ports), givenPorts: Object.freeze(givenPorts), portOffset };
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
