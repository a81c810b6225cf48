import type { Caller } from '../carve-out/identity-adapter.ts';
import type { SignedIdentity } from './identity-token.ts';

/** A caller that the monolith vouched for. */
export type CallerEntry = {
  readonly caller: Caller;
  /** Until when the monolith need not be asked again; monotonic. */
  freshUntilMs: number;
  /** By audience. */
  readonly tokens: Map<string, SignedIdentity>;
};

export type KnownCallers = {
  get(key: string): CallerEntry | undefined;
  put(key: string, entry: CallerEntry): void;
  forget(key: string): boolean;
  /** Each must be asked for again before it counts as fresh. */
  staleAll(): void;
  readonly size: number;
  readonly bytes: number;
};

export type KnownCallersLimits = { readonly entriesMax: number; readonly bytesMax: number };

/** A map's slot, the objects of an entry, its closures, and tokens for a few audiences beside what the name adds. */
const ENTRY_BYTES = 3_072;
/** Two bytes a character in the entry, and again encoded in a few tokens. */
const BYTES_PER_CHARACTER = 16;

/** Callers by the hash of their credential; the one not seen for longest goes first. */
export function createKnownCallers({ entriesMax, bytesMax }: KnownCallersLimits): KnownCallers {
  const entries = new Map<string, CallerEntry>();
  let bytes = 0;

  const forget = (key: string): boolean => {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    bytes -= sizeOf(entry);
    return entries.delete(key);
  };
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry;
    },
    put: (key, entry) => {
      forget(key);
      entries.set(key, entry);
      bytes += sizeOf(entry);
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax && bytes <= bytesMax) break;
        forget(oldest);
      }
    },
    forget,
    staleAll: () => {
      for (const entry of entries.values()) entry.freshUntilMs = Number.NEGATIVE_INFINITY;
    },
    get size() {
      return entries.size;
    },
    get bytes() {
      return bytes;
    },
  };
}

function sizeOf({ caller: { identity } }: CallerEntry): number {
  const { account, role, name } = identity;
  return ENTRY_BYTES + BYTES_PER_CHARACTER * (account.length + role.length + name.length);
}
