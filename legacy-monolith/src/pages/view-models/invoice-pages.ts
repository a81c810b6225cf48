import type { Role } from '../../auth/guards.ts';
import { INVOICE_STATUSES, type InvoiceStatus, type PaymentRow } from '../../billing/invoice.ts';
import type { ShownInvoice } from '../../billing/invoices.ts';
import { bookingReference, invoiceNumber } from '../../bookings/reference.ts';
import { fromCents, toCents } from '../../money.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { displayCode, displayDate, displayDateTime, displayMoney } from '../format.ts';
import type { Tag, Tone } from './flight-parts.ts';
import type { Pager } from './pager.ts';

export type InvoicesPage = {
  heading: string;
  count: string;
  rows: readonly {
    path: string;
    number: string;
    billTo: string;
    reference: string;
    issued: string;
    total: string;
    status: Tag;
  }[];
  filter: readonly Field[];
  filtered: boolean;
  pager: Pager | null;
  /** The accountants' desk; null for others. */
  exportForm: readonly Field[] | null;
  statement: StatementForm;
};

export type StatementForm = {
  action: string;
  token: string;
  message: string | null;
  fields: readonly Field[];
};

export type PaymentView = {
  id: string;
  amount: string;
  card: string;
  at: string;
  result: Tag;
  declineReason: string | null;
  refunds: readonly { amount: string; reason: string; at: string; result: Tag }[];
  refundForm: RefundForm | null;
};

export type RefundForm = {
  action: string;
  token: string;
  /** The invoice's id. */
  invoice: string;
  /** What is left to refund, for the server to see whether it is so still. */
  left: string;
  message: string | null;
  fields: readonly Field[];
};

export type InvoicePage = {
  number: string;
  status: Tag;
  billTo: string;
  bookingPath: string;
  bookingReference: string;
  issued: string;
  due: string;
  paidAt: string | null;
  ledgerRef: string;
  lines: readonly { description: string; quantity: number; unit: string; amount: string }[];
  net: string;
  tax: string;
  total: string;
  paid: string;
  refunded: string;
  payments: readonly PaymentView[];
  pdfPath: string;
  payPath: string | null;
};

export type StatementPage = {
  month: string;
  accountId: string;
  totals: readonly (readonly [label: string, value: string])[];
  closing: string;
  lines: readonly { at: string; kind: string; invoice: string; amount: string }[];
  generatedAt: string;
};

const INVOICE_TONES: Readonly<Record<InvoiceStatus, Tone>> = {
  OPEN: 'warn',
  PAID: 'good',
  PARTIALLY_REFUNDED: '',
  REFUNDED: '',
  VOID: 'quiet',
};

const RESULT_TONES: Readonly<Record<string, Tone>> = {
  PENDING: 'warn',
  APPROVED: 'good',
  REFUNDED: 'good',
  DECLINED: 'bad',
  FAILED: 'bad',
};

const tagOf = (code: string, tones: Readonly<Record<string, Tone>>): Tag => ({
  text: displayCode(code),
  tone: tones[code] ?? '',
});

export function invoicesFilter(form: FormState, role: Role): Field[] {
  const statuses = INVOICE_STATUSES.map((status) => [status, displayCode(status)] as const);
  return [
    field(form, 'status', 'Status', { kind: 'select', optional: true, options: [['', 'All'], ...statuses] }),
    ...(role === 'accountant'
      ? [field(form, 'account_id', 'Account', { optional: true, attributes: { inputmode: 'numeric' } })]
      : []),
    field(form, 'booking_id', 'Booking id', { optional: true, attributes: { inputmode: 'numeric' } }),
    field(form, 'issued_from', 'Issued from', { kind: 'date', optional: true }),
    field(form, 'issued_to', 'to', { kind: 'date', optional: true }),
  ];
}

export function statementForm(form: FormState, role: Role, token: string): StatementForm {
  return {
    action: '/statements',
    token,
    message: form.message,
    fields: [
      field(form, 'month', 'Month', {
        scope: 'statement',
        kind: 'month',
        attributes: { placeholder: '2026-10' },
      }),
      ...(role === 'accountant'
        ? [
            field(form, 'account_id', 'Account', {
              scope: 'statement',
              attributes: { inputmode: 'numeric', maxlength: '18' },
            }),
          ]
        : []),
    ],
  };
}

