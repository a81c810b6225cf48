import type {
  Invoice,
  InvoiceStatus,
  InvoiceSummary,
  PaymentResult,
  RefundResult,
} from '../domain/invoice.ts';

export type SummaryRow = {
  id: bigint;
  booking_id: bigint;
  account_id: bigint;
  status: InvoiceStatus;
  currency: string;
  net_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  paid_minor: bigint;
  refunded_minor: bigint;
  ledger_reference: bigint;
  issued_at: Date;
  paid_at: Date | null;
};

/** Within an invoice's row the parts are JSON: ids and amounts are text there, since a double would round them. */
type LineJson = { description: string; quantity: number; unit_amount: string; amount: string };
type RefundJson = {
  id: string;
  result: RefundResult;
  amount: string;
  currency: string;
  reason: string;
  acquirer_reference: string | null;
  created_at: string;
};
type PaymentJson = {
  id: string;
  result: PaymentResult;
  decline_reason: string | null;
  amount: string;
  currency: string;
  card_brand: string;
  card_last4: string;
  acquirer_reference: string | null;
  created_at: string;
  refunds: RefundJson[];
};

export type InvoiceRow = SummaryRow & {
  bill_to: string;
  due_at: Date;
  updated_at: Date;
  lines: LineJson[];
  payments: PaymentJson[];
};

export function toSummary(row: SummaryRow): InvoiceSummary {
  return {
    id: row.id,
    bookingId: row.booking_id,
    accountId: row.account_id,
    status: row.status,
    currency: row.currency,
    netMinor: row.net_minor,
    taxMinor: row.tax_minor,
    totalMinor: row.total_minor,
    paidMinor: row.paid_minor,
    refundedMinor: row.refunded_minor,
    ledgerReference: row.ledger_reference,
    issuedAt: row.issued_at,
    paidAt: row.paid_at,
  };
}

export function toInvoice(row: InvoiceRow): Invoice {
  return {
    ...toSummary(row),
    billTo: row.bill_to,
    dueAt: row.due_at,
    updatedAt: row.updated_at,
    lines: row.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unitMinor: BigInt(line.unit_amount),
      amountMinor: BigInt(line.amount),
    })),
    payments: row.payments.map((payment) => ({
      id: BigInt(payment.id),
      result: payment.result,
      declineReason: payment.decline_reason,
      amountMinor: BigInt(payment.amount),
      currency: payment.currency,
      cardBrand: payment.card_brand,
      cardLast4: payment.card_last4,
      acquirerReference: payment.acquirer_reference,
      createdAt: new Date(payment.created_at),
      refunds: payment.refunds.map((refund) => ({
        id: BigInt(refund.id),
        result: refund.result,
        amountMinor: BigInt(refund.amount),
        currency: refund.currency,
        reason: refund.reason,
        acquirerReference: refund.acquirer_reference,
        createdAt: new Date(refund.created_at),
      })),
    })),
  };
}

const AT = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const SUMMARY_COLUMNS = `
  i.id, i.booking_id, i.account_id, i.status, i.currency, i.net_minor, i.tax_minor, i.total_minor, i.paid_minor,
  i.refunded_minor, i.ledger_reference, i.issued_at, i.paid_at`;

/** Invoices with lines, payments and refunds, in one statement: all of one moment. */
export const SELECT_INVOICES = `
  SELECT ${SUMMARY_COLUMNS}, i.bill_to, i.due_at, i.updated_at,
         (SELECT coalesce(json_agg(json_build_object(
                   'description', l.description, 'quantity', l.quantity,
                   'unit_amount', l.unit_amount_minor::text, 'amount', l.amount_minor::text)
                 ORDER BY l.position), '[]')
          FROM invoice_lines l WHERE l.invoice_id = i.id) AS lines,
         (SELECT coalesce(json_agg(json_build_object(
                   'id', p.id::text, 'result', p.result, 'decline_reason', p.decline_reason,
                   'amount', p.amount_minor::text, 'currency', p.currency, 'card_brand', p.card_brand,
                   'card_last4', p.card_last4, 'acquirer_reference', p.acquirer_reference,
                   'created_at', ${AT('p.created_at')},
                   'refunds', (SELECT coalesce(json_agg(json_build_object(
                                        'id', r.id::text, 'result', r.result, 'amount', r.amount_minor::text,
                                        'currency', r.currency, 'reason', r.reason,
                                        'acquirer_reference', r.acquirer_reference,
                                        'created_at', ${AT('r.created_at')}) ORDER BY r.id), '[]')
                               FROM refunds r WHERE r.payment_id = p.id)) ORDER BY p.id), '[]')
          FROM payments p WHERE p.invoice_id = i.id) AS payments
  FROM invoices i`;
