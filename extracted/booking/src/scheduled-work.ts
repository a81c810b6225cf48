import type { Database } from '@banyan/service-kit/database';
import type { ServiceParts } from '@banyan/service-kit/lifecycle';
import type { OwnershipReader } from '@banyan/service-kit/ownership';
import { createSchedule, type Schedule } from '@banyan/service-kit/schedule';
import { expireHolds } from './bookings/expire-holds.ts';
import { AGGREGATE, type StorageChoice } from './storage/choose-storage.ts';
import { keepBookingHouse } from './storage/housekeeping.ts';

const HOUR_MS = 3_600_000;

/**
 * What is done by the clock, by one of the replicas: what the monolith's nightly job does for bookings while they are
 * its own. As that job, first after one period.
 */
export function createScheduledWork(options: {
  readonly database: Database;
  readonly ownership: Pick<OwnershipReader, 'ownerOf' | 'refresh'>;
  readonly choice: Pick<StorageChoice, 'owned'>;
  readonly expiryIntervalMs: number;
  readonly onExpired: (count: number) => void;
  readonly parts: Pick<ServiceParts, 'logger' | 'metrics' | 'now' | 'newId' | 'random'>;
}): Schedule {
  const { database, ownership, choice, expiryIntervalMs, onExpired, parts } = options;
  const { logger, metrics, now, newId, random } = parts;

  const expire = async (signal: AbortSignal): Promise<void> => {
    await ownership.refresh();
    if (ownership.ownerOf(AGGREGATE) === 'monolith') return;
    // While they are being moved this refuses, and is tried again soon.
    const count = await expireHolds({ storage: choice.owned(), now, newId }, signal);
    onExpired(count);
    if (count > 0) logger.info({ count }, 'holds expired');
  };

  const keepHouse = async (signal: AbortSignal): Promise<void> => {
    await ownership.refresh();
    const owns = ownership.ownerOf(AGGREGATE) === 'service';
    await keepBookingHouse(database, { owns, now: now(), signal });
  };

  const every = (everyMs: number) => ({ everyMs, firstInMs: everyMs });
  return createSchedule({
    database,
    logger,
    random,
    metrics,
    tasks: [
      { name: 'hold-expiry', ...every(expiryIntervalMs), run: ({ signal }) => expire(signal) },
      {
        name: 'housekeeping',
        ...every(HOUR_MS),
        run: ({ signal }) => keepHouse(signal),
      },
    ],
  });
}
