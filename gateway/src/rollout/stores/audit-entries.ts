import { isDeepStrictEqual } from 'node:util';
import type { AuditEntry } from '../audit.ts';
import type { Author, FlagChange } from '../flags.ts';
import type { Flag, Snapshot } from '../snapshot.ts';
import { refuseBefore } from './refusals.ts';

/** The entry of a change that makes `after` of `before`: only flags that differ stand in it. */
export function createChangeEntry(
  id: string,
  replica: string,
  change: Pick<FlagChange, 'author' | 'target' | 'forced'> & Pick<AuditEntry, 'action'>,
  before: Snapshot,
  after: Snapshot,
): AuditEntry {
  const from: Record<string, Flag | null> = {};
  const to: Record<string, Flag | null> = {};
  for (const operationId of new Set([...Object.keys(before.flags), ...Object.keys(after.flags)])) {
    const [was, is] = [before.flags[operationId] ?? null, after.flags[operationId] ?? null];
    if (isDeepStrictEqual(was, is)) continue;
    from[operationId] = was;
    to[operationId] = is;
  }
  const { author, action, target, forced } = change;
  const note = createNote(id, replica, after.at, { action, target }, author);
  return { ...note, version: after.version, from, to, ...(forced ? { forced } : {}) };
}

/** The entry of what changes no flag. */
export function createNote(
  id: string,
  replica: string,
  at: string,
  { action, target }: Pick<AuditEntry, 'action' | 'target'>,
  { by, onBehalfOf, reason, client }: Author,
): AuditEntry {
  return {
    id,
    version: null,
    at,
    by,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    reason,
    action,
    target,
    from: {},
    to: {},
    replica,
    client,
  };
}

/**
 * When it was done, in milliseconds since the epoch: what the audit is ordered by, in every store, and by id where two
 * are of one moment. Entries of versions are in the order of their versions by it, for each change is made later than
 * the one before it, whatever the clocks of replicas say.
 */
export function momentOf({ at }: Pick<AuditEntry, 'at'>): number {
  const moment = Date.parse(at);
  return Number.isNaN(moment) ? 0 : moment;
}

/** Oldest first, each once, in whatever order they came. */
export function inOrder<Entry extends Pick<AuditEntry, 'at' | 'id'>>(entries: readonly Entry[]): Entry[] {
  const each = [...new Map(entries.map((entry) => [entry.id, { entry, moment: momentOf(entry) }])).values()];
  each.sort((one, other) => one.moment - other.moment || (one.entry.id < other.entry.id ? -1 : 1));
  return each.map(({ entry }) => entry);
}

/** A page of entries that are given in any order, each once, newest first. Throws FlagRefusal. */
export function pageOf(
  entries: readonly AuditEntry[],
  { limit, before }: { readonly limit: number; readonly before?: string },
): readonly AuditEntry[] {
  const each = inOrder(entries).reverse();
  const start = before === undefined ? 0 : each.findIndex(({ id }) => id === before) + 1;
  if (before !== undefined && start === 0) throw refuseBefore(before);
  return each.slice(start, start + limit);
}
