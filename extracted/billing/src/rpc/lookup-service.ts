import { InvoiceLookupServiceService } from '@banyan/contracts/billing/v1/billing';
import { implement, type ServedService } from '@banyan/service-kit/handlers';
import { Refusal } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import { refusing } from './billing-service.ts';
import { toWireInvoice } from './to-wire.ts';

/** What booking's owner needs of an invoice. Answered by billing's owner alone, so that it is never out of date. */
export function createLookupService(choice: StorageChoice): ServedService {
  return implement(InvoiceLookupServiceService, 'service', {
    lookUpInvoice: refusing(async ({ bookingId }) => {
      const invoice = await choice.owned().findInvoiceOfBooking(bookingId);
      if (!invoice) throw new Refusal('INVOICE_NOT_FOUND');
      return { invoice: toWireInvoice(invoice) };
    }),
  });
}
