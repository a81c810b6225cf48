import type { BillingServiceClient } from '@banyan/contracts/billing/v1/billing';
import { defineCarveOut, expressJson, required } from '@banyan/gateway/carve-out';
import type { operations } from '@banyan/openapi/generated/legacy';
import { readFields } from '@meridian/habits/body';
import { csvAnswer } from '@meridian/habits/csv';
import { idempotencyKeyOf, replayedLines } from '@meridian/habits/idempotency-key';
import { pageAnswer, parsePage } from '@meridian/habits/paging';
import { parseId, queryOf } from '@meridian/habits/query';
import { failureAnswer, Refusal, requireRole } from '@meridian/habits/refusal';
import { centsOf, currencyOf, moneyOf } from '@meridian/habits/values';
import { billingDataPlan } from './data-plan.ts';
import { parseCardPayment, payWith } from './rest/card-payment.ts';
import { documentAnswer } from './rest/document.ts';
import { EXPORT_COLUMNS, parseExport, rowsOf, toRow } from './rest/export.ts';
import { toInvoice, toPaid, toPaymentRefund } from './rest/invoice.ts';
import { parseInvoiceFilter } from './rest/invoice-filter.ts';
import { parseRefund } from './rest/refund.ts';
import { inBillingsWords, noSuchInvoice, noSuchPayment } from './rest/refusals.ts';
import { drawUp, parseStatement, toStatement } from './rest/statement.ts';

const NO_INVOICE_OF_BOOKING = 'No invoice for this booking.';

/** The monolith looks up an outcome for so long before it says that it does not know. */
const MONEY_DEADLINE_MS = 40_000;

/** Where an invoice, or a refusal, has a value of a closed set: a difference in it may be shown as it is. */
const CLOSED_SETS = [
  'status',
  'currency',
  'payments[*].result',
  'payments[*].refunds[*].result',
  'errors[*].field',
];
const SHOWN_OF_ONE = { show: CLOSED_SETS.map((place) => `$.${place}`) };
const SHOWN_OF_LIST = { show: [...CLOSED_SETS.map((place) => `$[*].${place}`), '$.errors[*].field'] };