export function exportForm(form: FormState): Field[] {
  return [
    field(form, 'from', 'Issued from', { scope: 'export', kind: 'date', optional: true }),
    field(form, 'to', 'to', { scope: 'export', kind: 'date', optional: true }),
  ];
}

export function invoiceLine(row: ShownInvoice): InvoicesPage['rows'][number] {
  return {
    path: `/invoices/${row.id}`,
    number: invoiceNumber(row.booking_id),
    billTo: row.bill_to,
    reference: bookingReference(row.booking_id),
    issued: displayDate(row.issued_at),
    total: displayMoney(row.total, row.currency),
    status: tagOf(row.status, INVOICE_TONES),
  };
}

export type RefundForms = {
  /** Of the payment whose refund was refused, what was typed; of the others, nothing. */
  formOf(paymentId: string): FormState;
  token(paymentId: string): string;
};

export function invoicePage(row: ShownInvoice, role: Role, refunds: RefundForms): InvoicePage {
  const money = (amount: string): string => displayMoney(amount, row.currency);
  return {
    number: invoiceNumber(row.booking_id),
    status: tagOf(row.status, INVOICE_TONES),
    billTo: row.bill_to,
    bookingPath: `/bookings/${row.booking_id}`,
    bookingReference: bookingReference(row.booking_id),
    issued: displayDateTime(row.issued_at),
    due: displayDateTime(row.due_at),
    paidAt: row.paid_at === null ? null : displayDateTime(row.paid_at),
    ledgerRef: row.ledger_ref,
    lines: row.lines.map(({ description, quantity, unit_amount, amount }) => ({
      description,
      quantity,
      unit: money(unit_amount),
      amount: money(amount),
    })),
    net: money(row.net),
    tax: money(row.tax),
    total: money(row.total),
    paid: money(row.paid),
    refunded: money(row.refunded),
    payments: row.payments.map((payment) =>
      paymentView(row.id, payment, role === 'accountant' ? refunds : null),
    ),
    pdfPath: `/api/v1/invoices/${row.id}/pdf`,
    payPath: row.status === 'OPEN' && role !== 'accountant' ? `/bookings/${row.booking_id}/pay` : null,
  };
}

function paymentView(invoiceId: string, payment: PaymentRow, refunds: RefundForms | null): PaymentView {
  const leftCents = payment.refunds
    .filter(({ result }) => result !== 'FAILED')
    .reduce((left, { amount }) => left - toCents(amount), toCents(payment.amount));
  const refundable = payment.result === 'APPROVED' && leftCents > 0n;
  return {
    id: payment.id,
    amount: displayMoney(payment.amount, payment.currency),
    card: `${displayCode(payment.card_brand)} ending in ${payment.card_last4}`,
    at: displayDateTime(payment.created_at),
    result: tagOf(payment.result, RESULT_TONES),
    declineReason: payment.decline_reason === null ? null : displayCode(payment.decline_reason),
    refunds: payment.refunds.map(({ amount, currency, reason, created_at, result }) => ({
      amount: displayMoney(amount, currency),
      reason,
      at: displayDateTime(created_at),
      result: tagOf(result, RESULT_TONES),
    })),
    refundForm: refunds && refundable ? refundForm(invoiceId, payment.id, leftCents, refunds) : null,
  };
}

function refundForm(
  invoiceId: string,
  paymentId: string,
  leftCents: bigint,
  refunds: RefundForms,
): RefundForm {
  const form = refunds.formOf(paymentId);
  return {
    action: `/payments/${paymentId}/refund`,
    token: refunds.token(paymentId),
    invoice: invoiceId,
    left: fromCents(leftCents),
    message: form.message,
    fields: [
      field(form, 'amount', 'Amount', {
        scope: `refund-${paymentId}`,
        width: 'w4',
        optional: true,
        hint: `Left empty, all that is left: ${fromCents(leftCents)}.`,
        attributes: { inputmode: 'decimal', maxlength: '16' },
      }),
      field(form, 'reason', 'Reason', {
        scope: `refund-${paymentId}`,
        width: 'w8',
        attributes: { maxlength: '200' },
      }),
    ],
  };
}
