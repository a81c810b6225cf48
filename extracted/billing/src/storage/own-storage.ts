import type { Database } from '@banyan/service-kit/database';
import { createBookingWrites } from './own/bookings.ts';
import { createPaymentWrites } from './own/payments.ts';
import { createRefundWrites } from './own/refunds.ts';
import { createRequestKeys } from './own/request-keys.ts';
import { createStatementWrites } from './own/statements.ts';
import type { BillingStorage } from './port.ts';
import { createReads } from './reads.ts';

export type OwnStorageParts = {
  readonly database: Database;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Of the call on behalf of which something is written: what follows from its events belongs to that trace. */
  readonly traceparent?: () => string | undefined;
};

/** What an outcome is recorded with. */
export type Settling = {
  readonly now: Date;
  readonly eventId: string;
  readonly traceparent: string | undefined;
};

/** The service's own tables. */
export function createOwnStorage(parts: OwnStorageParts): BillingStorage {
  return {
    ...createReads(parts.database),
    ...createPaymentWrites(parts),
    ...createRefundWrites(parts),
    ...createStatementWrites(parts),
    ...createRequestKeys(parts),
    ...createBookingWrites(parts),
  };
}
