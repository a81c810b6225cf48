import type { AuditEntry } from '../audit.ts';
import { type FlagStore, StoreCorrupt, type StoreEvents } from '../flag-store.ts';
import { momentOf } from './audit-entries.ts';
import { parseEntryText, parseHeld, parseReport } from './parse-held.ts';
import { createRedisCommit } from './redis-commit.ts';
import { createRedisConnection } from './redis-connection.ts';
import { lookInto, readHeld } from './redis-look.ts';
import {
  APPEND,
  AUDIT,
  AUDIT_ENTRIES_MAX,
  CHANNEL,
  FORGET,
  KEYS,
  REPLICAS,
  REPORT,
} from './redis-scripts.ts';
import { refuseBefore } from './refusals.ts';
import { within } from './within.ts';

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
const FORGET_MS = 300;

/**
 * Flags of all replicas in Redis. One connection asks, one is told of commits; a poll every second is the net for what
 * was not told.
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

  const rise = (version: number): void => {
    moves += 1;
    highest = Math.max(highest, version);
  };

  const poll = async (): Promise<void> => {
    for (;;) {
      const movesBefore = moves;
      const found = await lookInto(asking, known?.hash ?? '');
      const held = found.text === undefined ? undefined : readHeld(found.text);
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

  const commit = createRedisCommit({ connection: asking, commandMs, isStopped: () => isStopped });

  const append = async (entries: readonly AuditEntry[]): Promise<void> => {
    for (let from = 0; from < entries.length; from += APPEND_MAX) {
      const texts = entries
        .slice(from, from + APPEND_MAX)
        .flatMap((entry) => [entry.id, momentOf(entry), JSON.stringify(entry)]);
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
      const { text } = await lookInto(asking, '');
      if (text === undefined) return undefined;
      const held = readHeld(text);
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
      )) as (string | null)[] | null;
      if (texts === null) throw refuseBefore(before);
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
