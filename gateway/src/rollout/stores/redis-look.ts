import { type Held, StoreCorrupt } from '../flag-store.ts';
import { parseHeld } from './parse-held.ts';
import type { RedisConnection } from './redis-connection.ts';
import { KEYS, LOOK } from './redis-scripts.ts';

export type Look = {
  /** Redis' clock at some moment before the answer came. */
  readonly redisMs: number;
  /** Of what is held; empty where nothing is. */
  readonly hash: string;
  /** Undefined where it is what is known already, or nothing is held. */
  readonly text: string | undefined;
  /** Whether the entry that was asked for is there. */
  readonly hasEntry: boolean;
};

/** What Redis holds now, unless its hash is the known one. Throws StoreAway. */
export async function lookInto(connection: RedisConnection, knownHash: string, entryId = ''): Promise<Look> {
  const [redisMs, hash, text, has] = await connection.ask(
    (redis) =>
      redis.eval(LOOK, 2, KEYS.held, KEYS.entries, knownHash, entryId) as Promise<
        [number, string, string | null, number]
      >,
  );
  return { redisMs: Number(redisMs), hash, text: text ?? undefined, hasEntry: Number(has) === 1 };
}

/** Throws StoreCorrupt. */
export function readHeld(text: string): Held {
  const parsed = parseHeld(text);
  if (!parsed.ok) throw new StoreCorrupt(`what ${KEYS.held} holds is no snapshot: ${parsed.reason}`);
  return parsed.held;
}
