import type { Database } from '@banyan/service-kit/database';
import type { Logger } from '@banyan/service-kit/logger';
import type { Facts } from '../bookings/parts.ts';
import { Refusal } from '../domain/refusal.ts';
import type { BookingReads } from '../storage/port.ts';
import { writeAccounts } from './copies.ts';
import type { Directory } from './directory.ts';
import { writeFlights } from './flight-rows.ts';

const ASK_MS = 500;
/** What the copy lacks only the directory can say: then it is waited for, well within the call's own deadline. */
const PATIENT_MS = 5_000;
/** After a miss the copy is taken at once for so long: a directory that is away must not slow every booking down. */
const SPARE_MS = 1_000;

export type FactSource = 'directory' | 'copy';

/**
 * Facts for a booking about to be made. The directory is asked for the freshest: a gate or a fare that changed a
 * moment ago, a name that was mended before booking. While the monolith is away the copy answers instead, at most as
 * far behind as its age says; a booking must not need the monolith. `onFact` counts which it was.
 */
export function createFacts(options: {
  readonly directory: Directory;
  readonly copy: Pick<BookingReads, 'findFlight' | 'findAccount'>;
  readonly database: Database;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly onFact: (fact: 'flight' | 'account', source: FactSource) => void;
}): Facts & { fetchFlight(id: bigint): Promise<boolean> } {
  const { directory, copy, database, now, logger, onFact } = options;
  let spareUntil = 0;

  const fresh = async <T>(
    fact: 'flight' | 'account',
    ask: (deadlineMs: number) => Promise<T | null>,
    fromCopy: () => Promise<T | null>,
  ): Promise<T | null> => {
    const asked = async (deadlineMs: number): Promise<T | null> => {
      const found = await ask(deadlineMs);
      onFact(fact, 'directory');
      return found;
    };
    if (now().getTime() >= spareUntil) {
      try {
        return await asked(ASK_MS);
      } catch (error) {
        spareUntil = now().getTime() + SPARE_MS;
        logger.warn({ err: error, fact }, 'the directory did not say: the copy is taken');
      }
    }
    const copied = await fromCopy();
    if (copied !== null) {
      onFact(fact, 'copy');
      return copied;
    }
    // What the copy has not may be younger than it, so that nobody else can say whether there is one.
    try {
      return await asked(PATIENT_MS);
    } catch (error) {
      throw new Refusal('FACTS_UNAVAILABLE', { cause: error });
    }
  };

  return {
    flight: (id) =>
      fresh(
        'flight',
        (deadlineMs) => directory.getFlight(id, { deadlineMs }),
        () => copy.findFlight(id),
      ),
    account: (id) =>
      fresh(
        'account',
        async (deadlineMs) => {
          const account = await directory.getAccount(id, { deadlineMs });
          if (account !== null) await writeAccounts(database, [account], now());
          return account;
        },
        () => copy.findAccount(id),
      ),
    async fetchFlight(id) {
      try {
        const flight = await directory.getFlight(id, { deadlineMs: PATIENT_MS });
        if (flight === null) return false;
        await writeFlights(database, [flight], now());
        return true;
      } catch (error) {
        logger.warn({ err: error, flight: String(id) }, 'a flight that the copy lacks was not to be had');
        return false;
      }
    },
  };
}
