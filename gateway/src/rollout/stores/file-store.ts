import { readFile, stat } from 'node:fs/promises';
import type { AuditEntry } from '../audit.ts';
import {
  type FlagStore,
  type Held,
  type ReplicaReport,
  StoreAway,
  StoreCorrupt,
  type StoreEvents,
} from '../flag-store.ts';
import { inOrder } from './audit-entries.ts';
import { parseAuditEntry, parseHeldValue } from './parse-held.ts';
import { refuseBefore } from './refusals.ts';
import { within } from './within.ts';
import { writeAtomically } from './write-atomically.ts';

/** The oldest entries beyond it are dropped. */
export const AUDIT_ENTRIES_MAX = 10_000;
const POLL_MS = 1_000;
/** A disk that takes longer is away. */
const DEADLINE_MS = 2_000;

type Line = Pick<AuditEntry, 'id' | 'at'> & { readonly text: string };
/** What the file holds. `mark` tells whether it is still the same file. */
type Content = {
  readonly mark: string;
  readonly held: Held | undefined;
  /** Oldest first. */
  readonly lines: readonly Line[];
  readonly ids: ReadonlySet<string>;
};

const EMPTY: Content = { mark: '', held: undefined, lines: [], ids: new Set() };

/**
 * Flags of one replica in one file, `<dataDir>/flags.json`: snapshot and audit together, so that neither is ever there
 * without the other. A file that is damaged is never written over.
 */
export function createFileStore(path: string, deadlineMs = DEADLINE_MS): FlagStore {
  let content: Content = EMPTY;
  let events: StoreEvents | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let own: ReplicaReport | undefined;
  let told: Held | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other. What was given up before its turn is not done. */
  const inTurn = <T>(work: () => Promise<T>, isChange = false): Promise<T> => {
    let isGivenUp = false;
    let isBegun = false;
    const turn = last.then(() => {
      if (isGivenUp) throw new StoreAway('given up');
      isBegun = true;
      return work();
    });
    last = turn.catch(() => {});
    return within(turn, deadlineMs, () => {
      isGivenUp = true;
      throw new StoreAway(`the disk took longer than ${deadlineMs} ms`, { isUnknown: isChange && isBegun });
    });
  };

  const load = async (): Promise<Content> => {
    try {
      const mark = await markOf(path);
      if (mark !== content.mark)
        content = mark === '' ? EMPTY : parseFile(mark, await readFile(path, 'utf8'));
      return content;
    } catch (error) {
      throw error instanceof StoreCorrupt ? error : new StoreAway(describe(error), { cause: error });
    }
  };

  const save = async (held: Held | undefined, added: readonly AuditEntry[]): Promise<void> => {
    const all = inOrder([...content.lines, ...added.map(lineOf)]);
    const oldest = all.length - AUDIT_ENTRIES_MAX;
    // What is held is nothing without its entry, however old that is.
    const lines = all.filter(({ id }, at) => at >= oldest || id === held?.entry.id);
    try {
      await writeAtomically(path, fileText(held, lines));
      content = { mark: await markOf(path), held, lines, ids: new Set(lines.map(({ id }) => id)) };
    } catch (error) {
      throw new StoreAway(describe(error), { cause: error, isUnknown: true });
    }
  };

  const tell = (held: Held): void => {
    told = held;
    events?.onSnapshot(held);
  };

  const look = async (): Promise<void> => {
    try {
      const { held } = await inTurn(load);
      if (isStopped) return;
      const isNew = held !== told && (held?.snapshot.version ?? 0) >= (told?.snapshot.version ?? 0);
      if (held !== undefined && isNew) tell(held);
      else events?.onSeen(held?.snapshot.version);
    } catch (error) {
      if (isStopped) return;
      if (error instanceof StoreCorrupt) events?.onCorrupt(error.message);
      else events?.onAway((error as Error).message);
    }
  };

  const tick = async (): Promise<void> => {
    await look();
    if (!isStopped) timer = setTimeout(tick, POLL_MS);
  };

  return {
    kind: 'file',
    settleMs: 0,
    start: async (listener) => {
      events = listener;
      await tick();
    },
    read: () => inTurn(async () => (await load()).held),
    commit: async (expected, snapshot, entry) => {
      const held = { snapshot, entry };
      const result = await inTurn(async () => {
        const before = await load();
        if (before.ids.has(entry.id)) return { kind: 'done' } as const;
        const current = before.held?.snapshot.version;
        if ((current ?? 0) !== expected) return { kind: 'stale', current } as const;
        await save(held, [entry]);
        return { kind: 'done' } as const;
      }, true);
      if (result.kind === 'done' && !isStopped) tell(content.held ?? held);
      return result;
    },
    append: (entries) =>
      inTurn(async () => {
        const { held, ids } = await load();
        const fresh = new Map(entries.filter(({ id }) => !ids.has(id)).map((entry) => [entry.id, entry]));
        if (fresh.size > 0) await save(held, [...fresh.values()]);
      }, true),
    audit: ({ limit, before }) =>
      inTurn(async () => {
        const { lines } = await load();
        const end = before === undefined ? lines.length : lines.findIndex(({ id }) => id === before);
        if (before !== undefined && end === -1) throw refuseBefore(before);
        const page = lines.slice(Math.max(0, end - limit), end).reverse();
        return page.map(({ text }) => JSON.parse(text) as AuditEntry);
      }),
    report: async (report) => {
      own = report;
    },
    replicas: async () => (own === undefined ? [] : [own]),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await within(last, DEADLINE_MS, () => undefined);
      clearTimeout(timer);
    },
  };
}

function lineOf(entry: AuditEntry): Line {
  return { id: entry.id, at: entry.at, text: JSON.stringify(entry) };
}

/** Empty where there is no file. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** One entry a line: people read it too. */
function fileText(held: Held | undefined, lines: readonly Line[]): string {
  const audit = lines.map(({ text }) => text).join(',\n');
  return `{\n"snapshot": ${JSON.stringify(held?.snapshot ?? null)},\n"audit": [\n${audit}\n]\n}\n`;
}

function parseFile(mark: string, text: string): Content {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StoreCorrupt('flags.json is not JSON');
  }
  const { snapshot, audit } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(audit)) throw new StoreCorrupt('flags.json: audit must be a list');
  const entries = audit.map((each, index) => {
    const entry = parseAuditEntry(each);
    if (entry === undefined) throw new StoreCorrupt(`flags.json: audit entry ${index + 1} is none`);
    return entry;
  });
  const lines = inOrder(entries.map(lineOf));
  const content = { mark, lines, ids: new Set(lines.map(({ id }) => id)) };
  if (snapshot === null) return { ...content, held: undefined };
  const { version } = (snapshot ?? {}) as Record<string, unknown>;
  const entry = entries.findLast((each) => each.version === version);
  const parsed = parseHeldValue({ snapshot, entry });
  if (!parsed.ok) throw new StoreCorrupt(`flags.json: ${parsed.reason}`);
  return { ...content, held: parsed.held };
}

function describe(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return `flags.json cannot be read or written (${code ?? 'unknown'})`;
}