/** The eight operations of billing. Checks come in the contract's order: role, resource, body, meaning. */
export const carveOut = defineCarveOut<operations>()<BillingServiceClient>({
  name: 'billing',
  aggregate: 'billing',
  client: async () => (await import('@banyan/contracts/billing/v1/billing')).BillingServiceClient,
  targetVariable: 'BILLING_TARGET',
  deadlineMs: 15_000,
  dataPlan: billingDataPlan,
  failure: (kind) => failureAnswer('billing', kind),
  operations: {
    listInvoices: {
      kind: 'read',
      compare: SHOWN_OF_LIST,
      handle: (request, billing, { identity }) =>
        inBillingsWords(async () => {
          requireRole(identity, 'customer', 'accountant', 'partner');
          const query = queryOf(request);
          const page = parsePage(query);
          const filter = parseInvoiceFilter(query, identity.role, page);
          const { invoices, totalSize } = await billing.listInvoices(filter.request);
          return pageAnswer(request, {
            path: '/api/v1/invoices',
            filters: filter.filters,
            page,
            total: Number(totalSize),
            rows: invoices.map(toInvoice),
          });
        }),
    },

    getInvoice: {
      kind: 'read',
      compare: SHOWN_OF_ONE,
      handle: (request, billing) =>
        inBillingsWords(async () => {
          const { invoice } = await billing.getInvoice({ invoiceId: invoiceIdOf(request.params.id) });
          return invoiceAnswer(request, invoice);
        }),
    },

    getBookingInvoice: {
      kind: 'read',
      compare: SHOWN_OF_ONE,
      handle: (request, billing) =>
        inBillingsWords(
          async () => {
            const bookingId = parseId(request.params.id);
            if (bookingId === null) throw new Refusal('not_found', NO_INVOICE_OF_BOOKING);
            const { invoice } = await billing.getBookingInvoice({ bookingId });
            return invoiceAnswer(request, invoice);
          },
          { noInvoice: NO_INVOICE_OF_BOOKING },
        ),
    },

    getInvoicePdf: {
      kind: 'read',
      job: 'getInvoiceDocument',
      handle: (request, billing) =>
        inBillingsWords(() => {
          const invoiceId = invoiceIdOf(request.params.id);
          const whole = { invoiceId, offsetBytes: 0n, lengthBytes: 0n };
          return documentAnswer(request, billing.getInvoiceDocument(whole));
        }),
    },

    exportInvoices: {
      kind: 'read',
      job: 'exportInvoices',
      handle: (request, billing, { identity }) =>
        inBillingsWords(async () => {
          requireRole(identity, 'accountant');
          const wanted = parseExport(queryOf(request));
          return csvAnswer(request, {
            fileName: 'invoices.csv',
            columns: EXPORT_COLUMNS,
            rows: () => rowsOf(billing.exportInvoices(wanted)),
            toRow,
          });
        }),
    },

    payInvoice: {
      kind: 'write',
      deadlineMs: MONEY_DEADLINE_MS,
      handle: (request, billing, { identity, now }) =>
        inBillingsWords(async () => {
          requireRole(identity, 'customer', 'agent', 'partner');
          const invoiceId = invoiceIdOf(request.params.id);
          const invoice = required((await billing.getInvoice({ invoiceId })).invoice, 'invoice');
          const idempotencyKey = idempotencyKeyOf(request);
          const { values } = await readFields(request);
          const wanted = parseCardPayment(values, centsOf(invoice.total), now);
          const paid = await payWith(wanted, idempotencyKey, (card) =>
            billing.payInvoice({ invoiceId, card, amount: invoice.total, idempotencyKey }),
          );
          const text = JSON.stringify(toPaid(paid.payment, paid.invoiceStatus));
          return expressJson(request, 200, text, replayedLines(paid));
        }),
    },

    refundPayment: {
      kind: 'write',
      deadlineMs: MONEY_DEADLINE_MS,
      handle: (request, billing, { identity }) =>
        inBillingsWords(
          async () => {
            requireRole(identity, 'accountant');
            const paymentId = parseId(request.params.id);
            if (paymentId === null) throw noSuchPayment();
            const payment = required((await billing.getPayment({ paymentId })).payment, 'payment');
            const idempotencyKey = idempotencyKeyOf(request);
            const { values } = await readFields(request);
            const { amountCents, reason } = parseRefund(values);
            const amount =
              amountCents === null ? undefined : moneyOf(amountCents, currencyOf(payment.amount));
            const refunded = await billing.refundPayment({ paymentId, amount, reason, idempotencyKey });
            const refund = toPaymentRefund(required(refunded.refund, 'refund'), refunded.paymentId);
            return expressJson(request, 201, JSON.stringify(refund), replayedLines(refunded));
          },
          { notMoved: 'Nothing was refunded.' },
        ),
    },

    createStatement: {
      kind: 'write',
      job: 'createStatement',
      handle: (request, billing, { identity, now }) =>
        inBillingsWords(async () => {
          requireRole(identity, 'customer', 'accountant', 'partner');
          const idempotencyKey = idempotencyKeyOf(request);
          const { values } = await readFields(request);
          const wanted = parseStatement(values, identity.role, now);
          const drawn = await drawUp(wanted, (each) => billing.createStatement({ ...each, idempotencyKey }));
          const text = JSON.stringify(toStatement(required(drawn.statement, 'statement')));
          return expressJson(request, 201, text, replayedLines(drawn));
        }),
    },
  },
});

type Invoice = Parameters<typeof toInvoice>[0];

function invoiceAnswer(request: Parameters<typeof expressJson>[0], answered: Invoice | undefined) {
  const invoice = required(answered, 'invoice');
  const lastModified = required(invoice.updatedAt, 'time').toUTCString();
  return expressJson(request, 200, JSON.stringify(toInvoice(invoice)), [['Last-Modified', lastModified]]);
}

function invoiceIdOf(text: string): bigint {
  const id = parseId(text);
  if (id === null) throw noSuchInvoice();
  return id;
}
