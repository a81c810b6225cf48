import type { ListOwnershipRequest, ListOwnershipResponse } from '@banyan/contracts/ownership/v1/ownership';
import type { CallOptions } from './client.ts';
import type { Logger } from './logger.ts';
import { ownerFromWire } from './ownership.ts';

/** A side that may own the aggregate: what it says about that, and what is wanted of it if so. */
export type OwnerCandidate<T> = {
  readonly side: 'service' | 'monolith';
  /** The `listOwnership` of a client of its OwnershipService. */
  readonly ask: (request: ListOwnershipRequest, options?: CallOptions) => Promise<ListOwnershipResponse>;
  readonly value: T;
};

export type OwnerResolver<T> = {
  /** The value of the first candidate that says it is the owner; null while nobody says so. */
  resolve(): Promise<T | null>;
  /** Asks anew next time: for whoever was told NOT_THE_OWNER. */
  forget(): void;
};

const CACHE_MS = 1_000;
const DEADLINE_MS = 1_000;

/**
 * Finds out where an aggregate of another context is now. Each side answers from its own database, and only the
 * owner's own word counts: while an aggregate moves, there is none.
 */
export function createOwnerResolver<T>(options: {
  readonly aggregate: string;
  /** In the order in which they are asked. */
  readonly candidates: readonly OwnerCandidate<T>[];
  readonly now: () => Date;
  readonly logger: Logger;
  readonly cacheMs?: number;
}): OwnerResolver<T> {
  const { aggregate, candidates, now, logger, cacheMs = CACHE_MS } = options;
  let known: { readonly value: T; readonly until: number } | undefined;
  let asking: Promise<T | null> | undefined;

  const isOwner = async ({ side, ask }: OwnerCandidate<T>): Promise<boolean> => {
    try {
      const { ownerships } = await ask({}, { deadlineMs: DEADLINE_MS });
      return ownerships.some((each) => each.aggregate === aggregate && ownerFromWire(each.owner) === side);
    } catch (error) {
      logger.debug({ err: error, aggregate, side }, 'a side did not say whether it is the owner');
      return false;
    }
  };

  const askAll = async (): Promise<T | null> => {
    for (const candidate of candidates) {
      if (!(await isOwner(candidate))) continue;
      known = { value: candidate.value, until: now().getTime() + cacheMs };
      return candidate.value;
    }
    return null;
  };

  return {
    async resolve() {
      if (known && now().getTime() < known.until) return known.value;
      known = undefined;
      asking ??= askAll().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    forget() {
      known = undefined;
    },
  };
}
