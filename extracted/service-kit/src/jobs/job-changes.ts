import type { Database } from '../database.ts';
import type { ChannelListener } from '../database-listen.ts';

const CHANNEL = 'jobs_changed';

/** Says which jobs have changed. A change may be missed: whoever waits for one looks now and then. */
export type JobChanges = {
  onChange(id: string, listener: () => void): () => void;
  stop(): Promise<void>;
};

/** One connection for all who wait, made when the first one does. */
export function createJobChanges(database: Pick<Database, 'listen'>): JobChanges {
  const listeners = new Map<string, Set<() => void>>();
  let channel: ChannelListener | undefined;

  const tell = (id: string): void => {
    // Without an id any of them may have changed.
    const told = id === '' ? [...listeners.values()] : [listeners.get(id) ?? []];
    for (const some of told) for (const listener of some) listener();
  };

  return {
    onChange(id, listener) {
      channel ??= database.listen(CHANNEL, tell);
      const some = listeners.get(id) ?? new Set();
      listeners.set(id, some.add(listener));
      return () => {
        some.delete(listener);
        if (some.size === 0 && listeners.get(id) === some) listeners.delete(id);
      };
    },
    stop: async () => channel?.stop(),
  };
}
