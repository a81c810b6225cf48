import type { Flag, Snapshot } from './snapshot.ts';
import { STAGES, type Stage } from './stage.ts';

/** One thing wrong with a flag or a snapshot. */
export type FlagFault = {
  /** Such as `weightPercent`, or of a snapshot `flags.getInvoice.weightPercent`; empty for the whole value. */
  readonly field: string;
  /** What would be right: `must be …`. */
  readonly rule: string;
  /** What was found, as JSON, cut to a length that can be printed. Absent where nothing was. */
  readonly got?: string;
};

export type ParsedFlag =
  | { readonly ok: true; readonly flag: Flag }
  | { readonly ok: false; readonly faults: readonly FlagFault[] };
export type ParsedSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly faults: readonly FlagFault[] };

const FLAG_FIELDS = ['stage', 'weightPercent', 'samplePercent', 'fallback'];
const SNAPSHOT_FIELDS = ['version', 'at', 'by', 'reason', 'flags'];
const GOT_LENGTH_MAX = 120;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Reads one flag of what JSON gave, frozen and with its fallback filled in; or says all that is wrong with it. */
export function parseFlag(value: unknown): ParsedFlag {
  const faults: FlagFault[] = [];
  const flag = readFlag(value, '', faults);
  return flag === undefined || faults.length > 0 ? { ok: false, faults } : { ok: true, flag };
}

/** Reads a snapshot of what JSON gave, frozen; or says all that is wrong with it. One wrong flag refuses the whole. */
export function parseSnapshot(value: unknown): ParsedSnapshot {
  const faults: FlagFault[] = [];
  const entries = readEntries(value, '', SNAPSHOT_FIELDS, faults);
  if (entries === undefined) return { ok: false, faults };
  const { version, at, by, reason } = entries;
  const expect = (field: string, isRight: boolean, rule: string): void => {
    if (!isRight) faults.push(faultOf(field, rule, entries[field]));
  };
  expect('version', Number.isSafeInteger(version) && Number(version) >= 0, 'must be a whole number from 0');
  expect('at', typeof at === 'string' && isInstant(at), 'must be an ISO 8601 time in UTC');
  expect('by', typeof by === 'string', 'must be a text');
  expect('reason', typeof reason === 'string', 'must be a text');
  const flags = readFlags(entries.flags, faults);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, snapshot: Object.freeze({ version, at, by, reason, flags } as Snapshot) };
}

function readFlags(value: unknown, faults: FlagFault[]): Readonly<Record<string, Flag>> {
  const entries = readEntries(value, 'flags', undefined, faults) ?? {};
  const flags = Object.entries(entries).map(
    ([operationId, flag]) => [operationId, readFlag(flag, `flags.${operationId}`, faults)] as const,
  );
  // What could not be read has left a fault, so that nobody sees this.
  return Object.freeze(Object.fromEntries(flags) as Record<string, Flag>);
}

function readFlag(value: unknown, at: string, faults: FlagFault[]): Flag | undefined {
  const entries = readEntries(value, at, FLAG_FIELDS, faults);
  if (entries === undefined) return undefined;
  const { stage, weightPercent, samplePercent, fallback = true } = entries;
  const fault = (field: string, rule: string): void => {
    faults.push(faultOf(joined(at, field), rule, entries[field]));
  };
  if (!isStage(stage)) fault('stage', `must be one of ${STAGES.join(', ')}`);
  else {
    if (weightPercent === undefined && stage === 'canary')
      fault('weightPercent', `must be given; ${PERCENT}`);
    if (weightPercent !== undefined && stage !== 'canary') fault('weightPercent', 'is for canary alone');
    if (samplePercent !== undefined && stage !== 'shadow') fault('samplePercent', 'is for shadow alone');
  }
  if (weightPercent !== undefined && !isPercent(weightPercent)) fault('weightPercent', PERCENT);
  if (samplePercent !== undefined && !isPercent(samplePercent)) fault('samplePercent', PERCENT);
  if (typeof fallback !== 'boolean') fault('fallback', 'must be true or false');
  return Object.freeze({
    stage,
    ...(weightPercent !== undefined && { weightPercent }),
    ...(samplePercent !== undefined && { samplePercent }),
    fallback,
  } as Flag);
}

const PERCENT = 'must be a number from 0 to 100 in steps of 0.001';

function isPercent(value: unknown): value is number {
  // Dividing gives the very number that the decimal digits stand for, so that this asks nothing of its neighbours.
  return (
    typeof value === 'number' && value >= 0 && value <= 100 && Math.round(value * 1_000) / 1_000 === value
  );
}

function isStage(value: unknown): value is Stage {
  return STAGES.some((stage) => stage === value);
}

function isInstant(text: string): boolean {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text));
}

/** An object of these fields alone, or of any where none are named. */
function readEntries(
  value: unknown,
  at: string,
  fields: readonly string[] | undefined,
  faults: FlagFault[],
): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push(faultOf(at, 'must be an object', value));
    return undefined;
  }
  for (const [field, found] of Object.entries(value)) {
    if (fields?.includes(field) === false) {
      faults.push(faultOf(joined(at, field), `is none of ${fields.join(', ')}`, found));
    }
  }
  return value as Record<string, unknown>;
}

function joined(at: string, field: string): string {
  return at === '' ? field : `${at}.${field}`;
}

function faultOf(field: string, rule: string, value: unknown): FlagFault {
  if (value === undefined) return { field, rule };
  const text = JSON.stringify(value) ?? String(value);
  return { field, rule, got: text.length > GOT_LENGTH_MAX ? `${text.slice(0, GOT_LENGTH_MAX)}…` : text };
}
