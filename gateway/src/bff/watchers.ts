/** Bounds the streams that watch jobs: they last as long as jobs do. */
export type Watchers = {
  /** Whether another stream of the account would be one too many. */
  isFull(account: string): boolean;
  /** A stream begins; what it gives ends it. */
  enter(account: string): () => void;
};

export type WatchersLimits = { readonly streamsMax: number; readonly accountStreamsMax: number };

export const WATCHERS_MAX: WatchersLimits = { streamsMax: 256, accountStreamsMax: 16 };

export function createWatchers({ streamsMax, accountStreamsMax }: WatchersLimits): Watchers {
  const byAccount = new Map<string, number>();
  let streams = 0;
  return {
    isFull: (account) => streams >= streamsMax || (byAccount.get(account) ?? 0) >= accountStreamsMax,
    enter: (account) => {
      streams += 1;
      byAccount.set(account, (byAccount.get(account) ?? 0) + 1);
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        streams -= 1;
        const left = (byAccount.get(account) ?? 1) - 1;
        if (left === 0) byAccount.delete(account);
        else byAccount.set(account, left);
      };
    },
  };
}
