import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ParsedConfigFile } from './config-file.ts';
import { type ConfigFault, showValue } from './fault.ts';
import { loadContract } from './load-contract.ts';
import { type ConfigSources, type Environment, type ParsedConfig, parseConfig } from './parse-config.ts';

const DEFAULT_FILE = 'banyan.config.ts';

/** Reads the environment and the files it names, and parses all of it. The edge; the judging is pure. */
export async function loadConfig(env: Environment, folder: string): Promise<ParsedConfig> {
  const faults: ConfigFault[] = [];
  const { found, notes } = await findConfigFile(env, folder, faults);
  const configFile = found && (await parseFound(found));
  const contract = found && (await findContract(found, folder, faults));
  const monolithCa = await readMonolithCa(env, folder, faults);
  await checkKeyFile('BANYAN_IDENTITY_KEYS', env, faults);
  await checkKeyFile('BANYAN_OVERRIDE_KEYS', env, faults);
  return parseConfig({
    env,
    faults,
    notes,
    ...(configFile ? { configFile, configFileName: found?.name ?? DEFAULT_FILE } : {}),
    ...(contract ? { contract } : {}),
    ...(monolithCa === undefined ? {} : { monolithCa }),
  });
}

type FoundFile = { readonly name: string; readonly exported: unknown };

/** The library of its schema is loaded only where there is a file to judge. */
async function parseFound({ exported, name }: FoundFile): Promise<ParsedConfigFile> {
  const { parseConfigFile } = await import('./config-file.ts');
  return parseConfigFile(exported, name);
}

/**
 * A file that is named counts. One that merely lies in the folder counts unless MONOLITH_URL names another
 * monolith than it does: its contract is then about something else.
 */
async function findConfigFile(
  env: Environment,
  folder: string,
  faults: ConfigFault[],
): Promise<{ readonly found?: FoundFile; readonly notes: readonly string[] }> {
  const named = env.BANYAN_CONFIG;
  if (named === 'none') return { notes: [] };
  const path = resolve(folder, named || DEFAULT_FILE);
  if (!existsSync(path)) {
    if (named)
      faults.push({
        name: 'BANYAN_CONFIG',
        rule: 'must name a file that is there',
        got: showValue('', named),
      });
    return { notes: [] };
  }
  const name = relative(folder, path);
  let exported: unknown;
  try {
    exported = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (error) {
    faults.push({ name, rule: `cannot be loaded: ${messageOf(error)}` });
    return { notes: [] };
  }
  if (!named && env.MONOLITH_URL && !namesMonolith(exported, env.MONOLITH_URL)) {
    return {
      notes: [
        `${name} is not used: MONOLITH_URL names another monolith. BANYAN_CONFIG=${name} uses it all the same.`,
      ],
    };
  }
  return { found: { name, exported }, notes: [] };
}

function namesMonolith(exported: unknown, url: string): boolean {
  const { monolith } = (exported ?? {}) as { monolith?: unknown };
  if (typeof monolith !== 'string' || !URL.canParse(monolith) || !URL.canParse(url)) return true;
  return new URL(monolith).origin === new URL(url).origin;
}

async function findContract(
  found: FoundFile,
  folder: string,
  faults: ConfigFault[],
): Promise<ConfigSources['contract']> {
  const { contract } = (found.exported ?? {}) as { contract?: unknown };
  if (typeof contract !== 'string' || contract === '') return undefined;
  const path = resolve(folder, dirname(found.name), contract);
  const loaded = await loadContract(path, relative(folder, path));
  faults.push(...loaded.faults);
  return loaded.contract;
}

async function readMonolithCa(
  env: Environment,
  folder: string,
  faults: ConfigFault[],
): Promise<string | undefined> {
  if (!env.MONOLITH_CA) return undefined;
  const fault = (rule: string) =>
    faults.push({ name: 'MONOLITH_CA', rule, got: showValue('', env.MONOLITH_CA) });
  try {
    const pem = await readFile(resolve(folder, env.MONOLITH_CA), 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    fault('must name a PEM file with at least one certificate');
  } catch (error) {
    fault(`must name a file that can be read (${(error as NodeJS.ErrnoException).code ?? messageOf(error)})`);
  }
  return undefined;
}

/** Keys that stand in a file: what is wrong with them is said at the start, not with the first request. */
async function checkKeyFile(
  name: 'BANYAN_IDENTITY_KEYS' | 'BANYAN_OVERRIDE_KEYS',
  env: Environment,
  faults: ConfigFault[],
): Promise<void> {
  const setting = env[name];
  if (!setting?.startsWith('@') || setting.length === 1) return;
  const { openKeyRing } = await import('../keys/key-ring.ts');
  const opened = await openKeyRing({ setting, onRotated: () => {}, onFault: () => {} });
  opened.ring?.stop();
  for (const rule of opened.faults ?? []) faults.push({ name, rule });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
