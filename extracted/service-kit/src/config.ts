import { parseIdentityKeys } from './identity-keys.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration was refused; `faults` holds every fault, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** Reads one variable: a value, or the rule it breaks (with what was got, unless that is secret). */
export type Field<T> = {
  readonly variable: string;
  read(text: string | undefined): { readonly value: T } | { readonly fault: string };
};
export type Fields = Readonly<Record<string, Field<unknown>>>;
export type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** Reads the environment. An empty variable is one that is not set. Throws a `ConfigError` with all faults. */
export function readServiceConfig<F extends Fields>(env: Environment, fields: F): ValuesOf<F> {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const result = field.read(env[field.variable] || undefined);
    if ('fault' in result) faults.push(`${field.variable} ${result.fault}`);
    else values[name] = result.value;
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(values) as ValuesOf<F>;
}

export function integer(
  variable: string,
  { fallback, min, max }: { readonly fallback?: number; readonly min: number; readonly max: number },
): Field<number> {
  const rule = `must be an integer from ${min} to ${max}`;
  return fieldOf<number>(variable, rule, fallback, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? { value } : { fault: `${rule}, got ${JSON.stringify(text)}` };
  });
}

export function text(variable: string, { fallback }: { readonly fallback?: string } = {}): Field<string> {
  return fieldOf<string>(variable, 'must be set', fallback, (value) => ({ value }));
}

/** Never shown, not even in a fault. ASCII without blanks, so that it can travel in a header. */
export function secret(variable: string, { minLength }: { readonly minLength: number }): Field<string> {
  const rule = `must have at least ${minLength} characters, ASCII without blanks`;
  return fieldOf<string>(variable, rule, undefined, (value) =>
    value.length >= minLength && /^[!-~]+$/.test(value)
      ? { value }
      : { fault: `${rule}, got ${value.length} characters (not shown)` },
  );
}

export function oneOf<const T extends readonly string[]>(
  variable: string,
  values: T,
  { fallback }: { readonly fallback?: T[number] } = {},
): Field<T[number]> {
  const rule = `must be one of ${values.join(', ')}`;
  return fieldOf<T[number]>(variable, rule, fallback, (value) =>
    values.includes(value) ? { value } : { fault: `${rule}, got ${JSON.stringify(value)}` },
  );
}

export function url(
  variable: string,
  { protocols, fallback }: { readonly protocols: readonly string[]; readonly fallback?: string },
): Field<string> {
  const rule = `must be a URL that starts with ${protocols.map((each) => `${each}//`).join(' or ')}`;
  return fieldOf<string>(variable, rule, fallback, (value) => {
    if (!URL.canParse(value)) return { fault: `${rule}, got something that is no URL` };
    if (protocols.includes(new URL(value).protocol)) return { value };
    return { fault: `${rule}, got ${maskUrl(value)}` };
  });
}

/** host:port, or a name in one of the schemes of gRPC's naming. */
export function target(variable: string, { fallback }: { readonly fallback?: string } = {}): Field<string> {
  const rule = 'must be host:port, or a gRPC target such as dns:///host:port';
  return fieldOf<string>(variable, rule, fallback, (value) => {
    const isTarget = /^((dns|ipv4|ipv6|unix):\S+|[^\s/:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})$/.test(value);
    return isTarget ? { value } : { fault: `${rule}, got ${JSON.stringify(value)}` };
  });
}

/** Null where the variable is not set. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    variable: field.variable,
    read: (value) => (value === undefined ? { value: null } : field.read(value)),
  };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
const POSTGRES = { protocols: ['postgres:', 'postgresql:'] } as const;
const MINUTE_MS = 60_000;
const MEBIBYTE = 1_048_576;

/** What every service is told. The names of `prefix` are its own, the others are shared by all. */
export function serviceFields({ prefix, port }: { readonly prefix: string; readonly port: number }) {
  return {
    host: text(`${prefix}_HOST`, { fallback: '127.0.0.1' }),
    /** 0 picks a free one. */
    port: integer(`${prefix}_PORT`, { fallback: port, min: 0, max: 65_535 }),
    databaseUrl: url(`${prefix}_DATABASE_URL`, POSTGRES),
    /** The monolith's, by a role that may read this service's views and nothing else. */
    sharedDatabaseUrl: optional(url(`${prefix}_SHARED_DATABASE_URL`, POSTGRES)),
    identityKeys: identityKeysField('BANYAN_IDENTITY_KEYS'),
    serviceToken: secret('SERVICE_TOKEN', { minLength: 16 }),
    drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', { fallback: 30_000, min: 0, max: 10 * MINUTE_MS }),
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, { fallback: 'info' }),
    /** Null: no listener for operators; 0 picks a free port. */
    metricsPort: optional(integer(`${prefix}_METRICS_PORT`, { min: 0, max: 65_535 })),
    statementTimeoutMs: integer('STATEMENT_TIMEOUT_MS', { fallback: 10_000, min: 10, max: 10 * MINUTE_MS }),
    lockTimeoutMs: integer('LOCK_TIMEOUT_MS', { fallback: 5_000, min: 10, max: 10 * MINUTE_MS }),
    poolMax: integer('DATABASE_POOL_MAX', { fallback: 10, min: 2, max: 500 }),
    messageBytesMax: integer('MESSAGE_BYTES_MAX', {
      fallback: 4 * MEBIBYTE,
      min: 65_536,
      max: 64 * MEBIBYTE,
    }),
  };
}

/** The text for `createIdentityKeys`. A file is read there, for it may change. */
function identityKeysField(variable: string): Field<string> {
  return fieldOf<string>(variable, 'must be a list of kid:base64url-secret, or @file', undefined, (value) => {
    if (value.startsWith('@')) return { value };
    try {
      parseIdentityKeys(value);
      return { value };
    } catch (error) {
      return { fault: (error as Error).message };
    }
  });
}

export function fieldOf<T>(
  variable: string,
  rule: string,
  fallback: T | undefined,
  read: (value: string) => { readonly value: T } | { readonly fault: string },
): Field<T> {
  return {
    variable,
    read(value) {
      if (value !== undefined) return read(value);
      return fallback === undefined ? { fault: `${rule}, got nothing` } : { value: fallback };
    },
  };
}

function maskUrl(value: string): string {
  const parsed = new URL(value);
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}
