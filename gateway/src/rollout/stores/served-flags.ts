import type { Logger } from '../../telemetry/logger.ts';
import type { AuditEntry } from '../audit.ts';
import type { FlagStore, Held } from '../flag-store.ts';
import { INITIAL_SNAPSHOT, type Snapshot } from '../snapshot.ts';
import type { RecordLine, SnapshotRecord } from './snapshot-record.ts';
import type { StoreState } from './store-state.ts';

/** Of those that fell between what was recorded and what is adopted. */
const MISSED_ENTRIES_MAX = 1_000;

/** What this replica serves, and has on record: adopted from the store, never lower than before. */
export type ServedFlags = {
  /** Takes up what was recorded before a restart. False: there is nothing, or it cannot be read. */
  open(): Promise<boolean>;
  /** The same object until another is adopted. */
  snapshot(): Snapshot;
  /** The highest version on record. */
  recordedVersion(): number;
  /** What the store holds, adopted or found to be less. */
  take(held: Held | undefined): void;
  /** The same, where it holds nothing newer than what is known. */
  takeVersion(version: number): void;
  /** What this replica has just committed. On record, if the disk works, when it returns. */
  takeOwn(held: Held): Promise<void>;
  /** Records an entry that changed no snapshot. Throws nothing. */
  keep(entry: AuditEntry): Promise<void>;
  /** Asks for what was committed while this replica was not told, so that its own audit has no gap. */
  fillGap(): Promise<void>;
  /** What was taken until now is on record, if the disk works, when it returns. */
  recorded(): Promise<void>;
  /** The same, and what was missed, as far as the store has told. */
  settled(): Promise<void>;
};

/** Holds invariants 1 and 2 of `create-flags.ts`. `onAdopted` is called at once, `onRecorded` behind the disk. */
export function createServedFlags(parts: {
  readonly store: FlagStore;
  readonly state: StoreState;
  readonly record: SnapshotRecord;
  readonly replica: string;
  readonly logger: Logger;
  readonly onAdopted: () => void;
  readonly onRecorded: () => void;
}): ServedFlags {
  const { store, state, record, replica, logger, onAdopted, onRecorded } = parts;
  let served: Snapshot = INITIAL_SNAPSHOT;
  let servedEntryId: string | undefined;
  let recordedVersion = 0;
  let recording: Promise<void> = Promise.resolve();
  /** Versions in between are not in the record yet. */
  let missed: { readonly after: number; readonly before: number } | undefined;
  let filling: Promise<void> | undefined;

  const keep = async (line: RecordLine): Promise<void> => {
    try {
      await record.append([line]);
      if ('snapshot' in line) recordedVersion = Math.max(recordedVersion, line.snapshot.version);
    } catch (error) {
      logger.error({ err: error }, 'the record of flags could not be written: a restart may know less');
    }
  };

  const fill = async (gap: NonNullable<typeof missed>): Promise<void> => {
    try {
      const entries = await store.audit({ limit: MISSED_ENTRIES_MAX });
      const fit = entries.filter(
        ({ version }) => version !== null && version > gap.after && version < gap.before,
      );
      if (fit.length > 0) await record.append(fit.reverse().map((entry) => ({ entry })));
      if (missed === gap) missed = undefined;
    } catch {
      // Asked again with the next word of the store.
    }
  };

  const fillGap = async (): Promise<void> => {
    if (missed === undefined || filling !== undefined || state.read().state !== 'reachable') return;
    filling = fill(missed).finally(() => {
      filling = undefined;
    });
    await filling;
  };

  /** What this replica did is in its own record alone, once the store was emptied. */
  const giveBack = async (): Promise<void> => {
    const entries = await record.entries().catch(() => []);
    await store.append(entries.filter((each) => each.replica === replica)).catch(() => {});
  };

  const keepAdopted = async (held: Held): Promise<void> => {
    const { snapshot, entry } = held;
    if (snapshot.version > recordedVersion + 1) {
      missed = { after: missed?.after ?? recordedVersion, before: snapshot.version };
    }
    await keep(held);
    onRecorded();
    void fillGap();
    if (entry.action === 'restore' && entry.replica !== replica) await giveBack();
  };

  /** Takes it if it is no lower than what is served. */
  const adopt = (held: Held): void => {
    const { snapshot, entry } = held;
    if (snapshot.version < served.version || entry.id === servedEntryId) return;
    if (snapshot.version === served.version) {
      const line = { version: snapshot.version };
      logger.warn(line, 'the store holds another snapshot of this version: it counts');
    }
    served = frozen(snapshot);
    servedEntryId = entry.id;
    logger.info({ version: snapshot.version, by: snapshot.by, reason: snapshot.reason }, 'flags');
    onAdopted();
    recording = recording.then(() => keepAdopted(held));
  };

  const takeVersion = (version: number): void => {
    if (version < served.version) {
      state.enter('behind', `it holds ${version === 0 ? 'nothing' : `version ${version}`}`);
      return;
    }
    state.enter('reachable');
    state.confirm(version);
  };

  const take = (held: Held | undefined): void => {
    if (held !== undefined) adopt(held);
    takeVersion(held?.snapshot.version ?? 0);
  };

  return {
    open: async () => {
      const recorded = await record.open().catch((error: unknown) => {
        logger.error({ err: error }, 'the record of flags cannot be read');
        return undefined;
      });
      if (recorded === undefined) return false;
      served = frozen(recorded.snapshot);
      servedEntryId = recorded.entry.id;
      recordedVersion = served.version;
      return true;
    },
    snapshot: () => served,
    recordedVersion: () => recordedVersion,
    take,
    takeVersion,
    takeOwn: (held) => {
      if (held.snapshot.version >= served.version) take(held);
      // Somebody was told of it, and has changed it, before this was.
      else recording = recording.then(() => keep({ entry: held.entry }));
      return recording;
    },
    keep: (entry) => keep({ entry }),
    fillGap,
    recorded: () => recording,
    settled: async () => {
      await recording;
      await filling;
    },
  };
}

/** Shared with every request, so that none can change it. */
function frozen(snapshot: Snapshot): Snapshot {
  for (const flag of Object.values(snapshot.flags)) Object.freeze(flag);
  Object.freeze(snapshot.flags);
  return Object.freeze(snapshot);
}
