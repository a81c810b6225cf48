import { refuse } from '@banyan/service-kit/errors';
import type { OwnershipReader, ServiceData } from '@banyan/service-kit/ownership';
import { Refusal } from '../domain/refusal.ts';
import type { BillingReads, BillingStorage } from './port.ts';

export const AGGREGATE = 'billing';

export type StorageChoice = {
  /** Where billing's data is now. Throws when it is nowhere that this service can read. */
  reads(): BillingReads;
  /** This service's own tables. Throws NOT_THE_OWNER while they are not what counts. */
  owned(): BillingStorage;
  /** What `reads` would choose. */
  source(): 'own' | 'shared' | 'none';
  /** What is read while the monolith owns. */
  readonly whileMonolithOwns: ServiceData;
};

/** By the record of owners in this service's database, asked anew for every call. */
export function createStorageChoice(options: {
  readonly ownership: Pick<OwnershipReader, 'ownerOf'>;
  readonly own: BillingStorage;
  readonly shared: BillingStorage | null;
}): StorageChoice {
  const { ownership, own, shared } = options;

  const source = (): 'own' | 'shared' | 'none' => {
    const owner = ownership.ownerOf(AGGREGATE);
    if (owner === 'service') return 'own';
    // While a copy is under way it is nobody's, and the monolith's tables may be half written.
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
