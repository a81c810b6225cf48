import { setTimeout as pause } from 'node:timers/promises';
import { type CommitResult, type Held, StoreAway } from '../flag-store.ts';
import { momentOf } from './audit-entries.ts';
import type { RedisConnection } from './redis-connection.ts';
import { lookInto, readHeld } from './redis-look.ts';
import { AUDIT_ENTRIES_MAX, CHANNEL, COMMIT, KEYS } from './redis-scripts.ts';

/** For finding out what became of a commit whose answer was lost. */
const RETRY_MS = 1_500;
const RETRY_PAUSE_MS = 50;

/**
 * Commits to Redis. Each carries its own end, in Redis' time: one that reaches a Redis that was paused, or a connection
 * that was cut, after its caller was refused, does nothing.
 */
export function createRedisCommit(parts: {
  readonly connection: RedisConnection;
  readonly commandMs: number;
  readonly isStopped: () => boolean;
}): (expected: number, held: Held) => Promise<CommitResult> {
  const { connection, commandMs, isStopped } = parts;

  const commitOnce = async (expected: number, held: Held): Promise<CommitResult> => {
    for (;;) {
      const found = await lookInto(connection, '', held.entry.id);
      if (found.hasEntry) return { kind: 'done' };
      const current = found.text === undefined ? undefined : readHeld(found.text).snapshot.version;
      if ((current ?? 0) !== expected) return { kind: 'stale', current };
      const answer = await connection.change((redis) =>
        redis.eval(
          COMMIT,
          3,
          ...[KEYS.held, KEYS.entries, KEYS.audit],
          ...[found.hash, found.redisMs + commandMs, JSON.stringify(held)],
          ...[held.entry.id, momentOf(held.entry), JSON.stringify(held.entry), AUDIT_ENTRIES_MAX, CHANNEL],
        ),
      );
      if (answer === 'late') throw new StoreAway('it took too long');
      if (answer === 'done') return { kind: 'done' };
    }
  };

  /** Handing in the same entry again changes nothing that was done, and tells what was. */
  return async (expected, held) => {
    let unknown: StoreAway | undefined;
    const endAt = performance.now() + RETRY_MS;
    for (;;) {
      try {
        return await commitOnce(expected, held);
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error;
        // A look that fails leaves open what was open before it.
        if (error.isUnknown && !isStopped()) unknown ??= error;
        if (unknown === undefined) throw error;
        if (isStopped() || performance.now() >= endAt) throw unknown;
      }
      await pause(RETRY_PAUSE_MS);
    }
  };
}
