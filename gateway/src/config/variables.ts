import { isIP } from 'node:net';
import { z } from 'zod';

/** An environment variable of the gateway. `docs/configuration.md` shows the same table; a test holds them together. */
export type Variable<T> = {
  /** As it is written in the environment; none means that the variable has no default. */
  readonly default?: string;
  readonly unit?: 'ms' | 'bytes' | 'port' | 'address' | 'URL' | 'path' | 'list';
  readonly about: string;
  readonly schema: z.ZodType<T, string>;
};

const MS_MAX = 2_147_483_647; // what a timer of Node can hold
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export const VARIABLES = {
  PORT: {
    default: '8080',
    unit: 'port',
    about: 'Public port. 0 picks a free one and logs it.',
    schema: port(),
  },
  HOST: { default: '127.0.0.1', unit: 'address', about: 'Address of the public port.', schema: host() },
  ADMIN_PORT: {
    default: '8081',
    unit: 'port',
    about: 'Admin port: health, metrics, the contract. 0 picks a free one and logs it.',
    schema: port(),
  },
  ADMIN_HOST: { default: '127.0.0.1', unit: 'address', about: 'Address of the admin port.', schema: host() },
  MONOLITH_URL: {
    unit: 'URL',
    about: 'The monolith: http or https, host, port. Wins over `monolith` of the configuration file.',
    schema: z.string().superRefine((text, context) => {
      for (const message of monolithUrlFaults(text)) context.addIssue({ code: 'custom', message });
    }),
  },
  MONOLITH_CA: {
    unit: 'path',
    about:
      "PEM file of the authorities that may sign an https monolith's certificate, instead of the system's.",
    schema: z.string().min(1, 'must be the path of a PEM file'),
  },
  BANYAN_CONFIG: {
    unit: 'path',
    about: 'Configuration file, or `none`. See below for what is used when it is not set.',
    schema: z.string().min(1, 'must be a path or `none`'),
  },
  TRUSTED_PROXIES: {
    default: '',
    unit: 'list',
    about: 'Addresses or networks, separated by commas, whose forwarding headers are believed.',
    schema: addressList(),
  },
  FORWARDED_HEADERS: {
    default: 'on',
    about:
      '`on`: X-Forwarded-For, -Proto and -Host are written for the monolith. `off`: they pass untouched.',
    schema: z.enum(['on', 'off'], 'must be `on` or `off`').transform((value) => value === 'on'),
  },
  REQUEST_HEAD_TIMEOUT_MS: {
    default: '10000',
    unit: 'ms',
    about: 'Time for a client to send the head of a request; then 408.',
    schema: milliseconds(),
  },
  REQUEST_HEAD_BYTES_MAX: {
    default: '65536',
    unit: 'bytes',
    about: 'Size of the head of a request, its target included; more is 431.',
    schema: wholeNumber(16_384, 1_048_576),
  },
  CLIENT_IDLE_TIMEOUT_MS: {
    default: '65000',
    unit: 'ms',
    about: 'How long a kept-alive client connection may wait for its next request.',
    schema: milliseconds(),
  },
  CLIENT_CONNECTIONS_MAX: {
    default: '20000',
    about:
      'Client connections at once; more are closed as they come. Each needs one to the monolith at most.',
    schema: wholeNumber(1, 1_000_000),
  },
  BODY_IDLE_TIMEOUT_MS: {
    default: '60000',
    unit: 'ms',
    about: 'How long an upload may pause while the monolith would take more; then 408.',
    schema: milliseconds(),
  },
  STALL_TIMEOUT_MS: {
    default: '600000',
    unit: 'ms',
    about: 'How long a peer may take nothing of what there is for it, before its connection is closed.',
    schema: milliseconds(),
  },
  CONNECT_TIMEOUT_MS: {
    default: '2000',
    unit: 'ms',
    about: 'Time to connect to the monolith, TLS included; then 502.',
    schema: milliseconds(),
  },
  FIRST_BYTE_TIMEOUT_MS: {
    default: '600000',
    unit: 'ms',
    about:
      'Time without progress until the response begins; then 504. A response that has begun has no limit.',
    schema: milliseconds(),
  },
  UPSTREAM_REUSE_IDLE_MS: {
    default: '1000',
    unit: 'ms',
    about:
      'A request that may not be repeated goes only on a connection to the monolith that is new or was idle for less.',
    schema: milliseconds(),
  },
  TCP_KEEP_ALIVE_MS: {
    default: '60000',
    unit: 'ms',
    about: 'Idle time before TCP keep-alive probes, on both sides.',
    schema: wholeNumber(1_000, MS_MAX),
  },
  MONOLITH_CHECK_INTERVAL_MS: {
    default: '5000',
    unit: 'ms',
    about: 'How often a TCP connection is tried, to say in `/readyz` whether the monolith can be reached.',
    schema: wholeNumber(100, MS_MAX),
  },
  DRAIN_TIMEOUT_MS: {
    default: '30000',
    unit: 'ms',
    about: 'How long a stopping gateway waits for requests under way before it cuts them off.',
    schema: wholeNumber(0, MS_MAX),
  },
  LOG_LEVEL: {
    default: 'info',
    about: `\`${LOG_LEVELS.join('`, `')}\`. Requests are logged at \`info\`.`,
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  },
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof VARIABLES;

/**
 * Names of the product that other processes read. They may stand in the same environment; any other unknown
 * name that begins with BANYAN_ is a misspelt or unbuilt setting, and a fault.
 */
export const FOREIGN_VARIABLES: readonly RegExp[] = [/^BANYAN_ADMIN_URL$/, /^BANYAN_TEST_/];

/** What is wrong with a base URL of the monolith; nothing, if it is right. */
export function monolithUrlFaults(text: string): string[] {
  if (!URL.canParse(text)) return ['must be a URL such as http://127.0.0.1:3000'];
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return ['must begin with http:// or https://'];
  const faults = [];
  if (url.username !== '' || url.password !== '') faults.push('must hold no user name and no password');
  if (url.pathname !== '/') faults.push('must hold no path: requests keep their own');
  if (url.search !== '' || url.hash !== '') faults.push('must hold no query and no fragment');
  return faults;
}

function port() {
  return wholeNumber(0, 65_535);
}

function milliseconds() {
  return wholeNumber(1, MS_MAX);
}

function wholeNumber(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule);
}

function host() {
  return z
    .string()
    .regex(/^[0-9A-Za-z:.%_-]+$/, 'must be an address or a host name, without a port')
    .refine(
      (text) => !text.includes(':') || isIP(text) === 6,
      'must be an address or a host name, without a port',
    );
}

function addressList() {
  return z.string().transform((text, context) => {
    const entries = text.split(',').flatMap((entry) => entry.trim() || []);
    for (const entry of entries) {
      if (!isAddressOrNetwork(entry)) {
        context.addIssue({
          code: 'custom',
          message: `must be addresses or networks such as 10.0.0.0/8, separated by commas; ${JSON.stringify(entry)} is none`,
        });
      }
    }
    return entries as readonly string[];
  });
}

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
