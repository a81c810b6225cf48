import { invalidFields } from '../http/refusal.ts';
import { toCents } from '../money.ts';
import { parseCardPayment } from './card-payment.ts';
import type { InvoiceStatus, PaymentRow } from './invoice.ts';
import { findInvoice } from './invoice-queries.ts';
import type { ShownInvoice } from './invoices.ts';
import { type PaymentParts, payInvoice } from './pay-invoice.ts';

/** Pays an invoice with what a body says; gives the payment with its outcome. Throws all refusals of payInvoice. */
export async function takePayment(
  parts: PaymentParts,
  invoice: ShownInvoice,
  values: Readonly<Record<string, unknown>>,
): Promise<{ payment: PaymentRow; invoiceStatus: InvoiceStatus }> {
  const card = parseCardPayment(values, toCents(invoice.total), parts.clock());
  if (!card.ok) throw invalidFields(card.faults);
  const paymentId = await payInvoice(parts, { id: invoice.id, bookingId: invoice.booking_id }, card.value);
  const after = await findInvoice(parts.pool, invoice.id);
  const payment = after?.payments.find(({ id }) => id === paymentId);
  if (!after || !payment) throw new Error('a payment that was just settled is gone');
  return { payment, invoiceStatus: after.status };
}
