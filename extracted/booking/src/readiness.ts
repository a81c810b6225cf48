import type { Database } from '@banyan/service-kit/database';
import type { Health } from '@banyan/service-kit/server';
import type { CopyName } from './directory/copies.ts';
import type { CopyAge } from './directory/refresher.ts';
import type { StorageChoice } from './storage/choose-storage.ts';

/** A copy that is older than this is shown as behind; it is read all the same. */
const BEHIND_MS = 30_000;
const COPIES: readonly CopyName[] = ['flights', 'accounts'];

/**
 * Keeps the health that the server tells. The whole serves while its own database answers; the services of bookings
 * while there is a storage for them that can be read. `booking.copy.flights` and `booking.copy.accounts` say whether
 * a copy keeps up, which takes nothing out of service.
 */
export function tellHealth(
  health: Health,
  parts: {
    readonly own: Database;
    readonly shared: Database | null;
    readonly choice: Pick<StorageChoice, 'source'>;
    readonly copies: CopyAge;
    readonly isMigrated: () => boolean;
    /** Of bookings, by whose storage they stand or fall. */
    readonly services: readonly string[];
  },
): void {
  const { own, shared, choice, copies, isMigrated, services } = parts;
  const status = (isServing: boolean) => (isServing ? 'SERVING' : 'NOT_SERVING');
  const isUp = own.healthy() && isMigrated();
  const canRead = (): boolean => {
    const source = choice.source();
    if (source === 'shared') return shared?.healthy() === true;
    // Without flights there are no bookings to show.
    return source === 'own' && copies.isWhole('flights');
  };
  health.set(status(isUp));
  for (const service of services) health.set(status(isUp && canRead()), service);
  for (const name of COPIES) {
    const ageMs = copies.ageMs(name);
    health.set(status(ageMs !== null && ageMs < BEHIND_MS), `booking.copy.${name}`);
  }
}
