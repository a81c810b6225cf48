import { createStatement, findStatement } from './create-statement.ts';
import { listInvoices, requiredPayment, visibleInvoice, visibleInvoiceOfBooking } from './invoice-queries.ts';
import type { InvoicesOf } from './invoices.ts';
import type { PaymentParts } from './pay-invoice.ts';
import { refundPayment } from './refund-payment.ts';
import { takePayment } from './take-payment.ts';

/** Billing that is in this database. */
export function createLocalInvoices(payments: PaymentParts): InvoicesOf {
  const { pool, clock } = payments;
  return ({ identity }) => ({
    visible: (id) => visibleInvoice(pool, identity, id),
    ofBooking: (bookingId) => visibleInvoiceOfBooking(pool, identity, bookingId),
    list: (filter, page) => listInvoices(pool, filter, page),
    payment: (id) => requiredPayment(pool, id),
    pay: async (invoice, card) => (await takePayment(payments, invoice, card)).payment,
    refund: async (_invoiceId, paymentId, wanted) => void (await refundPayment(payments, paymentId, wanted)),
    async drawUp(wanted) {
      const { id } = JSON.parse(await createStatement(pool, wanted, clock)) as { id: number };
      return String(id);
    },
    statement: (id) => findStatement(pool, id),
  });
}
