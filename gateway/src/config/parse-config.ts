import { findIdentityFaults } from '../identity/identity-settings.ts';
import { findOverlaps } from '../routing/overlaps.ts';
import { findCarveOutFaults, readTargets } from './carve-outs.ts';
import type { ContractConfig, GatewayConfig } from './config.ts';
import type { ConfigFile, ParsedConfigFile } from './config-file.ts';
import { type ConfigFault, showValue } from './fault.ts';
import { FOREIGN_VARIABLES, VARIABLES, type VariableName } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type VariableValues = {
  [N in VariableName]:
    | Extract<ReturnType<(typeof VARIABLES)[N]['read']>, { value: unknown }>['value']
    | undefined;
};

/** What the outside world gave, read but not judged. */
export type ConfigSources = {
  readonly env: Environment;
  /** The configuration file, parsed by itself; absent where no file is used. */
  readonly configFile?: ParsedConfigFile;
  readonly configFileName?: string;
  /** What reading the files that are named already found wrong. */
  readonly faults?: readonly ConfigFault[];
  readonly monolithCa?: string;
  readonly contract?: Omit<ContractConfig, 'matching'>;
  readonly notes?: readonly string[];
};

export type ParsedConfig =
  | { readonly ok: true; readonly config: GatewayConfig }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/** Pure: the configuration as one frozen value, or every fault of every source at once. */
export function parseConfig(sources: ConfigSources): ParsedConfig {
  const { values, faults: variableFaults } = parseVariables(sources.env);
  const { file, faults: fileFaults = [] } = sources.configFile ?? {};
  const faults = [
    ...variableFaults,
    ...fileFaults,
    ...(sources.faults ?? []),
    ...crossFaults(sources, values, file),
  ];
  const url = values.MONOLITH_URL ?? file?.monolith;
  if (faults.length > 0 || url === undefined) return { ok: false, faults };
  return { ok: true, config: deepFreeze(assemble(sources, values, file, url)) };
}

/** Reads every variable of the environment that is the gateway's. A variable set to nothing counts as not set. */
export function parseVariables(env: Environment): {
  readonly values: VariableValues;
  readonly faults: readonly ConfigFault[];
} {
  const faults: ConfigFault[] = [];
  const values = {} as Record<VariableName, unknown>;
  for (const name of Object.keys(VARIABLES) as VariableName[]) {
    const variable: (typeof VARIABLES)[VariableName] & { readonly default?: string } = VARIABLES[name];
    const text = env[name] || variable.default;
    if (text === undefined) continue;
    const read = variable.read(text);
    if ('value' in read) values[name] = read.value;
    else for (const rule of read.faults) faults.push({ name, rule, got: showValue(name, text) });
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith('BANYAN_') || env[name] === undefined || name in VARIABLES) continue;
    if (FOREIGN_VARIABLES.some((pattern) => pattern.test(name))) continue;
    faults.push({ name, rule: 'is no variable of this gateway' });
  }
  return { values: values as VariableValues, faults };
}

/** What no single value shows. */
function crossFaults(
  sources: ConfigSources,
  values: VariableValues,
  file: ConfigFile | undefined,
): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const given = sources.env.MONOLITH_URL;
  if (!given && !sources.configFile && !sources.faults?.length) {
    faults.push({
      name: 'MONOLITH_URL',
      rule: 'must be set to the URL of the monolith, such as http://127.0.0.1:3000, where no configuration file names it',
    });
  }
  const url = values.MONOLITH_URL ?? file?.monolith;
  if (values.MONOLITH_CA !== undefined && url !== undefined && new URL(url).protocol !== 'https:') {
    faults.push({
      name: 'MONOLITH_CA',
      rule: 'has no effect on a monolith that is not https',
      got: showValue('', url),
    });
  }
  if (values.PORT !== undefined && values.PORT !== 0 && values.PORT === values.ADMIN_PORT) {
    faults.push({
      name: 'ADMIN_PORT',
      rule: 'must differ from PORT',
      got: showValue('', String(values.ADMIN_PORT)),
    });
  }
  const { BANYAN_ADMIN_TOKEN: operators = [], BANYAN_VIEWER_TOKEN: viewers = [] } = values;
  const isShared = operators.some(({ name, token }) =>
    viewers.some((viewer) => viewer.name === name || viewer.token === token),
  );
  if (isShared) {
    faults.push({
      name: 'BANYAN_VIEWER_TOKEN',
      rule: 'must differ from BANYAN_ADMIN_TOKEN, in tokens and names',
    });
  }
  if (
    values.BANYAN_OVERRIDE_KEYS !== undefined &&
    values.BANYAN_OVERRIDE_KEYS === values.BANYAN_IDENTITY_KEYS
  ) {
    faults.push({ name: 'BANYAN_OVERRIDE_KEYS', rule: 'must differ from BANYAN_IDENTITY_KEYS' });
  }
  return [...faults, ...overlapFaults(sources, file), ...carveOutFaults(sources, values, file)];
}

