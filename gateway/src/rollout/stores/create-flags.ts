/*
 * Invariants. Tests name them by number.
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
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../telemetry/logger.ts';
import type { AuditEntry } from '../audit.ts';
import { FlagRefusal } from '../flag-refusal.ts';
import { type FlagStore, type Held, type ReplicaReport, StoreAway, StoreCorrupt } from '../flag-store.ts';
import type { Changed, Flags } from '../flags.ts';
import type { Kill } from '../kill.ts';
import { INITIAL_SNAPSHOT, type Snapshot } from '../snapshot.ts';
import { createChangeEntry, createNote, pageOf } from './audit-entries.ts';
import { createKeptKills } from './kept-kills.ts';
import { createKillFile } from './kill-file.ts';
import { createPendingAudit } from './pending-audit.ts';
import { refuseAway, refuseBehind, refuseLess, refuseStale, refuseUnknown } from './refusals.ts';
import { createSnapshotRecord, type RecordLine } from './snapshot-record.ts';
import { createStoreState } from './store-state.ts';
import { createWaitingAudit } from './waiting-audit.ts';
import { within } from './within.ts';

/** How long a change waits for all live replicas to serve it. */
const EFFECTIVE_MS = 1_000;
/** How often a store may go away again while a change waits for it to stay. */
const SETTLES_MAX = 3;
/** Between two looks at who serves it. */
const LOOK_MS = 10;
/** For what the disk owes before something is acknowledged, or the process stops. */
const DISK_MS = 5_000;
/** Of those that fell between what was recorded and what is adopted. */
const MISSED_ENTRIES_MAX = 1_000;
const KILLS_MAX = 1_000;
/** Entries that may wait for the store before whatever is no kill is refused. */
const WAITING_MAX = 10_000;

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
  let served: Snapshot = INITIAL_SNAPSHOT;
  let servedEntryId: string | undefined;
  let recordedVersion = 0;
  let recording: Promise<void> = Promise.resolve();
  /** Versions in between are not in the record yet. */
  let missed: { readonly after: number; readonly before: number } | undefined;
  let isFilling = false;
  let isStopped = false;
  const stopped = new AbortController();
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

  const ownReport = (): ReplicaReport => ({
    replica,
    version: served.version,
    recordedVersion,
    kills: kills.list().length,
    at: new Date(now()).toISOString(),
  });

  /** Said again with every poll: nobody waits for it, and nothing hangs on one of them. */
  const report = async (): Promise<void> => {
    if (!isStopped) await store.report(ownReport()).catch(() => {});
  };

  const keep = async (lines: readonly RecordLine[]): Promise<void> => {
    try {
      await record.append(lines);
      for (const line of lines) {
        if ('snapshot' in line) recordedVersion = Math.max(recordedVersion, line.snapshot.version);
      }
    } catch (error) {
      logger.error({ err: error }, 'the record of flags could not be written: a restart may know less');
    }
  };

  /** Asks for what was committed while this replica was not told, so that its own audit has no gap. */
  const fillGap = async (): Promise<void> => {
    const gap = missed;
    if (gap === undefined || isFilling || state.read().state !== 'reachable') return;
    isFilling = true;
    try {
      const entries = await store.audit({ limit: MISSED_ENTRIES_MAX });
      const fit = entries.filter(
        ({ version }) => version !== null && version > gap.after && version < gap.before,
      );
      if (fit.length > 0) await record.append(fit.reverse().map((entry) => ({ entry })));
      if (missed === gap) missed = undefined;
    } catch {
      // Asked again with the next word of the store.
    } finally {
      isFilling = false;
    }
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
    changed();
    void report();
    recording = recording.then(async () => {
      if (snapshot.version > recordedVersion + 1) {
        missed = { after: missed?.after ?? recordedVersion, before: snapshot.version };
      }
      await keep([held]);
      void report();
      void fillGap();
      if (entry.action === 'restore' && entry.replica !== replica) await giveBack();
    });
  };

  /** What this replica did is in its own record alone, once the store was emptied. */
  const giveBack = async (): Promise<void> => {
    const entries = await record.entries().catch(() => []);
    await store.append(entries.filter((each) => each.replica === replica)).catch(() => {});
  };

  /** What the store holds, adopted or found to be less. */
  const take = (held: Held | undefined): void => {
    if (held !== undefined) adopt(held);
    takeVersion(held?.snapshot.version ?? 0);
  };

  const takeVersion = (version: number): void => {
    if (version < served.version) {
      state.enter('behind', `it holds ${version === 0 ? 'nothing' : `version ${version}`}`);
      return;
    }
    state.enter('reachable');
    state.confirm(version);
  };

  const heard = (): void => {
    firstWord.resolve();
    void report();
    void waiting.flush();
    void fillGap();
  };

  /** Asks the store now, instead of believing the last poll. Throws FlagRefusal. */
  const look = async (): Promise<number> => {
    for (;;) {
      const before = served.version;
      const held = await store.read().catch((error: unknown) => {
        throw refusalOf(error);
      });
      const version = held?.snapshot.version ?? 0;
      // Read before, and come after, what somebody else committed meanwhile.
      if (version < served.version && served.version !== before) continue;
      take(held);
      return version;
    }
  };

  const refusalOf = (error: unknown): unknown => {
    if (error instanceof StoreCorrupt) {
      state.enter('corrupt', error.message);
      return refuseAway(state.read());
    }
    if (!(error instanceof StoreAway)) return error;
    state.enter('away', error.message);
    return error.isUnknown ? refuseUnknown(state.read()) : refuseAway(state.read());
  };

  /** A store that has just come back may have lost what other replicas know: they get the time to say so. */
  const settle = async (): Promise<number> => {
    const endAt = monotonicMs() + store.settleMs * SETTLES_MAX;
    for (;;) {
      const version = await look();
      const leftMs = store.settleMs - state.settledMs();
      if (leftMs <= 0) return version;
      if (isStopped || monotonicMs() + leftMs > endAt) {
        throw refuseAway({ ...state.read(), reason: 'it comes and goes' });
      }
      await pause(leftMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };

  const othersOf = async (): Promise<readonly ReplicaReport[]> => {
    try {
      return (await store.replicas()).filter((other) => other.replica !== replica);
    } catch (error) {
      throw refusalOf(error);
    }
  };

  /** Commits, adopts, and waits until all that are live serve it. */
  const put = async (expected: number, held: Held): Promise<Changed> => {
    const startedAt = monotonicMs();
    const result = await store.commit(expected, held.snapshot, held.entry).catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (result.kind === 'stale') {
      await look().catch(() => {});
      throw refuseStale(expected, result.current ?? 0);
    }
    if (held.snapshot.version >= served.version) take(held);
    // Somebody was told of it, and has changed it, before this was.
    else recording = recording.then(() => keep([{ entry: held.entry }]));
    await within(recording, DISK_MS, () =>
      logger.error('the disk does not keep up: a flip is in the store, and not yet recorded here'),
    );
    return { snapshot: held.snapshot, ...(await waitUntilServed(held.snapshot.version, startedAt)) };
  };

  const waitUntilServed = async (version: number, startedAt: number): Promise<Omit<Changed, 'snapshot'>> => {
    let replicas: readonly ReplicaReport[] = [ownReport()];
    for (;;) {
      const tookMs = monotonicMs() - startedAt;
      const leftMs = EFFECTIVE_MS - tookMs;
      if (leftMs <= 0 || isStopped) return { effective: false, replicas, tookMs: EFFECTIVE_MS };
      const seen = await within(store.replicas(), leftMs, () => undefined).catch(() => undefined);
      if (seen !== undefined) {
        replicas = [...seen.filter((each) => each.replica !== replica), ownReport()].sort(byName);
        if (replicas.every((each) => each.version >= version)) {
          return { effective: true, replicas, tookMs: Math.round(monotonicMs() - startedAt) };
        }
      }
      await pause(LOOK_MS);
    }
  };

  /** On disk here when it returns, then in the store as soon as that takes it. */
  const noteEntry = async (entry: AuditEntry): Promise<void> => {
    const adding = waiting.add(entry);
    void keep([{ entry }]);
    if (state.read().state !== 'away') void waiting.flush();
    await adding;
  };

  return {
    start: async (limitMs) => {
      const endAt = monotonicMs() + limitMs;
      await kills.open();
      await waiting.open();
      const recorded = await record.open().catch((error: unknown) => {
        logger.error({ err: error }, 'the record of flags cannot be read');
        return undefined;
      });
      if (recorded !== undefined) {
        served = frozen(recorded.snapshot);
        servedEntryId = recorded.entry.id;
        recordedVersion = served.version;
      }
      await store.start({
        onSnapshot: (held) => {
          take(held);
          heard();
        },
        onSeen: (version) => {
          takeVersion(version ?? 0);
          heard();
        },
        onAway: (reason) => {
          state.enter('away', reason);
          // Nothing better is to be had soon; without a record it is worth the wait.
          if (recorded !== undefined) firstWord.resolve();
        },
        onCorrupt: (reason) => {
          state.enter('corrupt', reason);
          heard();
        },
      });
      await within(firstWord.promise, limitMs, () => undefined);
      await within(recording, Math.max(0, endAt - monotonicMs()), () => undefined);
    },
    stop: async () => {
      isStopped = true;
      stopped.abort();
      await store.stop();
      await within(recording, DISK_MS, () => undefined);
      await within(record.close(), DISK_MS, () => undefined);
    },
    snapshot: () => served,
    kills: kills.list,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: async (change) => {
      const version = await settle();
      if (version < served.version) throw refuseBehind(version, served.version, replica);
      const more = (await othersOf()).find((other) => knownBy(other) > version);
      if (more !== undefined && (await look()) < knownBy(more)) {
        throw refuseBehind(version, knownBy(more), more.replica);
      }
      const { author, expectedVersion } = change;
      if (expectedVersion !== served.version) throw refuseStale(expectedVersion, served.version);
      const snapshot: Snapshot = {
        version: expectedVersion + 1,
        at: new Date(now()).toISOString(),
        by: author.by,
        reason: author.reason,
        flags: { ...served.flags, ...change.flags },
      };
      const entry = createChangeEntry(newId(), replica, change, served, snapshot);
      return put(expectedVersion, { snapshot, entry });
    },
    kill: async (target, author) => {
      if (kills.list().length >= KILLS_MAX) {
        throw new FlagRefusal('invalid-value', `there are ${KILLS_MAX} kills already; lift some, or kill *`);
      }
      const at = new Date(now()).toISOString();
      const kill: Kill = Object.freeze({ id: newId(), target, reason: author.reason, by: author.by, at });
      const note = createNote(newId(), replica, at, { action: 'kill', target }, author);
      const keeping = [onDisk(kills.add(kill)), onDisk(noteEntry(note))];
      void report();
      for (const kept of await Promise.allSettled(keeping)) {
        if (kept.status === 'fulfilled') continue;
        const what = 'the kill is in force, and could not be kept on disk: a restart may end it';
        throw new Error(what, { cause: kept.reason });
      }
      return kill;
    },
    liftKill: async (id, author) => {
      const lifted = await onDisk(kills.lift(id));
      if (lifted === undefined)
        throw new FlagRefusal('unknown-kill', `no kill ${id} is in force here`, { id });
      const at = new Date(now()).toISOString();
      const note = { action: 'lift-kill', target: lifted.target } as const;
      await onDisk(noteEntry(createNote(newId(), replica, at, note, author)));
      void report();
    },
    restore: async (author) => {
      await settle();
      await report();
      const version = await look();
      if (version >= served.version) {
        throw new FlagRefusal(
          'nothing-to-restore',
          `the store holds version ${version}, and no more is known`,
          {
            version,
          },
        );
      }
      const [highest] = (await othersOf()).toSorted((one, other) => knownBy(other) - knownBy(one));
      if (highest !== undefined && knownBy(highest) > served.version) {
        throw refuseLess(served.version, highest.replica, knownBy(highest));
      }
      const before = served;
      const snapshot: Snapshot = {
        version: before.version + 1,
        at: new Date(now()).toISOString(),
        by: author.by,
        reason: author.reason,
        flags: before.flags,
      };
      // What the store lost of the audit, as far as it is known here, before what comes after it.
      await store.append(await record.entries()).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const entry = createChangeEntry(
        newId(),
        replica,
        { author, action: 'restore', target: '*', forced: false },
        before,
        snapshot,
      );
      return put(version, { snapshot, entry });
    },
    note: async (entry, author) => {
      if (waiting.list().length >= WAITING_MAX) throw refuseAway(state.read());
      await onDisk(noteEntry(createNote(newId(), replica, new Date(now()).toISOString(), entry, author)));
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
    replicas: async () => {
      const reports = await store.replicas().catch(() => []);
      return [...reports.filter((each) => each.replica !== replica), ownReport()].sort(byName);
    },
    status: () => ({
      store: store.kind,
      ...state.read(),
      version: served.version,
      stalenessMs: state.stalenessMs(served.version),
      kills: kills.list(),
      pendingAudit: waiting.list().length,
    }),
  };
}

/** Throws where the disk takes too long, or what the work throws. */
function onDisk<T>(work: Promise<T>): Promise<T> {
  return within(work, DISK_MS, () => {
    throw new Error(`the disk took longer than ${DISK_MS} ms`);
  });
}

/** Shared with every request, so that none can change it. */
function frozen(snapshot: Snapshot): Snapshot {
  for (const flag of Object.values(snapshot.flags)) Object.freeze(flag);
  Object.freeze(snapshot.flags);
  return Object.freeze(snapshot);
}

function knownBy({ version, recordedVersion }: ReplicaReport): number {
  return Math.max(version, recordedVersion);
}

function byName(one: ReplicaReport, other: ReplicaReport): number {
  return one.replica < other.replica ? -1 : 1;
}
