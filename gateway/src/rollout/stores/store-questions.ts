import { setTimeout as pause } from 'node:timers/promises';
import { type FlagStore, type ReplicaReport, StoreAway, StoreCorrupt } from '../flag-store.ts';
import { refuseAway, refuseUnknown } from './refusals.ts';
import type { ServedFlags } from './served-flags.ts';
import type { StoreState } from './store-state.ts';

/** How often a store may go away again while a change waits for it to stay. */
const SETTLES_MAX = 3;

export type Looked = {
  /** That the store holds. */
  readonly version: number;
  /** That was served here when it said so, which may have risen since: the store is behind if it holds less. */
  readonly served: number;
};

/** What is asked of the store before it is changed. All of them throw FlagRefusal. */
export type StoreQuestions = {
  /** What it holds now, instead of what the last poll said; what is newer is adopted. */
  look(): Promise<Looked>;
  /** The same. A store that has just come back may have lost what other replicas know: they get the time to say so. */
  settle(): Promise<Looked>;
  /** What the other live replicas say of themselves. */
  others(): Promise<readonly ReplicaReport[]>;
  /** What a call to the store gives; its faults are kept as the store's state, and thrown as refusals. */
  ask<T>(call: Promise<T>): Promise<T>;
};

export function createStoreQuestions(parts: {
  readonly store: FlagStore;
  readonly state: StoreState;
  readonly served: ServedFlags;
  readonly replica: string;
  readonly monotonicMs: () => number;
  readonly stopped: AbortSignal;
}): StoreQuestions {
  const { store, state, served, replica, monotonicMs, stopped } = parts;

  const refusalOf = (error: unknown): unknown => {
    if (error instanceof StoreCorrupt) {
      state.enter('corrupt', error.message);
      return refuseAway(state.read());
    }
    if (!(error instanceof StoreAway)) return error;
    state.enter('away', error.message);
    return error.isUnknown ? refuseUnknown(state.read()) : refuseAway(state.read());
  };

  const ask = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw refusalOf(error);
    }
  };

  const look = async (): Promise<Looked> => {
    for (;;) {
      const before = served.snapshot().version;
      const held = await ask(store.read());
      const version = held?.snapshot.version ?? 0;
      const { version: after } = served.snapshot();
      // Read before, and come after, what somebody else committed meanwhile.
      if (version < after && after !== before) continue;
      served.take(held);
      return { version, served: served.snapshot().version };
    }
  };

  return {
    look,
    settle: async () => {
      const endAt = monotonicMs() + store.settleMs * SETTLES_MAX;
      for (;;) {
        const looked = await look();
        const leftMs = store.settleMs - state.settledMs();
        if (leftMs <= 0) return looked;
        if (stopped.aborted || monotonicMs() + leftMs > endAt) {
          throw refuseAway({ ...state.read(), reason: 'it comes and goes' });
        }
        await pause(leftMs, undefined, { signal: stopped }).catch(() => {});
      }
    },
    others: async () => (await ask(store.replicas())).filter((other) => other.replica !== replica),
    ask,
  };
}
