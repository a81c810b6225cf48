import { isIP } from 'node:net';
import { readKeysText } from '../keys/keys-text.ts';
import { namedTokens } from './named-tokens.ts';

/** An environment variable of the gateway. `docs/configuration.md` shows the same table; a test holds them together. */
export type Variable<T> = {
  /** As it is written in the environment; none means that the variable has no default. */
  readonly default?: string;
  readonly unit?: 'ms' | 'bytes' | 'port' | 'address' | 'URL' | 'path' | 'list' | 'secret';
  readonly about: string;
  readonly read: ReadText<T>;
};

/** The value of a text, or what is wrong with it. Plain, since every start reads every variable. */
export type ReadText<T> = (text: string) => { readonly value: T } | { readonly faults: readonly string[] };

const MS_MAX = 2_147_483_647; // what a timer of Node can hold
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export const VARIABLES = {
  PORT: {
    default: '8080',
    unit: 'port',
    about: 'Public port. 0 picks a free one and logs it.',
    read: port(),
  },
  HOST: { default: '127.0.0.1', unit: 'address', about: 'Address of the public port.', read: host() },
  ADMIN_PORT: {
    default: '8081',
    unit: 'port',
    about: 'Admin port: health, metrics, the contract, the admin API. 0 picks a free one and logs it.',
    read: port(),
  },
  ADMIN_HOST: { default: '127.0.0.1', unit: 'address', about: 'Address of the admin port.', read: host() },
  MONOLITH_URL: {
    unit: 'URL',
    about: 'The monolith: http or https, host, port. Wins over `monolith` of the configuration file.',
    read: (text) => valueUnless(monolithUrlFaults(text), text),
  },
  MONOLITH_CA: {
    unit: 'path',
    about:
      "PEM file of the authorities that may sign an https monolith's certificate, instead of the system's.",
    read: (text) => ({ value: text }),
  },
  BANYAN_CONFIG: {
    unit: 'path',
    about: 'Configuration file, or `none`. See below for what is used when it is not set.',
    read: (text) => ({ value: text }),
  },
  BANYAN_ADMIN_TOKEN: {
    unit: 'secret',
    about:
      'Bearer token of operators for the admin API, or `name=token` separated by commas: the audit says the name, `operator` where there is none. With neither variable, whoever reaches the port may read, and nobody may write.',
    read: namedTokens('operator'),
  },
  BANYAN_VIEWER_TOKEN: {
    unit: 'secret',
    about:
      'Bearer token for those who may only read the admin API, or several with names, as those of operators.',
    read: namedTokens('viewer'),
  },
  BANYAN_DATA_DIR: {
    unit: 'path',
    about:
      "Folder of the gateway's own files: who owned what before a restart, flags, kills, and its compiled code, which makes its next start quicker. Without it `.data/gateway-<PORT>`, and the code elsewhere.",
    read: (text) => ({ value: text }),
  },
  BANYAN_IDENTITY_KEYS: {
    unit: 'secret',
    about:
      'Keys that sign who is calling for the services: `kid:base64url-secret` of at least 32 bytes, separated by commas, the first signs; or `@` and the path of a file of them. Needed where something is carved out.',
    read: readKeysText,
  },
  BANYAN_OVERRIDE_KEYS: {
    unit: 'secret',
    about:
      'Keys that sign overrides, written as those of identities are; the first signs, all verify. Without them overrides pass as any header or cookie.',
    read: readKeysText,
  },
  REDIS_URL: {
    unit: 'URL',
    about:
      'Redis, where all replicas keep their flags and tell each other of log-outs. Without it flags are kept in `<BANYAN_DATA_DIR>/flags.json`, for one replica.',
    read: redisUrl(),
  },
  QUEUE_REDIS_URL: {
    unit: 'URL',
    about:
      'Redis of the queues that the configuration file names, for operators to look into them. Without it `REDIS_URL`.',
    read: redisUrl(),
  },
  QUEUE_PREFIX: {
    default: 'banyan',
    about: 'What the keys of the queues begin with: of relays, services, monolith and gateway the same.',
    read: (text) =>
      valueUnless(
        /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(text)
          ? []
          : ['must be up to 63 letters, digits, dashes and underlines'],
        text,
      ),
  },
  TRUSTED_PROXIES: {
    default: '',
    unit: 'list',
    about: 'Addresses or networks, separated by commas, whose forwarding headers are believed.',
    read: addressList(),
  },
  FORWARDED_HEADERS: {
    default: 'on',
    about:
      '`on`: X-Forwarded-For, -Proto and -Host are written for the monolith. `off`: they pass untouched.',
    read: switched(),
  },
  REQUEST_HEAD_TIMEOUT_MS: {
    default: '10000',
    unit: 'ms',
    about: 'Time for a client to send the head of a request; then 408.',
    read: milliseconds(),
  },
  REQUEST_HEAD_BYTES_MAX: {
    default: '65536',
    unit: 'bytes',
    about: 'Size of the head of a request, its target included; more is 431.',
    read: wholeNumber(16_384, 1_048_576),
  },
  CLIENT_IDLE_TIMEOUT_MS: {
    default: '65000',
    unit: 'ms',
    about: 'How long a kept-alive client connection may wait for its next request.',
    read: milliseconds(),
  },
  CLIENT_CONNECTIONS_MAX: {
    default: '20000',
    about:
      'Client connections at once; more are closed as they come. Each needs one to the monolith at most.',
    read: wholeNumber(1, 1_000_000),
  },
  CLIENT_HELD_BYTES_MAX: {
    default: '268435456',
    unit: 'bytes',
    about:
      'What all clients together may have the gateway keep: unfinished heads, bodies and answers that nobody takes. Beyond it, clients for whom more than 16 KB is kept get 503 or are cut off.',
    read: wholeNumber(1_048_576, Number.MAX_SAFE_INTEGER),
  },
  BODY_IDLE_TIMEOUT_MS: {
    default: '60000',
    unit: 'ms',
    about: 'How long an upload may pause while the monolith would take more; then 408.',
    read: milliseconds(),
  },
  STALL_TIMEOUT_MS: {
    default: '600000',
    unit: 'ms',
    about: 'How long a peer may take nothing of what there is for it, before its connection is closed.',
    read: milliseconds(),
  },
  CONNECT_TIMEOUT_MS: {
    default: '2000',
    unit: 'ms',
    about: 'Time to connect to the monolith, TLS included; then 502.',
    read: milliseconds(),
  },
  FIRST_BYTE_TIMEOUT_MS: {
    default: '600000',
    unit: 'ms',
    about:
      'Time without progress until the response begins; then 504. A response that has begun has no limit.',
    read: milliseconds(),
  },
  UPSTREAM_REUSE_IDLE_MS: {
    default: '1000',
    unit: 'ms',
    about:
      'A request that may not be repeated goes only on a connection to the monolith that is new or was idle for less.',
    read: milliseconds(),
  },
  TCP_KEEP_ALIVE_MS: {
    default: '60000',
    unit: 'ms',
    about: 'Idle time before TCP keep-alive probes, on both sides.',
    read: wholeNumber(1_000, MS_MAX),
  },
  MONOLITH_CHECK_INTERVAL_MS: {
    default: '5000',
    unit: 'ms',
    about: 'How often a TCP connection is tried, to say in `/readyz` whether the monolith can be reached.',
    read: wholeNumber(100, MS_MAX),
  },
  DRAIN_DELAY_MS: {
    default: '0',
    unit: 'ms',
    about:
      'How long a stopping gateway still accepts connections, so that a load balancer can take it out first.',
    read: wholeNumber(0, 3_600_000),
  },
  DRAIN_TIMEOUT_MS: {
    default: '30000',
    unit: 'ms',
    about: 'How long a stopping gateway waits for requests under way before it cuts them off.',
    read: wholeNumber(0, MS_MAX),
  },
  LOG_LEVEL: {
    default: 'info',
    about: `\`${LOG_LEVELS.join('`, `')}\`. Requests are logged at \`info\`.`,
    read: oneOf(LOG_LEVELS),
  },
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof VARIABLES;

/**
 * Names of the product that other processes read: the command line tool, the tests, the stack, compose. They may
 * stand in the same environment; any other unknown name that begins with BANYAN_ is misspelt, and a fault.
 */
export const FOREIGN_VARIABLES: readonly RegExp[] = [
  /^BANYAN_ADMIN_URL$/,
  /^BANYAN_TEST_/,
  /^BANYAN_CHROMIUM$/,
  /^BANYAN_(BIND|FRONT_SUBNET)$/,
];

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

function valueUnless<T>(faults: readonly string[], value: T): ReturnType<ReadText<T>> {
  return faults.length > 0 ? { faults } : { value };
}

function port(): ReadText<number> {
  return wholeNumber(0, 65_535);
}

function milliseconds(): ReadText<number> {
  return wholeNumber(1, MS_MAX);
}

function wholeNumber(min: number, max: number): ReadText<number> {
  const fault = `must be a whole number from ${min} to ${max}`;
  return (text) => {
    const value = Number(text);
    return /^\d{1,10}$/.test(text) && value >= min && value <= max ? { value } : { faults: [fault] };
  };
}

function redisUrl(): ReadText<string> {
  return (text) =>
    valueUnless(
      /^rediss?:\/\/./.test(text) && URL.canParse(text)
        ? []
        : ['must be a URL such as redis://127.0.0.1:6379'],
      text,
    );
}

function switched(): ReadText<boolean> {
  return (text) =>
    text === 'on' || text === 'off' ? { value: text === 'on' } : { faults: ['must be `on` or `off`'] };
}

function oneOf<const T extends string>(values: readonly T[]): ReadText<T> {
  return (text) => {
    const value = values.find((each) => each === text);
    return value === undefined ? { faults: [`must be one of ${values.join(', ')}`] } : { value };
  };
}

function host(): ReadText<string> {
  return (text) => {
    const isHost = /^[0-9A-Za-z:.%_-]+$/.test(text) && (!text.includes(':') || isIP(text) === 6);
    return isHost ? { value: text } : { faults: ['must be an address or a host name, without a port'] };
  };
}

function addressList(): ReadText<readonly string[]> {
  return (text) => {
    const entries = text.split(',').flatMap((entry) => entry.trim() || []);
    const faults = entries
      .filter((entry) => !isAddressOrNetwork(entry))
      .map(
        (entry) =>
          `must be addresses or networks such as 10.0.0.0/8, separated by commas; ${JSON.stringify(entry)} is none`,
      );
    return valueUnless(faults, entries);
  };
}

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
