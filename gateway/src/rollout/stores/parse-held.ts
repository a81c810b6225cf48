import { AUDIT_ACTIONS, type AuditEntry } from '../audit.ts';
import type { Held, ReplicaReport } from '../flag-store.ts';
import { parseSnapshot } from '../parse-snapshot.ts';

export type ParsedHeld =
  | { readonly ok: true; readonly held: Held }
  /** `reason` names the field and the rule that it breaks. */
  | { readonly ok: false; readonly reason: string };

/** A snapshot and its audit entry of text that others may have written. All of it holds, or nothing. */
export function parseHeld(text: string): ParsedHeld {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  return parseHeldValue(value);
}

export function parseHeldValue(value: unknown): ParsedHeld {
  const { snapshot, entry } = (value ?? {}) as Record<string, unknown>;
  const parsed = parseSnapshot(snapshot);
  if (!parsed.ok) {
    const [fault] = parsed.faults;
    return { ok: false, reason: fault ? `${fault.field} ${fault.rule}` : 'it is no snapshot' };
  }
  const parsedEntry = parseAuditEntry(entry);
  if (parsedEntry === undefined) return { ok: false, reason: 'its audit entry is none' };
  if (parsedEntry.version !== parsed.snapshot.version) {
    return { ok: false, reason: 'its audit entry is of another version' };
  }
  return { ok: true, held: { snapshot: parsed.snapshot, entry: parsedEntry } };
}

/** Undefined: it is none. What stands in `from` and `to` is not judged: it is read by people. */
export function parseAuditEntry(value: unknown): AuditEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entry = value as Record<string, unknown>;
  const areTexts = ['id', 'at', 'by', 'reason', 'target', 'replica', 'client'].every(
    (field) => typeof entry[field] === 'string',
  );
  const { version, action, from, to } = entry;
  const isEntry =
    areTexts &&
    (version === null || (Number.isSafeInteger(version) && Number(version) > 0)) &&
    AUDIT_ACTIONS.some((each) => each === action) &&
    [from, to].every((each) => typeof each === 'object' && each !== null);
  return isEntry ? (value as AuditEntry) : undefined;
}

/** Undefined: it is none. */
export function parseEntryText(text: string): AuditEntry | undefined {
  try {
    return parseAuditEntry(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Undefined: it is none. */
export function parseReport(text: string): ReplicaReport | undefined {
  try {
    const report = JSON.parse(text) as Record<string, unknown>;
    const isReport =
      ['replica', 'at'].every((field) => typeof report[field] === 'string') &&
      ['version', 'recordedVersion', 'kills'].every((field) => Number.isSafeInteger(report[field]));
    return isReport ? (report as ReplicaReport) : undefined;
  } catch {
    return undefined;
  }
}
