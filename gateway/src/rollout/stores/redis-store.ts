import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEntry } from '../audit.ts';
import {
  type CommitResult,
  type FlagStore,
  type Held,
  type ReplicaReport,
  StoreAway,
  StoreCorrupt,
  type StoreEvents,
} from '../flag-store.ts';
import { parseEntryText, parseHeld } from './parse-held.ts';
import { createRedisConnection } from './redis-connection.ts';
import { APPEND, AUDIT, CHANNEL, COMMIT, FORGET, KEYS, LOOK, REPLICAS, REPORT } from './redis-scripts.ts';
import { within } from './within.ts';

/** The oldest entries beyond it are dropped. */
export const AUDIT_ENTRIES_MAX = 20_000;
/** How long a command may take; a flip is a handful of them. */
const COMMAND_MS = 1_000;
/** Of one answer. */
const AUDIT_PAGE_MAX = 1_000;
const APPEND_MAX = 100;
const POLL_MS = 1_000;
/** Several polls: a replica that is only slow is still waited for. */
const REPORT_MS = 5_000;
/** A replica comes back within a second, and reports as soon as it has looked. */
const SETTLE_MS = 2_000;
/** For finding out what became of a commit whose answer was lost. */
const RETRY_MS = 1_500;
const RETRY_PAUSE_MS = 50;
const FORGET_MS = 300;

type Look = {
  /** Redis' clock at some moment before the answer came. */
  readonly redisMs: number;
  readonly hash: string;
  /** Undefined where it is what is known already, or nothing is held. */
  readonly text: string | undefined;
  readonly hasEntry: boolean;
};

/**
 * Flags of all replicas in Redis. One connection asks, one is told of commits; a poll every second is the net for what
 * was not told. A commit carries its own end, in Redis' time: one that reaches a Redis that was paused, or a connection
 * that was cut, after its caller was refused, does nothing.
 */
