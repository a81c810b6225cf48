/*
 * Invariants. Tests name them by number, and the files beside this one, which each say what they hold.
 *
 * 1. What is served only goes forward: no adopted snapshot is lower than the one before it, nor, after a restart, than
 *    what was recorded.
 * 2. What is served was validated whole. Nothing is taken of a snapshot that does not hold.
 * 3. A change is acknowledged when the store holds it with its audit entry, and this replica has both on disk.
 * 4. A change that was refused was not made, and is not made later. Where that cannot be known, the refusal says so.
 * 5. A version is made once: a store that holds less than any live replica knows is changed by `restore` alone, and
 *    that by a replica of which no live one knows more.
 * 6. A kill is in force before anything is waited for, and on disk before it is acknowledged. It needs no store, wins
 *    over every snapshot, and ends when it is lifted and in no other way.
 * 7. An audit entry that was acknowledged is in the store, or on disk here on its way there.
 * 8. `snapshot` and `kills` are memory: no request waits for a store or a disk. Every other wait has a deadline.
 */
import { join } from 'node:path';
import type { Logger } from '../../telemetry/logger.ts';
import type { FlagStore, ReplicaReport } from '../flag-store.ts';
import type { Flags } from '../flags.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createFlagChanges } from './flag-changes.ts';
import { createKeptKills } from './kept-kills.ts';
import { createKillFile } from './kill-file.ts';
import { createKillSwitch } from './kill-switch.ts';
import { createMoments } from './moments.ts';
import { DISK_MS } from './on-disk.ts';
import { createPendingAudit } from './pending-audit.ts';
import { withOwn } from './replica-reports.ts';
import { createServedFlags } from './served-flags.ts';
import { createSnapshotRecord } from './snapshot-record.ts';
import { createStoreQuestions } from './store-questions.ts';
import { createStoreState } from './store-state.ts';
import { createWaitingAudit } from './waiting-audit.ts';
import { within } from './within.ts';

export type FlagsParts = {
  /** See `createFlagStore`. Stopped with the flags. */
  readonly store: FlagStore;
  /** Folder of `snapshots.jsonl`, `kills.json` and `pending-audit.json`, this replica's alone. */
  readonly dataDir: string;
  /** This replica's name among all. The same after a restart, if it can be: then nobody waits for the old one. */
  readonly replica: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Unique among all replicas. */
  readonly newId: () => string;
  readonly logger: Logger;
};

/** The flags as this replica holds them. Its invariants stand at the head of this file. */
export function createFlags(parts: FlagsParts): Flags {
  const { store, dataDir, replica, now, monotonicMs, newId, logger } = parts;
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const listeners = new Set<() => void>();
  const firstWord = Promise.withResolvers<void>();

  const changed = (): void => {
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        logger.error({ err: error }, 'a listener to the flags failed');
      }
    }
  };
  const ownReport = (): ReplicaReport => ({
    replica,
    version: served.snapshot().version,
    recordedVersion: served.recordedVersion(),
    kills: kills.list().length,
    at: new Date(now()).toISOString(),
  });
  /** Said again with every poll: nobody waits for it, and nothing hangs on one of them. */
  const report = async (): Promise<void> => {
    if (!stopped.aborted) await store.report(ownReport()).catch(() => {});
  };

  const state = createStoreState({ kind: store.kind, now, monotonicMs, logger });
  const record = createSnapshotRecord(join(dataDir, 'snapshots.jsonl'), (what, cause) =>
    logger.warn({ err: cause }, what),
  );
  const kills = createKeptKills({
    file: createKillFile(join(dataDir, 'kills.json')),
    now,
    logger,
    onChange: changed,
  });
  const waiting = createWaitingAudit({
    file: createPendingAudit(join(dataDir, 'pending-audit.json')),
    store,
    now,
    logger,
  });
  const served = createServedFlags({
    store,
    state,
    record,
    replica,
    logger,
    onAdopted: () => {
      changed();
      void report();
    },
    onRecorded: () => void report(),
  });
  const questions = createStoreQuestions({ store, state, served, replica, monotonicMs, stopped });
  const moment = createMoments(now, served.snapshot);
  const trail = createAuditTrail({ store, state, served, record, waiting, replica, moment, newId });

  const heard = (): void => {
    firstWord.resolve();
    void report();
    void waiting.flush();
    void served.fillGap();
  };

  return {
    start: async (limitMs) => {
      const endAt = monotonicMs() + limitMs;
      await kills.open();
      await waiting.open();
      const isRecorded = await served.open();
      // What is found on disk is in force from here on, and the store may not be there to say anything.
      changed();
      await store.start({
        onSnapshot: (held) => {
          served.take(held);
          heard();
        },
        onSeen: (version) => {
          served.takeVersion(version ?? 0);
          heard();
        },
        onAway: (reason) => {
          state.enter('away', reason);
          // Nothing better is to be had soon; without a record it is worth the wait.
          if (isRecorded) firstWord.resolve();
        },
        onCorrupt: (reason) => {
          state.enter('corrupt', reason);
          heard();
        },
      });
      await within(firstWord.promise, limitMs, () => undefined);
      await within(served.recorded(), Math.max(0, endAt - monotonicMs()), () => undefined);
    },
    stop: async () => {
      stopping.abort();
      await store.stop();
      await within(waiting.settled(), DISK_MS, () => undefined);
      await within(served.settled(), DISK_MS, () => undefined);
      await within(record.close(), DISK_MS, () => undefined);
    },
    snapshot: served.snapshot,
    kills: kills.list,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...createFlagChanges({
      store,
      questions,
      served,
      record,
      replica,
      ownReport,
      report,
      moment,
      monotonicMs,
      newId,
      stopped,
      logger,
    }),
    ...createKillSwitch({ kills, trail, report, moment, newId }),
    note: trail.note,
    audit: trail.audit,
    replicas: async () => {
      const reports = await store.replicas().catch(() => undefined);
      return { replicas: withOwn(ownReport(), reports ?? []), isLocal: reports === undefined };
    },
    status: () => ({
      store: store.kind,
      ...state.read(),
      version: served.snapshot().version,
      stalenessMs: state.stalenessMs(served.snapshot().version),
      kills: kills.list(),
      pendingAudit: waiting.list().length,
    }),
  };
}
