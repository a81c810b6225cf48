import type { Caller } from '../auth/caller.ts';
import type { Page } from '../http/paging.ts';
import type { StatementBody, WantedStatement } from './create-statement.ts';
import type { InvoiceRow, PaymentRow } from './invoice.ts';
import type { InvoiceFilter } from './list-filter.ts';
import type { WantedRefund } from './refund-payment.ts';

/** An invoice as far as anybody is shown it. */
export type ShownInvoice = Omit<InvoiceRow, 'updated_at'>;

/** Billing as one caller may see and write it, wherever it is. Refuses as the API does. */
export type Invoices = {
  /** The invoice of an id as it stands in a path, or the 404, or the 403 of a foreign one. */
  visible(id: unknown): Promise<ShownInvoice>;
  ofBooking(bookingId: string): Promise<ShownInvoice>;
  /** One page, newest first, and how many there are in all. */
  list(filter: InvoiceFilter, page: Page): Promise<{ total: number; rows: ShownInvoice[] }>;
  /** The payment of an id as it stands in a path, or the 404. Null: only who knows the invoice can say. */
  payment(id: unknown): Promise<{ paymentId: string; invoiceId: string | null }>;
  /** Pays by card; `formId` is the form that this was sent by, once. */
  pay(
    invoice: ShownInvoice,
    card: Readonly<Record<string, unknown>>,
    formId: string,
  ): Promise<Pick<PaymentRow, 'result' | 'decline_reason'>>;
  refund(invoiceId: string, paymentId: string, wanted: WantedRefund, formId: string): Promise<void>;
  /** Gives the statement's id. */
  drawUp(wanted: WantedStatement, formId: string): Promise<string>;
  statement(id: string): Promise<{ account_id: string; body: StatementBody } | undefined>;
};

export type InvoicesOf = (caller: Caller) => Invoices;