export function createRedisStore(url: string, commandMs: number = COMMAND_MS): FlagStore {
  const asking = createRedisConnection(url, commandMs);
  const told = createRedisConnection(url, commandMs);
  let events: StoreEvents | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let reported: string | undefined;
  /** Of what the last look found. */
  let known: { hash: string; version: number | undefined } | undefined;
  /** The highest version that was told of or committed here, and how often that happened. */
  let highest = 0;
  let moves = 0;

  const look = async (knownHash: string, entryId = ''): Promise<Look> => {
    const [redisMs, hash, text, has] = await asking.ask(
      (redis) =>
        redis.eval(LOOK, 2, KEYS.held, KEYS.entries, knownHash, entryId) as Promise<
          [number, string, string | null, number]
        >,
    );
    return { redisMs: Number(redisMs), hash, text: text ?? undefined, hasEntry: Number(has) === 1 };
  };

  const read = (text: string): Held => {
    const parsed = parseHeld(text);
    if (!parsed.ok) throw new StoreCorrupt(`what ${KEYS.held} holds is no snapshot: ${parsed.reason}`);
    return parsed.held;
  };

  const rise = (version: number): void => {
    moves += 1;
    highest = Math.max(highest, version);
  };

  const poll = async (): Promise<void> => {
    for (;;) {
      const movesBefore = moves;
      const found = await look(known?.hash ?? '');
      const held = found.text === undefined ? undefined : read(found.text);
      const version = held?.snapshot.version ?? (found.hash === '' ? undefined : known?.version);
      // Asked before, and answered after, a newer one was told of.
      if (moves !== movesBefore && (version ?? 0) < highest) continue;
      if (isStopped) return;
      known = { hash: found.hash, version };
      if (held === undefined || held.snapshot.version < highest) return events?.onSeen(version);
      rise(held.snapshot.version);
      return events?.onSnapshot(held);
    }
  };

  const tick = async (): Promise<void> => {
    clearTimeout(timer);
    // A connection that is only told would not notice that it is cut; what fails here fails it.
    told.ask((redis) => redis.ping()).catch(() => {});
    await poll().catch((error: unknown) => {
      if (isStopped) return;
      if (error instanceof StoreCorrupt) events?.onCorrupt(error.message);
      else events?.onAway(error instanceof Error ? error.message : String(error));
    });
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(tick, POLL_MS * (0.9 + Math.random() / 10));
  };

  const onMessage = (text: string): void => {
    if (isStopped) return;
    const parsed = parseHeld(text);
    if (!parsed.ok || parsed.held.snapshot.version < highest) {
      void tick();
      return;
    }
    rise(parsed.held.snapshot.version);
    events?.onSnapshot(parsed.held);
  };

  const commitOnce = async (expected: number, held: Held): Promise<CommitResult> => {
    for (;;) {
      const found = await look('', held.entry.id);
      if (found.hasEntry) return { kind: 'done' };
      const current = found.text === undefined ? undefined : read(found.text).snapshot.version;
      if ((current ?? 0) !== expected) return { kind: 'stale', current };
      const answer = await asking.change((redis) =>
        redis.eval(
          COMMIT,
          3,
          ...[KEYS.held, KEYS.entries, KEYS.audit],
          ...[found.hash, found.redisMs + commandMs, JSON.stringify(held)],
          ...[held.entry.id, JSON.stringify(held.entry), AUDIT_ENTRIES_MAX, CHANNEL],
        ),
      );
      if (answer === 'late') throw new StoreAway('it took too long');
      if (answer === 'done') return { kind: 'done' };
    }
  };

  /** Handing in the same entry again changes nothing that was done, and tells what was. */
  const commit = async (expected: number, held: Held): Promise<CommitResult> => {
    let unknown: StoreAway | undefined;
    const endAt = performance.now() + RETRY_MS;
    for (;;) {
      try {
        return await commitOnce(expected, held);
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        // A look that fails leaves open what was open before it.
        if (error.isUnknown && !isStopped) unknown ??= error;
        if (unknown === undefined) throw error;
        if (isStopped || performance.now() >= endAt) throw unknown;
      }
      await pause(RETRY_PAUSE_MS);
    }
  };

  const append = async (entries: readonly AuditEntry[]): Promise<void> => {
    for (let from = 0; from < entries.length; from += APPEND_MAX) {
      const texts = entries
        .slice(from, from + APPEND_MAX)
        .flatMap((entry) => [entry.id, JSON.stringify(entry)]);
      await asking.change((redis) =>
        redis.eval(APPEND, 2, KEYS.entries, KEYS.audit, AUDIT_ENTRIES_MAX, ...texts),
      );
    }
  };

  return {
    kind: 'redis',
    settleMs: SETTLE_MS,
    start: async (listener) => {
      events = listener;
      asking.redis.on('ready', () => void tick());
      asking.redis.on('close', () => {
        if (!isStopped) events?.onAway(asking.reason());
      });
      told.redis.on('message', (_channel: string, text: string) => onMessage(text));
      told.redis.on('ready', () => {
        told.redis.subscribe(CHANNEL).then(
          // What was committed before this was not heard.
          () => void tick(),
          () => told.redis.disconnect(true),
        );
      });
      for (const { redis } of [asking, told]) {
        // It tries again by itself; why it failed comes with the events above.
        redis.connect().catch(() => {});
      }
      timer = setTimeout(tick, POLL_MS);
    },
    read: async () => {
      const { text } = await look('');
      if (text === undefined) return undefined;
      const held = read(text);
      if (held.snapshot.version > highest) rise(held.snapshot.version);
      return held;
    },
    commit: async (expected, snapshot, entry) => {
      const result = await commit(expected, { snapshot, entry });
      if (result.kind === 'done') rise(snapshot.version);
      return result;
    },
    append,
    audit: async ({ limit, before = '' }) => {
      const page = Math.max(1, Math.min(limit, AUDIT_PAGE_MAX));
      const texts = (await asking.ask((redis) =>
        redis.eval(AUDIT, 2, KEYS.audit, KEYS.entries, page, before),
      )) as (string | null)[];
      return texts.flatMap((text) => (text === null ? [] : (parseEntryText(text) ?? [])));
    },
    report: async (report) => {
      reported = report.replica;
      const text = JSON.stringify(report);
      await asking.ask((redis) =>
        redis.eval(REPORT, 2, KEYS.replicas, KEYS.reports, report.replica, text, REPORT_MS),
      );
    },
    replicas: async () => {
      const texts = (await asking.ask((redis) => redis.eval(REPLICAS, 2, KEYS.replicas, KEYS.reports))) as (
        | string
        | null
      )[];
      return texts
        .flatMap((text) => (text === null ? [] : (parseReport(text) ?? [])))
        .sort((one, other) => (one.replica < other.replica ? -1 : 1));
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      if (reported !== undefined && asking.redis.status === 'ready') {
        // So that no flip waits for a replica that is gone. It is forgotten anyhow.
        const forgotten = asking.ask((redis) =>
          redis.eval(FORGET, 2, KEYS.replicas, KEYS.reports, reported ?? ''),
        );
        await within(forgotten, FORGET_MS, () => undefined).catch(() => undefined);
      }
      await Promise.all([asking.close(), told.close()]);
    },
  };
}

function parseReport(text: string): ReplicaReport | undefined {
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