function overlapFaults(sources: ConfigSources, file: ConfigFile | undefined): ConfigFault[] {
  if (!sources.contract || !file) return [];
  const { operations, file: name } = sources.contract;
  return findOverlaps(operations, file.matching).map(({ first, second, why }) => ({
    name: `${name}: ${first.operationId} (${first.method} ${first.path})`,
    rule: `must not overlap with ${second.operationId} (${second.method} ${second.path}): ${why}`,
  }));
}

function carveOutFaults(
  sources: ConfigSources,
  values: VariableValues,
  file: ConfigFile | undefined,
): ConfigFault[] {
  if (!file) return [];
  const configFile = sources.configFileName ?? 'the configuration file';
  const { targets, faults } = readTargets(file.carveOuts, sources.env);
  return [
    ...faults,
    ...findCarveOutFaults(file.carveOuts, configFile, sources.contract?.operations),
    ...findIdentityFaults({
      activeCarveOuts: targets.map(({ carveOut }) => carveOut.name),
      configFile,
      hasAdapter: file.identity !== undefined,
      hasKeys: values.BANYAN_IDENTITY_KEYS !== undefined,
    }),
  ];
}

function assemble(
  sources: ConfigSources,
  values: VariableValues,
  file: ConfigFile | undefined,
  url: string,
): GatewayConfig {
  // Without faults every variable that has a default has a value.
  const set = values as { [N in VariableName]-?: NonNullable<VariableValues[N]> };
  return {
    listen: { port: set.PORT, host: set.HOST, adminPort: set.ADMIN_PORT, adminHost: set.ADMIN_HOST },
    monolith: {
      url: new URL(url).origin,
      ...(sources.monolithCa === undefined ? {} : { ca: sources.monolithCa }),
    },
    ...(sources.contract && file ? { contract: { ...sources.contract, matching: file.matching } } : {}),
    forwarded: { enabled: set.FORWARDED_HEADERS, trustedProxies: set.TRUSTED_PROXIES },
    limits: {
      requestHeadTimeoutMs: set.REQUEST_HEAD_TIMEOUT_MS,
      requestHeadBytesMax: set.REQUEST_HEAD_BYTES_MAX,
      clientIdleTimeoutMs: set.CLIENT_IDLE_TIMEOUT_MS,
      clientConnectionsMax: set.CLIENT_CONNECTIONS_MAX,
      clientHeldBytesMax: set.CLIENT_HELD_BYTES_MAX,
      bodyIdleTimeoutMs: set.BODY_IDLE_TIMEOUT_MS,
      stallTimeoutMs: set.STALL_TIMEOUT_MS,
      connectTimeoutMs: set.CONNECT_TIMEOUT_MS,
      firstByteTimeoutMs: set.FIRST_BYTE_TIMEOUT_MS,
      upstreamReuseIdleMs: set.UPSTREAM_REUSE_IDLE_MS,
      tcpKeepAliveMs: set.TCP_KEEP_ALIVE_MS,
      monolithCheckIntervalMs: set.MONOLITH_CHECK_INTERVAL_MS,
      drainDelayMs: set.DRAIN_DELAY_MS,
      drainTimeoutMs: set.DRAIN_TIMEOUT_MS,
    },
    logLevel: set.LOG_LEVEL,
    carveOuts: file ? readTargets(file.carveOuts, sources.env).targets : [],
    declaredCarveOuts: file?.carveOuts ?? [],
    ...identityOf(values, file),
    ...(values.BANYAN_OVERRIDE_KEYS === undefined ? {} : { overrideKeys: values.BANYAN_OVERRIDE_KEYS }),
    ...(values.REDIS_URL === undefined ? {} : { redisUrl: values.REDIS_URL }),
    ...queuesOf(set, file),
    dataDir: values.BANYAN_DATA_DIR ?? `.data/gateway-${set.PORT}`,
    tokens: {
      operators: values.BANYAN_ADMIN_TOKEN ?? [],
      viewers: values.BANYAN_VIEWER_TOKEN ?? [],
    },
    notes: sources.notes ?? [],
  };
}

function queuesOf(set: VariableValues, file: ConfigFile | undefined): Pick<GatewayConfig, 'queues'> {
  const redisUrl = set.QUEUE_REDIS_URL ?? set.REDIS_URL;
  const { QUEUE_PREFIX: prefix } = set;
  if (redisUrl === undefined || prefix === undefined || !file?.queues.length) return {};
  return { queues: { redisUrl, prefix, named: file.queues } };
}

function identityOf(values: VariableValues, file: ConfigFile | undefined): Pick<GatewayConfig, 'identity'> {
  const keys = values.BANYAN_IDENTITY_KEYS;
  if (keys === undefined || file?.identity === undefined) return {};
  const redisUrl = values.REDIS_URL;
  return { identity: { adapter: file.identity, keys, ...(redisUrl === undefined ? {} : { redisUrl }) } };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
