import {
  type Invoice,
  type Payment,
  type Refund,
  CardBrand as WireBrand,
  RefundResult as WireRefundResult,
  PaymentResult as WireResult,
  InvoiceStatus as WireStatus,
} from '@banyan/contracts/billing/v1/billing';
import type { CardBrand } from '../../billing/card.ts';
import type {
  InvoiceRow,
  InvoiceStatus,
  PaymentResult,
  PaymentRow,
  RefundRow,
} from '../../billing/invoice.ts';
import type { ShownInvoice } from '../../billing/invoices.ts';
import { bookingReference, invoiceNumber } from '../../bookings/reference.ts';
import { isoInstant } from '../../clock.ts';
import { toCents } from '../../money.ts';
import { decimalFromWire, moneyToWire } from './money-wire.ts';

const STATUSES = {
  OPEN: WireStatus.OPEN,
  PAID: WireStatus.PAID,
  PARTIALLY_REFUNDED: WireStatus.PARTIALLY_REFUNDED,
  REFUNDED: WireStatus.REFUNDED,
  VOID: WireStatus.VOID,
} as const satisfies Record<InvoiceStatus, WireStatus>;

const RESULTS = {
  PENDING: WireResult.PENDING,
  APPROVED: WireResult.APPROVED,
  DECLINED: WireResult.DECLINED,
  FAILED: WireResult.FAILED,
} as const satisfies Record<PaymentResult, WireResult>;

const REFUND_RESULTS = {
  PENDING: WireRefundResult.PENDING,
  REFUNDED: WireRefundResult.REFUNDED,
  FAILED: WireRefundResult.FAILED,
} as const satisfies Record<RefundRow['result'], WireRefundResult>;

const BRANDS = {
  VISA: WireBrand.VISA,
  MASTERCARD: WireBrand.MASTERCARD,
  AMEX: WireBrand.AMEX,
  OTHER: WireBrand.OTHER,
} as const satisfies Record<CardBrand, WireBrand>;

export function invoiceToWire(row: InvoiceRow): Invoice {
  const amount = (decimal: string, currency = row.currency) => moneyToWire(toCents(decimal), currency);
  const refund = (each: RefundRow): Refund => ({
    id: BigInt(each.id),
    result: REFUND_RESULTS[each.result],
    amount: amount(each.amount, each.currency),
    reason: each.reason,
    acquirerReference: each.acquirer_ref ?? undefined,
    createdAt: new Date(each.created_at),
  });
  return {
    id: BigInt(row.id),
    number: invoiceNumber(row.booking_id),
    bookingId: BigInt(row.booking_id),
    bookingReference: bookingReference(row.booking_id),
    accountId: BigInt(row.account_id),
    billTo: row.bill_to,
    status: STATUSES[row.status],
    lines: row.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unitAmount: amount(line.unit_amount),
      amount: amount(line.amount),
    })),
    net: amount(row.net),
    tax: amount(row.tax),
    total: amount(row.total),
    paid: amount(row.paid),
    refunded: amount(row.refunded),
    ledgerReference: BigInt(row.ledger_ref),
    issuedAt: row.issued_at,
    dueAt: row.due_at,
    paidAt: row.paid_at ?? undefined,
    updatedAt: row.updated_at,
    payments: row.payments.map((each) => ({
      id: BigInt(each.id),
      result: RESULTS[each.result],
      declineReason: each.decline_reason ?? undefined,
      amount: amount(each.amount, each.currency),
      cardBrand: BRANDS[each.card_brand as CardBrand],
      cardLast4: each.card_last4,
      acquirerReference: each.acquirer_ref ?? undefined,
      createdAt: new Date(each.created_at),
      refunds: each.refunds.map(refund),
    })),
  };
}

export function invoiceFromWire(invoice: Invoice): ShownInvoice {
  return {
    id: String(invoice.id),
    booking_id: String(invoice.bookingId),
    account_id: String(invoice.accountId),
    bill_to: invoice.billTo,
    status: found(STATUSES, invoice.status),
    currency: invoice.total?.currencyCode ?? '',
    lines: invoice.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unit_amount: decimalFromWire(line.unitAmount),
      amount: decimalFromWire(line.amount),
    })),
    net: decimalFromWire(invoice.net),
    tax: decimalFromWire(invoice.tax),
    total: decimalFromWire(invoice.total),
    paid: decimalFromWire(invoice.paid),
    refunded: decimalFromWire(invoice.refunded),
    ledger_ref: String(invoice.ledgerReference),
    issued_at: required(invoice.issuedAt),
    due_at: required(invoice.dueAt),
    paid_at: invoice.paidAt ?? null,
    payments: invoice.payments.map(paymentFromWire),
  };
}

function paymentFromWire(payment: Payment): PaymentRow {
  return {
    id: String(payment.id),
    result: found(RESULTS, payment.result),
    decline_reason: payment.declineReason ?? null,
    amount: decimalFromWire(payment.amount),
    currency: payment.amount?.currencyCode ?? '',
    card_brand: found(BRANDS, payment.cardBrand),
    card_last4: payment.cardLast4,
    acquirer_ref: payment.acquirerReference ?? null,
    created_at: isoInstant(required(payment.createdAt)),
    refunds: payment.refunds.map((refund) => ({
      id: String(refund.id),
      result: found(REFUND_RESULTS, refund.result),
      amount: decimalFromWire(refund.amount),
      currency: refund.amount?.currencyCode ?? '',
      reason: refund.reason,
      acquirer_ref: refund.acquirerReference ?? null,
      created_at: isoInstant(required(refund.createdAt)),
    })),
  };
}

function required(at: Date | undefined): Date {
  if (!at) throw new RangeError('a time is missing');
  return at;
}

function found<Name extends string, Wire>(table: Readonly<Record<Name, Wire>>, wire: Wire): Name {
  const entry = Object.entries(table).find(([, value]) => value === wire);
  if (!entry) throw new RangeError(`${String(wire)} is not known here`);
  return entry[0] as Name;
}
