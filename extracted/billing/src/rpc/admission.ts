import type {
  CreateStatementRequest,
  ExportInvoicesRequest,
  GetInvoiceDocumentRequest,
} from '@banyan/contracts/billing/v1/billing';
import type { CallContext } from '@banyan/service-kit/handlers';
import { requireRole, requireVisible } from '../domain/access.ts';
import type { Invoice } from '../domain/invoice.ts';
import { Refusal } from '../domain/refusal.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import type { BillingReads } from '../storage/port.ts';
import { readDocumentPart, readExport, readIdempotencyKey, readStatementRequest } from './from-wire.ts';

type UserCall = CallContext<'user'>;

export type Admission = ReturnType<typeof createAdmission>;

/**
 * What a call is about, for those who may ask for it. Throws the refusal for everybody else, and changes nothing: so
 * it may be asked before a call that is made later, and again by that.
 */
export function createAdmission(parts: {
  readonly choice: StorageChoice;
  /** Asks further than the storage, which may have a copy that lags. */
  readonly accountExists: (reads: BillingReads, id: bigint) => Promise<boolean>;
  readonly now: () => Date;
}) {
  const { choice, accountExists, now } = parts;

  const visible = async (
    { identity }: UserCall,
    find: (reads: BillingReads) => Promise<Invoice | null>,
  ): Promise<Invoice> => {
    requireRole(identity, 'seeInvoice');
    const invoice = await find(choice.reads());
    if (!invoice) throw new Refusal('INVOICE_NOT_FOUND');
    requireVisible(identity, invoice);
    return invoice;
  };

  return {
    visible,

    async document(request: GetInvoiceDocumentRequest, call: UserCall) {
      const invoice = await visible(call, (reads) => reads.findInvoice(request.invoiceId));
      return { invoice, ...readDocumentPart(request) };
    },

    async export(request: ExportInvoicesRequest, { identity }: UserCall) {
      requireRole(identity, 'exportInvoices');
      return readExport(request);
    },

    async statement(request: CreateStatementRequest, { identity }: UserCall) {
      requireRole(identity, 'useStatements');
      const storage = choice.owned();
      readIdempotencyKey(request.idempotencyKey);
      return readStatementRequest(request, identity, now(), (id) => accountExists(storage, id));
    },
  };
}
