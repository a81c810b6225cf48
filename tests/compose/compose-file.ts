import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Service = {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target?: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: { readonly replicas?: number };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** A variable that the file takes from `.env`, with what stands after its name. */
const REFERENCE = /\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g;

/** The file as an engine sees it with these variables. Throws where one is required and missing. */
export function readComposeFile(path: string, env: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(path, 'utf8');
  return parse(text, { merge: true, reviver: (_key, value) => interpolate(value, env) });
}

/** Every variable that the file takes from outside. */
export function namedVariables(path: string): string[] {
  return [...new Set([...readFileSync(path, 'utf8').matchAll(REFERENCE)].map((match) => match[1] ?? ''))];
}

function interpolate(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(REFERENCE, (_all, name: string, operator: string | undefined, rest = '') => {
    const given = env[name];
    if (given) return given;
    if (operator === ':?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

/** `40s`, `2m` in milliseconds. */
export function readDuration(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`${text} is no duration`);
  return Number(amount) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000);
}
