import { type Request, type Response, Router } from 'express';
import { type Identity, identityOf, isOwn } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import type { CsvExporter } from '../http/csv.ts';
import { offsetOf, parsePage, sendPage } from '../http/paging.ts';
import { parseId } from '../http/query.ts';
import { invalidFields, Refusal } from '../http/refusal.ts';
import { toCents } from '../money.ts';
import type { RouterParts } from '../parts.ts';
import type { AcquirerClient } from './acquirer-client.ts';
import { parseCardPayment } from './card-payment.ts';
import { createStatement, parseStatementRequest } from './create-statement.ts';
import { invoicesExport } from './export.ts';
import {
  type InvoiceRow,
  type RefundRow,
  SELECT_INVOICES,
  toInvoice,
  toPayment,
  toPaymentRefund,
} from './invoice.ts';
import { parseInvoiceFilter } from './list-filter.ts';
import { payInvoice } from './pay-invoice.ts';
import type { InvoicePdfs } from './pdf/invoice-pdfs.ts';
import type { RefundDesk } from './refund-desk.ts';
import { parseRefundRequest, refundPayment } from './refund-payment.ts';
import { sendPdf } from './send-pdf.ts';

export type BillingRouterParts = RouterParts & {
  exportCsv: CsvExporter;
  acquirer: AcquirerClient;
  refunds: RefundDesk;
  pdfs: InvoicePdfs;
};

/** The eight operations of the billing context. */
export function createBillingRouter(parts: BillingRouterParts): Router {
  const { pool, guards, clock } = parts;
  const router = Router();

  const findBy = async (
    column: 'i.id' | 'i.booking_id',
    id: string | null,
  ): Promise<InvoiceRow | undefined> => {
    if (id === null) return undefined;
    return (await pool.query<InvoiceRow>(`${SELECT_INVOICES} WHERE ${column} = $1`, [id])).rows[0];
  };

  const visibleInvoice = async (req: Request): Promise<InvoiceRow> => {
    const row = await findBy('i.id', parseId(req.params.id));
    if (!row) throw new Refusal('not_found', 'No such invoice.');
    refuseForeign(identityOf(req), row);
    return row;
  };

  const sendInvoice = (res: Response, row: InvoiceRow): void => {
    res.set('Last-Modified', row.updated_at.toUTCString()).json(toInvoice(row));
  };

  router.get('/bookings/:id/invoice', guards.requireLogin, async (req, res) => {
    const row = await findBy('i.booking_id', parseId(req.params.id));
    if (!row) throw new Refusal('not_found', 'No invoice for this booking.');
    refuseForeign(identityOf(req), row);
    sendInvoice(res, row);
  });

  router.get('/invoices', guards.requireRole('customer', 'accountant', 'partner'), async (req, res) => {
    const page = parsePage(req);
    const { filters, where, values } = parseInvoiceFilter(req, identityOf(req));
    const counted = await pool.query(`SELECT count(*) AS total FROM invoices i WHERE ${where}`, [...values]);
    const { rows } = await pool.query<InvoiceRow>(
      `${SELECT_INVOICES} WHERE ${where} ORDER BY i.id DESC
       LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
      [...values, page.perPage, offsetOf(page)],
    );
    const total = Number(counted.rows[0].total);
    sendPage(res, { path: '/api/v1/invoices', filters, page, total, rows: rows.map(toInvoice) });
  });

  // Before /invoices/:id, which would take the name for an id.
  router.get('/invoices/export.csv', guards.requireRole('accountant'), async (req, res) => {
    await parts.exportCsv(req, res, invoicesExport(req));
  });

  router.get('/invoices/:id', guards.requireLogin, async (req, res) => {
    sendInvoice(res, await visibleInvoice(req));
  });

  router.get('/invoices/:id/pdf', guards.requireLogin, async (req, res) => {
    const row = await visibleInvoice(req);
    sendPdf(req, res, row, await parts.pdfs.render(row));
  });

  const payers = guards.requireRole('customer', 'agent', 'partner');
  router.post('/invoices/:id/payments', payers, async (req, res) => {
    const invoice = await visibleInvoice(req);
    const { values } = await readFields(req);
    const card = parseCardPayment(values, toCents(invoice.total), clock());
    if (!card.ok) throw invalidFields(card.faults);
    const paymentId = await payInvoice(parts, { id: invoice.id, bookingId: invoice.booking_id }, card.value);
    const after = await findBy('i.id', invoice.id);
    const payment = after?.payments.find(({ id }) => id === paymentId);
    if (!after || !payment) throw new Error('a payment that was just settled is gone');
    res.json({
      result: payment.result,
      reason: payment.decline_reason,
      payment: toPayment(payment),
      invoice_status: after.status,
    });
  });

  router.post('/payments/:id/refunds', guards.requireRole('accountant'), async (req, res) => {
    const paymentId = parseId(req.params.id);
    const known =
      paymentId !== null &&
      (await pool.query('SELECT 1 FROM payments WHERE id = $1', [paymentId])).rowCount === 1;
    if (!known) throw new Refusal('not_found', 'No such payment.');
    const { values } = await readFields(req);
    const refundId = await refundPayment(parts, paymentId, parseRefundRequest(values));
    const invoiceId = (await pool.query(INVOICE_OF_PAYMENT, [paymentId])).rows[0]?.invoice_id as string;
    const row = findRefund(await findBy('i.id', invoiceId), refundId);
    res.status(201).json(toPaymentRefund(row, paymentId));
  });

  const statementReaders = guards.requireRole('customer', 'accountant', 'partner');
  router.post('/statements', statementReaders, async (req, res) => {
    const { values } = await readFields(req);
    const wanted = await parseStatementRequest(
      values,
      identityOf(req),
      clock(),
      async (id) => (await pool.query('SELECT 1 FROM accounts WHERE id = $1', [id])).rowCount === 1,
    );
    const body = await createStatement(pool, wanted, clock);
    res.status(201).type('json').send(body);
  });

  return router;
}

const INVOICE_OF_PAYMENT = 'SELECT invoice_id FROM payments WHERE id = $1';

/** Agents and accountants see all; others their own. A foreign invoice is no secret, only closed. */
function refuseForeign(identity: Identity, row: InvoiceRow): void {
  if (identity.role === 'agent' || identity.role === 'accountant' || isOwn(identity, row.account_id)) return;
  throw new Refusal('forbidden', 'This invoice belongs to another account.');
}

function findRefund(invoice: InvoiceRow | undefined, refundId: string): RefundRow {
  const refund = invoice?.payments.flatMap(({ refunds }) => refunds).find(({ id }) => id === refundId);
  if (!refund) throw new Error('a refund that was just made is gone');
  return refund;
}
