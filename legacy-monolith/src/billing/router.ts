import { type Request, type Response, Router } from 'express';
import { identityOf } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import type { CsvExporter } from '../http/csv.ts';
import { parsePage, sendPage } from '../http/paging.ts';
import type { RouterParts } from '../parts.ts';
import { accountExists, createStatement, parseStatementRequest } from './create-statement.ts';
import { invoicesExport } from './export.ts';
import { type InvoiceRow, type RefundRow, toInvoice, toPayment, toPaymentRefund } from './invoice.ts';
import {
  findInvoice,
  listInvoices,
  requiredPayment,
  visibleInvoice,
  visibleInvoiceOfBooking,
} from './invoice-queries.ts';
import { parseInvoiceFilter } from './list-filter.ts';
import type { PaymentParts } from './pay-invoice.ts';
import type { InvoicePdfs } from './pdf/invoice-pdfs.ts';
import { parseRefundRequest, refundPayment } from './refund-payment.ts';
import { sendPdf } from './send-pdf.ts';
import { takePayment } from './take-payment.ts';

export type BillingRouterParts = RouterParts &
  PaymentParts & {
    exportCsv: CsvExporter;
    pdfs: InvoicePdfs;
  };

/** The eight operations of the billing context. */
export function createBillingRouter(parts: BillingRouterParts): Router {
  const { pool, guards, clock, border } = parts;
  const here = border.onlyHere('billing');
  const router = Router();

  const visible = (req: Request): Promise<InvoiceRow> => visibleInvoice(pool, identityOf(req), req.params.id);

  const sendInvoice = (res: Response, row: InvoiceRow): void => {
    res.set('Last-Modified', row.updated_at.toUTCString()).json(toInvoice(row));
  };

  router.get('/bookings/:id/invoice', guards.requireLogin, here, async (req, res) => {
    const row = await visibleInvoiceOfBooking(pool, identityOf(req), req.params.id);
    sendInvoice(res, row);
  });

  router.get('/invoices', guards.requireRole('customer', 'accountant', 'partner'), here, async (req, res) => {
    const page = parsePage(req);
    const filter = parseInvoiceFilter(req, identityOf(req));
    const { total, rows } = await listInvoices(pool, filter, page);
    sendPage(res, {
      path: '/api/v1/invoices',
      filters: filter.filters,
      page,
      total,
      rows: rows.map(toInvoice),
    });
  });

  // Before /invoices/:id, which would take the name for an id.
  router.get('/invoices/export.csv', guards.requireRole('accountant'), here, async (req, res) => {
    await parts.exportCsv(req, res, invoicesExport(req));
  });

  router.get('/invoices/:id', guards.requireLogin, here, async (req, res) => {
    sendInvoice(res, await visible(req));
  });

  router.get('/invoices/:id/pdf', guards.requireLogin, here, async (req, res) => {
    const row = await visible(req);
    sendPdf(req, res, row, await parts.pdfs.render(row));
  });

  const payers = guards.requireRole('customer', 'agent', 'partner');
  router.post('/invoices/:id/payments', payers, here, async (req, res) => {
    const invoice = await visible(req);
    const { values } = await readFields(req);
    const { payment, invoiceStatus } = await takePayment(parts, invoice, values);
    res.json({
      result: payment.result,
      reason: payment.decline_reason,
      payment: toPayment(payment),
      invoice_status: invoiceStatus,
    });
  });

  router.post('/payments/:id/refunds', guards.requireRole('accountant'), here, async (req, res) => {
    const { paymentId, invoiceId } = await requiredPayment(pool, req.params.id);
    const { values } = await readFields(req);
    const refundId = await refundPayment(parts, paymentId, parseRefundRequest(values));
    const row = findRefund(await findInvoice(pool, invoiceId), refundId);
    res.status(201).json(toPaymentRefund(row, paymentId));
  });

  const statementReaders = guards.requireRole('customer', 'accountant', 'partner');
  router.post('/statements', statementReaders, here, async (req, res) => {
    const { values } = await readFields(req);
    const wanted = await parseStatementRequest(values, identityOf(req), clock(), accountExists(pool));
    const body = await createStatement(pool, wanted, clock);
    res.status(201).type('json').send(body);
  });

  return router;
}

function findRefund(invoice: InvoiceRow | undefined, refundId: string): RefundRow {
  const refund = invoice?.payments.flatMap(({ refunds }) => refunds).find(({ id }) => id === refundId);
  if (!refund) throw new Error('a refund that was just made is gone');
  return refund;
}
