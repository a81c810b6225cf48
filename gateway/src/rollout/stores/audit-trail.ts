import type { AuditEntry } from '../audit.ts';
import { type FlagStore, StoreAway, StoreCorrupt } from '../flag-store.ts';
import type { Author, Flags } from '../flags.ts';
import { createNote, pageOf } from './audit-entries.ts';
import { onDisk } from './on-disk.ts';
import { refuseAway } from './refusals.ts';
import type { ServedFlags } from './served-flags.ts';
import type { SnapshotRecord } from './snapshot-record.ts';
import type { StoreState } from './store-state.ts';
import type { WaitingAudit } from './waiting-audit.ts';

/** Entries that may wait for the store before whatever is no kill is refused. */
const WAITING_MAX = 10_000;

export type AuditTrail = Pick<Flags, 'note' | 'audit'> & {
  /**
   * On disk here when it returns, then in the store as soon as that takes it. Refused by nothing but the disk, whose
   * fault it throws. `at` is a moment of this replica's.
   */
  noteAnyway(at: string, entry: Pick<AuditEntry, 'action' | 'target'>, author: Author): Promise<void>;
};

/** What was done, in the store or on its way there. Holds invariant 7 of `create-flags.ts`. */
export function createAuditTrail(parts: {
  readonly store: FlagStore;
  readonly state: StoreState;
  readonly served: ServedFlags;
  readonly record: SnapshotRecord;
  readonly waiting: WaitingAudit;
  readonly replica: string;
  /** See `createMoments`. */
  readonly moment: () => string;
  readonly newId: () => string;
}): AuditTrail {
  const { store, state, served, record, waiting, replica, moment, newId } = parts;

  const add = async (note: AuditEntry): Promise<void> => {
    const adding = waiting.add(note);
    void served.keep(note);
    if (state.read().state !== 'away') void waiting.flush();
    await adding;
  };
  const noteAnyway: AuditTrail['noteAnyway'] = (at, entry, author) =>
    onDisk(add(createNote(newId(), replica, at, entry, author)));

  return {
    noteAnyway,
    note: async (entry, author) => {
      if (waiting.list().length >= WAITING_MAX) throw refuseAway(state.read());
      await noteAnyway(moment(), entry, author);
    },
    audit: async (query) => {
      if (state.read().state !== 'behind') {
        try {
          await waiting.flush();
          return { entries: await store.audit(query), isLocal: false };
        } catch (error) {
          if (!(error instanceof StoreAway || error instanceof StoreCorrupt)) throw error;
        }
      }
      const entries = await record.entries().catch(() => []);
      return { entries: pageOf([...entries, ...waiting.list()], query), isLocal: true };
    },
  };
}
