import type { ServiceChannel } from '../channels/service-channel.ts';
import type { OwnerFacts } from '../rollout/routes.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { KeptOwner, OwnerFile } from './owner-file.ts';
import { type OwnerRecord, watchOwnership } from './watch-ownership.ts';

/** What the gateway knows of an aggregate's owner. */
export type KnownOwner = OwnerFacts & {
  readonly epoch: bigint;
  /** How old that knowledge is: 0 while its service is being followed. */
  readonly ageMs: number;
};

/** A service to be followed, and the aggregate that it is asked about. */
export type FollowedOwner = { readonly aggregate: string; readonly channel: ServiceChannel };

/**
 * Knows who owns each aggregate: from its service, which reads it from its database, and until that can be asked,
 * from what was known before a restart. It informs; what it gets wrong the databases refuse.
 */
export type OwnerMirror = {
  /** Undefined: nobody has said. */
  ownerOf(aggregate: string): OwnerFacts | undefined;
  read(aggregate: string): KnownOwner | undefined;
  /** Called after `ownerOf` has changed. Gives what ends it. */
  onChange(listener: () => void): () => void;
  /** Reads what was kept, begins to follow, and waits at most `limitMs` for every service's first word. */
  start(limitMs: number): Promise<void>;
  stop(): Promise<void>;
};

export type OwnerMirrorParts = {
  readonly followed: readonly FollowedOwner[];
  readonly file: OwnerFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
};

export function createOwnerMirror({ followed, file, now, logger }: OwnerMirrorParts): OwnerMirror {
  const known = new Map<string, KeptOwner>();
  const following = new Set<string>();
  const stops: (() => void)[] = [];
  const listeners = new Set<() => void>();
  let writing: Promise<void> = Promise.resolve();

  const keep = (): void => {
    writing = file.write([...known.values()]).catch((error: unknown) => {
      logger.warn(
        { err: error },
        'who owns what could not be kept: after a restart it has to be asked first',
      );
    });
  };

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const adopt = (aggregate: string, { owner, epoch, data }: OwnerRecord): void => {
    const before = known.get(aggregate);
    known.set(aggregate, { aggregate, owner, epoch, data, knownAtMs: now() });
    if (before?.owner === owner && before.epoch === epoch && before.data === data) return;
    if (before !== undefined && epoch < before.epoch) {
      const line = { aggregate, epoch: String(epoch), before: String(before.epoch) };
      logger.warn(line, 'an owner of an earlier epoch: the service has another database');
    }
    logger.info({ aggregate, owner, epoch: String(epoch), data }, 'owner');
    tell();
    keep();
  };

  const follow = ({ aggregate, channel }: FollowedOwner, onFirst: () => void): void => {
    const onRecords = (records: readonly OwnerRecord[]): void => {
      const record = records.find((each) => each.aggregate === aggregate);
      if (record === undefined) return;
      following.add(aggregate);
      adopt(aggregate, record);
      onFirst();
    };
    const onLost = (): void => {
      const last = known.get(aggregate);
      if (following.delete(aggregate) && last) known.set(aggregate, { ...last, knownAtMs: now() });
    };
    stops.push(watchOwnership(channel, onRecords, onLost));
  };

  return {
    ownerOf: (aggregate) => known.get(aggregate),
    read: (aggregate) => {
      const kept = known.get(aggregate);
      if (kept === undefined) return undefined;
      const ageMs = following.has(aggregate) ? 0 : Math.max(0, now() - kept.knownAtMs);
      return { owner: kept.owner, epoch: kept.epoch, data: kept.data, ageMs };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async (limitMs) => {
      for (const kept of await file.read()) {
        if (followed.some(({ aggregate }) => aggregate === kept.aggregate)) known.set(kept.aggregate, kept);
      }
      tell();
      const firsts = followed.map((each) => new Promise<void>((resolve) => follow(each, resolve)));
      await withinLimit(Promise.all(firsts), limitMs);
    },
    stop: async () => {
      for (const stop of stops.splice(0)) stop();
      following.clear();
      await writing;
    },
  };
}

async function withinLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
