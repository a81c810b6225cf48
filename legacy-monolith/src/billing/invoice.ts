import { bookingReference, invoiceNumber } from '../bookings/reference.ts';
import { isoInstant } from '../clock.ts';
import { type RawInteger, rawInteger } from '../http/json.ts';

export const INVOICE_STATUSES = ['OPEN', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOID'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

export const PAYMENT_RESULTS = ['PENDING', 'APPROVED', 'DECLINED', 'FAILED'] as const;
export type PaymentResult = (typeof PAYMENT_RESULTS)[number];

export type LineRow = { description: string; quantity: number; unit_amount: string; amount: string };

/** Within an invoice's row the parts are JSON: ids are text there, since a double would round them. */
export type RefundRow = {
  id: string;
  result: 'PENDING' | 'REFUNDED' | 'FAILED';
  amount: string;
  currency: string;
  reason: string;
  acquirer_ref: string | null;
  created_at: string;
};

export type PaymentRow = {
  id: string;
  result: PaymentResult;
  decline_reason: string | null;
  amount: string;
  currency: string;
  card_brand: string;
  card_last4: string;
  acquirer_ref: string | null;
  created_at: string;
  refunds: readonly RefundRow[];
};

export type InvoiceRow = {
  id: string;
  booking_id: string;
  account_id: string;
  bill_to: string;
  status: InvoiceStatus;
  currency: string;
  lines: readonly LineRow[];
  net: string;
  tax: string;
  total: string;
  paid: string;
  refunded: string;
  ledger_ref: string;
  issued_at: Date;
  due_at: Date;
  paid_at: Date | null;
  updated_at: Date;
  payments: readonly PaymentRow[];
};

const AT = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Invoices with lines, payments and refunds, in one statement: all of one moment. */
export const SELECT_INVOICES = `
  SELECT i.id, i.booking_id, i.account_id, i.bill_to, i.status, i.currency, i.net, i.tax, i.total, i.paid,
         i.refunded, i.ledger_ref, i.issued_at, i.due_at, i.paid_at, i.updated_at,
         (SELECT coalesce(json_agg(json_build_object(
                   'description', l.description, 'quantity', l.quantity,
                   'unit_amount', l.unit_amount::text, 'amount', l.amount::text) ORDER BY l.position), '[]')
          FROM invoice_lines l WHERE l.invoice_id = i.id) AS lines,
         (SELECT coalesce(json_agg(json_build_object(
                   'id', p.id::text, 'result', p.result, 'decline_reason', p.decline_reason,
                   'amount', p.amount::text, 'currency', p.currency, 'card_brand', p.card_brand,
                   'card_last4', p.card_last4, 'acquirer_ref', p.acquirer_ref,
                   'created_at', ${AT('p.created_at')},
                   'refunds', (SELECT coalesce(json_agg(json_build_object(
                                        'id', r.id::text, 'result', r.result, 'amount', r.amount::text,
                                        'currency', r.currency, 'reason', r.reason,
                                        'acquirer_ref', r.acquirer_ref,
                                        'created_at', ${AT('r.created_at')}) ORDER BY r.id), '[]')
                               FROM refunds r WHERE r.payment_id = p.id)) ORDER BY p.id), '[]')
          FROM payments p WHERE p.invoice_id = i.id) AS payments
  FROM invoices i`;

/** Whether a charge is under way; another one is refused until its outcome is known. */
export function isBeingPaid({ payments }: Pick<InvoiceRow, 'payments'>): boolean {
  return payments.some(({ result }) => result === 'PENDING');
}

type Shown = { id: RawInteger } & Record<string, unknown>;

/** An invoice as the contract shows it; the order of the keys is part of it. */
export function toInvoice(row: InvoiceRow): Shown {
  return {
    id: rawInteger(row.id),
    number: invoiceNumber(row.booking_id),
    booking_id: rawInteger(row.booking_id),
    booking_reference: bookingReference(row.booking_id),
    account_id: rawInteger(row.account_id),
    bill_to: row.bill_to,
    status: row.status,
    currency: row.currency,
    lines: row.lines,
    net: row.net,
    tax: row.tax,
    total: row.total,
    paid: row.paid,
    refunded: row.refunded,
    ledger_ref: rawInteger(row.ledger_ref),
    issued_at: isoInstant(row.issued_at),
    due_at: isoInstant(row.due_at),
    paid_at: row.paid_at === null ? null : isoInstant(row.paid_at),
    payments: row.payments.map(toPayment),
  };
}

export function toPayment(row: PaymentRow): Shown {
  return {
    id: rawInteger(row.id),
    result: row.result,
    decline_reason: row.decline_reason,
    amount: row.amount,
    currency: row.currency,
    card_brand: row.card_brand,
    card_last4: row.card_last4,
    acquirer_ref: row.acquirer_ref,
    created_at: row.created_at,
    refunds: row.refunds.map(toRefund),
  };
}

export function toRefund(row: RefundRow): Shown {
  return { ...row, id: rawInteger(row.id) };
}

/** The answer of refundPayment: as within the invoice, with the payment's id second. */
export function toPaymentRefund(row: RefundRow, paymentId: string): Shown {
  const { id, ...rest } = row;
  return { id: rawInteger(id), payment_id: rawInteger(paymentId), ...rest };
}
