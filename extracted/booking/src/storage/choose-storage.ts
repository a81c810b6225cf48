import { refuse } from '@banyan/service-kit/errors';
import type { OwnershipReader, ServiceData } from '@banyan/service-kit/ownership';
import { Refusal } from '../domain/refusal.ts';
import type { BookingReads, BookingStorage } from './port.ts';

export const AGGREGATE = 'booking';

export type StorageChoice = {
  /** Where bookings are now. Throws when that is nowhere that this service can read. */
  reads(): BookingReads;
  /** This service's own tables. Throws NOT_THE_OWNER while they are not what counts. */
  owned(): BookingStorage;
  /** What `reads` would choose. */
  source(): 'own' | 'shared' | 'none';
  /** What is read while the monolith owns. */
  readonly whileMonolithOwns: ServiceData;
};

/**
 * By the record of owners in this service's database, asked anew for every call. Never by guess: our tables are a
 * stale copy while the monolith owns, and so are its tables while we do.
 */
export function createStorageChoice(options: {
  readonly ownership: Pick<OwnershipReader, 'ownerOf'>;
  readonly own: BookingStorage;
  readonly shared: BookingStorage | null;
}): StorageChoice {
  const { ownership, own, shared } = options;

  const source = (): 'own' | 'shared' | 'none' => {
    const owner = ownership.ownerOf(AGGREGATE);
    if (owner === 'service') return 'own';
    // While a copy is under way they are nobody's, and either side's tables may be half written.
    return owner === 'monolith' && shared !== null ? 'shared' : 'none';
  };

  const notOurs = (): Error =>
    ownership.ownerOf(AGGREGATE) === 'unknown'
      ? refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE', { retryAfterSeconds: 1 })
      : new Refusal('NOT_THE_OWNER');

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
