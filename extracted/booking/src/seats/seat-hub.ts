import { Refusal } from '../domain/refusal.ts';
import type { SeatChange } from '../storage/port.ts';

export type SeatFeed = {
  /** Told every change; null when some may have been missed, and once when the following has begun. */
  followSeats(onChange: (change: SeatChange | null) => void): { stop(): Promise<void> };
};

export type SeatHub = {
  /** Follows the seats here from now on, or nobody's. Whoever watches is cut: it must read the seats anew. */
  follow(feed: SeatFeed | null): Promise<void>;
  /**
   * First nothing, which says that the watch has begun, then changes in batches as they are taken. Throws
   * WATCH_INTERRUPTED when some may have been missed, WATCHER_TOO_SLOW for who lets too many wait. Returns when the
   * signal is aborted.
   */
  watch(signal: AbortSignal): AsyncIterable<readonly SeatChange[]>;
  watchers(): number;
};

/** What waits for one watcher at most; it reads the whole list faster than so many changes. */
const WAITING_MAX = 1_000;

/** One connection's notifications for any number of watchers, each at its own pace. */
export function createSeatHub({ waitingMax = WAITING_MAX }: { readonly waitingMax?: number } = {}): SeatHub {
  const watchers = new Set<Watcher>();
  let following: { stop(): Promise<void> } | null = null;
  let isLive = false;
  let generation = 0;

  const interruptAll = (): void => {
    for (const watcher of watchers) watcher.end(new Refusal('WATCH_INTERRUPTED'));
  };

  const onChange = (change: SeatChange | null): void => {
    if (change !== null) {
      for (const watcher of watchers) watcher.add(change);
      return;
    }
    // The first one says that nothing is missed from here; those who came before it wait for it.
    if (isLive) interruptAll();
    isLive = true;
    for (const watcher of watchers) watcher.begin();
  };

  return {
    async follow(feed) {
      generation += 1;
      const mine = generation;
      const before = following;
      following = null;
      isLive = false;
      interruptAll();
      await before?.stop();
      // Somebody else may have decided otherwise meanwhile.
      if (feed === null || mine !== generation) return;
      following = feed.followSeats((change) => {
        if (mine === generation) onChange(change);
      });
    },
    watchers: () => watchers.size,
    async *watch(signal) {
      const watcher = createWatcher(waitingMax);
      watchers.add(watcher);
      const wake = (): void => watcher.wake();
      signal.addEventListener('abort', wake, { once: true });
      if (isLive) watcher.begin();
      try {
        while (!signal.aborted) {
          const changes = watcher.take();
          if (changes !== null) yield changes;
          else await watcher.wait(signal);
        }
      } finally {
        watchers.delete(watcher);
        signal.removeEventListener('abort', wake);
      }
    },
  };
}

type Watcher = {
  begin(): void;
  add(change: SeatChange): void;
  end(reason: Refusal): void;
  /** Null when there is nothing to tell yet. Throws what the watch ended with. */
  take(): readonly SeatChange[] | null;
  wait(signal: AbortSignal): Promise<void>;
  wake(): void;
};

function createWatcher(waitingMax: number): Watcher {
  let waiting: SeatChange[] = [];
  let state: 'new' | 'begun' | 'watching' = 'new';
  let ended: Refusal | null = null;
  let wake = (): void => {};
  const end = (reason: Refusal): void => {
    ended ??= reason;
    waiting = [];
    wake();
  };
  return {
    begin() {
      if (state === 'new') state = 'begun';
      wake();
    },
    add(change) {
      if (state === 'new' || ended) return;
      waiting.push(change);
      if (waiting.length > waitingMax) end(new Refusal('WATCHER_TOO_SLOW'));
      else wake();
    },
    end,
    take() {
      if (ended) throw ended;
      if (state === 'begun') {
        state = 'watching';
        return [];
      }
      if (waiting.length === 0) return null;
      const taken = waiting;
      waiting = [];
      return taken;
    },
    async wait(signal) {
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
    wake: () => wake(),
  };
}
