import { refuse } from './errors.ts';
import type { OwnershipReader, ServiceData } from './ownership.ts';

/** Whose tables a service reads and writes. `Storage` can do all that `Reads` can. */
export type StorageChoice<Reads, Storage extends Reads> = {
  /** Where the data is now. Throws when that is nowhere that this service can read. */
  reads(): Reads;
  /** This service's own tables. Throws what `notTheOwner` makes while they are not what counts. */
  owned(): Storage;
  /** What `reads` would choose. */
  source(): 'own' | 'shared' | 'none';
  /** What is read while the monolith owns. */
  readonly whileMonolithOwns: ServiceData;
};

export type StorageChoiceOptions<Storage> = {
  readonly aggregate: string;
  readonly ownership: Pick<OwnershipReader, 'ownerOf'>;
  readonly own: Storage;
  /** On the monolith's tables; null where it cannot see them. */
  readonly shared: Storage | null;
  /** The service's own refusal. */
  readonly notTheOwner: () => Error;
};

/**
 * By the record of owners in this service's database, asked anew for every call. Never by guess: our tables are a
 * stale copy while the monolith owns, and so are its tables while we do.
 */
export function createStorageChoice<Reads, Storage extends Reads>(
  options: StorageChoiceOptions<Storage>,
): StorageChoice<Reads, Storage> {
  const { aggregate, ownership, own, shared, notTheOwner } = options;

  const source = (): 'own' | 'shared' | 'none' => {
    const owner = ownership.ownerOf(aggregate);
    if (owner === 'service') return 'own';
    // While a copy is under way they are nobody's, and either side's tables may be half written.
    return owner === 'monolith' && shared !== null ? 'shared' : 'none';
  };

  const notOurs = (): Error =>
    ownership.ownerOf(aggregate) === 'unknown'
      ? refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE', { retryAfterSeconds: 1 })
      : notTheOwner();

  return {
    source,
    whileMonolithOwns: shared === null ? 'none' : 'shared',
    reads() {
      const chosen = source();
      if (chosen === 'own') return own;
      if (chosen === 'shared' && shared !== null) return shared;
      throw notOurs();
    },
    owned() {
      if (source() === 'own') return own;
      throw notOurs();
    },
  };
}
