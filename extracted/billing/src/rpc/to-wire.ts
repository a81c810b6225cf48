import {
  type ExportedInvoice,
  StatementLineKind,
  CardBrand as WireBrand,
  type Invoice as WireInvoice,
  type Payment as WirePayment,
  type Refund as WireRefund,
  RefundResult as WireRefundResult,
  PaymentResult as WireResult,
  type Statement as WireStatement,
  InvoiceStatus as WireStatus,
} from '@banyan/contracts/billing/v1/billing';
import { moneyOf } from '@banyan/service-kit/money';
import { CARD_BRANDS, type CardBrand } from '../domain/card.ts';
import {
  type Invoice,
  type InvoiceStatus,
  type InvoiceSummary,
  numberOf,
  type Payment,
  type PaymentResult,
  type Refund,
  type RefundResult,
  referenceOf,
} from '../domain/invoice.ts';
import type { MovementKind, Statement } from '../domain/statement.ts';

export const STATUSES = {
  OPEN: WireStatus.OPEN,
  PAID: WireStatus.PAID,
  PARTIALLY_REFUNDED: WireStatus.PARTIALLY_REFUNDED,
  REFUNDED: WireStatus.REFUNDED,
  VOID: WireStatus.VOID,
} as const satisfies Record<InvoiceStatus, WireStatus>;

export const RESULTS = {
  PENDING: WireResult.PENDING,
  APPROVED: WireResult.APPROVED,
  DECLINED: WireResult.DECLINED,
  FAILED: WireResult.FAILED,
} as const satisfies Record<PaymentResult, WireResult>;

export const REFUND_RESULTS = {
  PENDING: WireRefundResult.PENDING,
  REFUNDED: WireRefundResult.REFUNDED,
  FAILED: WireRefundResult.FAILED,
} as const satisfies Record<RefundResult, WireRefundResult>;

export const BRANDS = {
  VISA: WireBrand.VISA,
  MASTERCARD: WireBrand.MASTERCARD,
  AMEX: WireBrand.AMEX,
  OTHER: WireBrand.OTHER,
} as const satisfies Record<CardBrand, WireBrand>;

export const KINDS = {
  INVOICE: StatementLineKind.INVOICE,
  PAYMENT: StatementLineKind.PAYMENT,
  REFUND: StatementLineKind.REFUND,
} as const satisfies Record<MovementKind, StatementLineKind>;

export function toWireInvoice(invoice: Invoice): WireInvoice {
  const money = (minor: bigint) => moneyOf(minor, invoice.currency);
  return {
    id: invoice.id,
    number: numberOf(invoice),
    bookingId: invoice.bookingId,
    bookingReference: referenceOf(invoice),
    accountId: invoice.accountId,
    billTo: invoice.billTo,
    status: STATUSES[invoice.status],
    lines: invoice.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unitAmount: money(line.unitMinor),
      amount: money(line.amountMinor),
    })),
    net: money(invoice.netMinor),
    tax: money(invoice.taxMinor),
    total: money(invoice.totalMinor),
    paid: money(invoice.paidMinor),
    refunded: money(invoice.refundedMinor),
    ledgerReference: invoice.ledgerReference,
    issuedAt: invoice.issuedAt,
    dueAt: invoice.dueAt,
    paidAt: invoice.paidAt ?? undefined,
    updatedAt: invoice.updatedAt,
    payments: invoice.payments.map(toWirePayment),
  };
}

export function toWirePayment(payment: Payment): WirePayment {
  return {
    id: payment.id,
    result: RESULTS[payment.result],
    declineReason: payment.declineReason ?? undefined,
    amount: moneyOf(payment.amountMinor, payment.currency),
    cardBrand: BRANDS[CARD_BRANDS.find((brand) => brand === payment.cardBrand) ?? 'OTHER'],
    cardLast4: payment.cardLast4,
    acquirerReference: payment.acquirerReference ?? undefined,
    createdAt: payment.createdAt,
    refunds: payment.refunds.map(toWireRefund),
  };
}

export function toWireRefund(refund: Refund): WireRefund {
  return {
    id: refund.id,
    result: REFUND_RESULTS[refund.result],
    amount: moneyOf(refund.amountMinor, refund.currency),
    reason: refund.reason,
    acquirerReference: refund.acquirerReference ?? undefined,
    createdAt: refund.createdAt,
  };
}

export function toExportedInvoice(invoice: InvoiceSummary): ExportedInvoice {
  const money = (minor: bigint) => moneyOf(minor, invoice.currency);
  return {
    id: invoice.id,
    number: numberOf(invoice),
    bookingId: invoice.bookingId,
    accountId: invoice.accountId,
    status: STATUSES[invoice.status],
    net: money(invoice.netMinor),
    tax: money(invoice.taxMinor),
    total: money(invoice.totalMinor),
    paid: money(invoice.paidMinor),
    refunded: money(invoice.refundedMinor),
    ledgerReference: invoice.ledgerReference,
    issuedAt: invoice.issuedAt,
    paidAt: invoice.paidAt ?? undefined,
  };
}

export function toWireStatement(statement: Statement): WireStatement {
  const money = (minor: bigint) => moneyOf(minor, statement.currency);
  return {
    id: statement.id,
    accountId: statement.accountId,
    month: { ...statement.month },
    openingBalance: money(statement.openingMinor),
    invoiced: money(statement.invoicedMinor),
    paid: money(statement.paidMinor),
    refunded: money(statement.refundedMinor),
    closingBalance: money(statement.closingMinor),
    lines: statement.lines.map((line) => ({
      at: line.at,
      kind: KINDS[line.kind],
      invoiceNumber: line.invoiceNumber,
      amount: money(line.amountMinor),
    })),
    generatedAt: statement.generatedAt,
  };
}
