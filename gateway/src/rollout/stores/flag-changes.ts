import type { Logger } from '../../telemetry/logger.ts';
import { FlagRefusal } from '../flag-refusal.ts';
import type { FlagStore, Held, ReplicaReport } from '../flag-store.ts';
import type { Author, Changed, Flags } from '../flags.ts';
import type { Snapshot } from '../snapshot.ts';
import { createChangeEntry } from './audit-entries.ts';
import { DISK_MS } from './on-disk.ts';
import { refuseBehind, refuseLess, refuseStale } from './refusals.ts';
import { knownBy } from './replica-reports.ts';
import type { ServedFlags } from './served-flags.ts';
import type { SnapshotRecord } from './snapshot-record.ts';
import type { StoreQuestions } from './store-questions.ts';
import { untilServed } from './until-served.ts';
import { within } from './within.ts';

/** What changes the flags of all replicas. Holds invariants 3, 4 and 5 of `create-flags.ts`. */
export function createFlagChanges(parts: {
  readonly store: FlagStore;
  readonly questions: StoreQuestions;
  readonly served: ServedFlags;
  readonly record: SnapshotRecord;
  readonly replica: string;
  readonly ownReport: () => ReplicaReport;
  /** Tells the store of it. Throws nothing. */
  readonly report: () => Promise<void>;
  /** See `createMoments`. */
  readonly moment: () => string;
  readonly monotonicMs: () => number;
  readonly newId: () => string;
  readonly stopped: AbortSignal;
  readonly logger: Logger;
}): Pick<Flags, 'change' | 'restore'> {
  const { store, served, record, replica, report, moment, monotonicMs, newId, logger } = parts;
  const { look, settle, others, ask } = parts.questions;

  /** Commits, adopts, and waits until all that are live serve it. */
  const put = async (expected: number, held: Held): Promise<Changed> => {
    const startedAt = monotonicMs();
    const result = await ask(store.commit(expected, held.snapshot, held.entry));
    if (result.kind === 'stale') {
      await look().catch(() => {});
      throw refuseStale(expected, result.current ?? 0);
    }
    await within(served.takeOwn(held), DISK_MS, () =>
      logger.error('the disk does not keep up: a flip is in the store, and not yet recorded here'),
    );
    return { snapshot: held.snapshot, ...(await untilServed(held.snapshot.version, startedAt, parts)) };
  };

  const nextOf = (before: Snapshot, { by, reason }: Author, flags: Snapshot['flags']): Snapshot => ({
    version: before.version + 1,
    at: moment(),
    by,
    reason,
    flags,
  });

  return {
    change: async (change) => {
      const { version, served: known } = await settle();
      if (version < known) throw refuseBehind(version, known, replica);
      const more = (await others()).find((other) => knownBy(other) > version);
      if (more !== undefined && (await look()).version < knownBy(more)) {
        throw refuseBehind(version, knownBy(more), more.replica);
      }
      const before = served.snapshot();
      const { author, expectedVersion } = change;
      if (expectedVersion !== before.version) throw refuseStale(expectedVersion, before.version);
      const snapshot = nextOf(before, author, { ...before.flags, ...change.flags });
      const entry = createChangeEntry(newId(), replica, change, before, snapshot);
      return put(expectedVersion, { snapshot, entry });
    },
    restore: async (author) => {
      await settle();
      await report();
      const { version, served: known } = await look();
      if (version >= known) {
        const detail = `the store holds version ${version}, and no more is known`;
        throw new FlagRefusal('nothing-to-restore', detail, { version });
      }
      const [highest] = (await others()).toSorted((one, other) => knownBy(other) - knownBy(one));
      const before = served.snapshot();
      if (highest !== undefined && knownBy(highest) > before.version) {
        throw refuseLess(before.version, highest.replica, knownBy(highest));
      }
      const snapshot = nextOf(before, author, before.flags);
      // What the store lost of the audit, as far as it is known here, before what comes after it.
      await ask(store.append(await record.entries()));
      const restore = { author, action: 'restore', target: '*', forced: false } as const;
      const entry = createChangeEntry(newId(), replica, restore, before, snapshot);
      return put(version, { snapshot, entry });
    },
  };
}
