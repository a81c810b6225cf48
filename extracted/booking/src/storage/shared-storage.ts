import type { Database } from '@banyan/service-kit/database';
import { Refusal } from '../domain/refusal.ts';
import type { BookingStorage } from './port.ts';
import { createBookingReads } from './reads.ts';

/** The monolith's tables, through views and a role that may read them and nothing else. */
export function createSharedStorage(database: Database): BookingStorage {
  const refuse = async (): Promise<never> => {
    throw new Refusal('NOT_THE_OWNER');
  };
  const writes = { write: refuse, findKey: refuse, countActive: refuse, listActive: refuse };
  return { ...createBookingReads(database), ...writes };
}
