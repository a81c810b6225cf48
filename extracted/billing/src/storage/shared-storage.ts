import type { Database } from '@banyan/service-kit/database';
import { Refusal } from '../domain/refusal.ts';
import type { BillingStorage, BillingWrites } from './port.ts';
import { createReads } from './reads.ts';

/**
 * The monolith's tables, through views and a role that can only read. What belongs to a write is refused before the
 * database is asked: the monolith owns billing.
 */
export function createSharedStorage(database: Database): BillingStorage {
  const refuse = async (): Promise<never> => {
    throw new Refusal('NOT_THE_OWNER');
  };
  const writes: BillingWrites = {
    newPaymentId: refuse,
    beginPayment: refuse,
    settlePayment: refuse,
    beginRefund: refuse,
    settleRefund: refuse,
    refundOrder: refuse,
    pendingPayments: refuse,
    pendingRefunds: refuse,
    createStatement: refuse,
    findRequest: refuse,
    keepAnswer: refuse,
    placeInvoice: refuse,
    closeBooking: refuse,
    takeNote: refuse,
  };
  return { ...createReads(database), ...writes };
}
