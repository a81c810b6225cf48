import type { Invoice, InvoiceStatus, Payment, Refund } from '@banyan/contracts/billing/v1/billing';
import { required, ServiceNonsense } from '@banyan/gateway/carve-out';
import type { components } from '@banyan/openapi/generated/legacy';
import { currencyOf, decimalOf, isoInstant, nameOf, type OnWire, rawInteger } from '@meridian/habits/values';

type Schemas = components['schemas'];

export const statusName = (status: InvoiceStatus) => nameOf(status, 'INVOICE_STATUS_');

/** In the contract's order. */
export const INVOICE_STATUSES = [
  'OPEN',
  'PAID',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'VOID',
] as const satisfies readonly ReturnType<typeof statusName>[];

/** An invoice as the contract shows it; the order of the keys is part of it. */
export function toInvoice(invoice: Invoice): OnWire<Schemas['Invoice']> {
  return {
    id: rawInteger(invoice.id),
    number: invoice.number,
    booking_id: rawInteger(invoice.bookingId),
    booking_reference: invoice.bookingReference,
    account_id: rawInteger(invoice.accountId),
    bill_to: invoice.billTo,
    status: statusName(invoice.status),
    currency: currencyOf(invoice.total),
    lines: invoice.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unit_amount: decimalOf(line.unitAmount),
      amount: decimalOf(line.amount),
    })),
    net: decimalOf(invoice.net),
    tax: decimalOf(invoice.tax),
    total: decimalOf(invoice.total),
    paid: decimalOf(invoice.paid),
    refunded: decimalOf(invoice.refunded),
    ledger_ref: rawInteger(invoice.ledgerReference),
    issued_at: isoInstant(invoice.issuedAt),
    due_at: isoInstant(invoice.dueAt),
    paid_at: invoice.paidAt === undefined ? null : isoInstant(invoice.paidAt),
    payments: invoice.payments.map(toPayment),
  };
}

export function toPayment(payment: Payment): OnWire<Schemas['Payment']> {
  return {
    id: rawInteger(payment.id),
    result: nameOf(payment.result, 'PAYMENT_RESULT_'),
    decline_reason: payment.declineReason ?? null,
    amount: decimalOf(payment.amount),
    currency: currencyOf(payment.amount),
    card_brand: nameOf(payment.cardBrand, 'CARD_BRAND_'),
    card_last4: payment.cardLast4,
    acquirer_ref: payment.acquirerReference ?? null,
    created_at: isoInstant(payment.createdAt),
    refunds: payment.refunds.map(toRefund),
  };
}

export function toRefund(refund: Refund): OnWire<Schemas['Refund']> {
  return {
    id: rawInteger(refund.id),
    result: nameOf(refund.result, 'REFUND_RESULT_'),
    amount: decimalOf(refund.amount),
    currency: currencyOf(refund.amount),
    reason: refund.reason,
    acquirer_ref: refund.acquirerReference ?? null,
    created_at: isoInstant(refund.createdAt),
  };
}

/** The answer of refundPayment: as within the invoice, with the payment's id second. */
export function toPaymentRefund(refund: Refund, paymentId: bigint): OnWire<Schemas['PaymentRefund']> {
  const { id, result, ...rest } = toRefund(refund);
  // Any other outcome is a refusal.
  if (result !== 'REFUNDED') throw new ServiceNonsense(`a refund that was made is ${result}`);
  return { id, payment_id: rawInteger(paymentId), result, ...rest };
}

/** The answer of payInvoice. */
export function toPaid(
  payment: Payment | undefined,
  status: InvoiceStatus,
): OnWire<Schemas['PaymentOutcome']> {
  const paid = toPayment(required(payment, 'payment'));
  const { result } = paid;
  // Any other outcome is a refusal.
  if (result !== 'APPROVED' && result !== 'DECLINED') {
    throw new ServiceNonsense(`a payment that was settled is ${result}`);
  }
  return { result, reason: paid.decline_reason, payment: paid, invoice_status: statusName(status) };
}
