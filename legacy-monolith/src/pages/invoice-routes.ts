import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import { identityOf } from '../auth/guards.ts';
import { accountExists, parseStatementRequest } from '../billing/create-statement.ts';
import { invoicesExport } from '../billing/export.ts';
import type { Invoices, ShownInvoice } from '../billing/invoices.ts';
import { type InvoiceFilter, parseInvoiceFilter } from '../billing/list-filter.ts';
import { parseRefundRequest } from '../billing/refund-payment.ts';
import { parsePage } from '../http/paging.ts';
import { parseId } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import { parseCents } from '../money.ts';
import { type FormState, faultsOf, formOf, NOTHING_TYPED, withTyped } from './fields.ts';
import { formIdOf } from './form-token.ts';
import { displayCount } from './format.ts';
import { leadOn, type PageKit, type PageParts } from './page-kit.ts';
import { takeTyped } from './typed-form.ts';
import {
  exportForm,
  invoiceLine,
  invoicePage,
  invoicesFilter,
  statementForm,
} from './view-models/invoice-pages.ts';
import { pagerOf } from './view-models/pager.ts';
import { statementPage } from './view-models/statement-page.ts';

const STATEMENT = 'statement';

/** `/invoices`, `/invoices/{id}`, refunds and statements: the billing desk. */
export function createInvoiceRoutes({ pool, clock, border }: PageParts, kit: PageKit): Router {
  const router = Router();
  const invoicesOf = (req: Request): Invoices => border.invoicesOf(callerOf(req));
  const reader = kit.only('customer', 'accountant', 'partner');

  router.get('/invoices', reader, async (req, res) => {
    const statement = withTyped(NOTHING_TYPED, takeTyped(req, '/statements'));
    try {
      const filter = parseInvoiceFilter(req, identityOf(req));
      const asked = formOf(Object.fromEntries(filter.filters));
      await showList(req, res, filter, { asked, statement }, 200);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error;
      const asked = faultsOf(req.query as Record<string, string>, error);
      await showList(req, res, null, { asked, statement }, error.status);
    }
  });

  // Before /invoices/:id, which would take the name for an id. Only an export that can be made goes to the API.
  router.get('/invoices/export', kit.only('accountant'), async (req, res) => {
    const days = req.query as Record<string, string>;
    try {
      invoicesExport(req);
      return res.redirect(303, `/api/v1/invoices/export.csv?${new URLSearchParams(days)}`);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error;
      await showList(req, res, ALL_INVOICES, { exporting: faultsOf(days, error) }, error.status);
    }
  });

  router.get('/invoices/:id', kit.only(), async (req, res) => {
    await showInvoice(req, res, await invoicesOf(req).visible(req.params.id), null, 200);
  });

  router.post('/payments/:id/refund', kit.only('accountant'), async (req, res) => {
    const invoices = invoicesOf(req);
    const { paymentId, invoiceId: known } = await invoices.payment(req.params.id);
    const purpose = refundOf(paymentId);
    const form = await kit.readForm(req, purpose);
    const invoiceId = known ?? (await invoiceOfPayment(invoices, form.invoice, paymentId));
    try {
      const done = await kit.once(req, purpose, form, `/invoices/${invoiceId}`, async () => {
        // A form that is loaded anew while the first one is under way must not refund the same again.
        const leftThenCents = parseCents(form.left ?? '');
        const wanted = { ...parseRefundRequest(form), leftThenCents };
        await invoices.refund(invoiceId, paymentId, wanted, formIdOf(form.form_token as string));
        return { path: `/invoices/${invoiceId}` };
      });
      await leadOn(res, done);
    } catch (error) {
      if (!(error instanceof Refusal) || !['invalid', 'conflict', 'unavailable'].includes(error.kind))
        throw error;
      const invoice = await invoices.visible(invoiceId);
      const named = (path: string): string | null => (['amount', 'reason'].includes(path) ? path : null);
      await showInvoice(req, res, invoice, { paymentId, form: faultsOf(form, error, named) }, error.status);
    }
  });

  router.post('/statements', reader, async (req, res) => {
    const form = await kit.readForm(req, STATEMENT);
    try {
      const done = await kit.once(req, STATEMENT, form, '/invoices', async () => {
        const wanted = await parseStatementRequest(form, identityOf(req), clock(), accountExists(pool));
        const id = await invoicesOf(req).drawUp(wanted, formIdOf(form.form_token as string));
        return { path: `/statements/${id}` };
      });
      await leadOn(res, done);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error;
      const filter = parseInvoiceFilter(req, identityOf(req));
      await showList(req, res, filter, { statement: faultsOf(form, error) }, error.status);
    }
  });

  router.get('/statements/:id', reader, async (req, res) => {
    const id = parseId(req.params.id);
    const statement = id === null ? undefined : await invoicesOf(req).statement(id);
    const { accountId, role } = identityOf(req);
    if (!statement || (role !== 'accountant' && statement.account_id !== accountId)) {
      throw new Refusal('not_found', 'No such statement.');
    }
    const model = statementPage(statement.account_id, statement.body);
    kit.show(req, res, { view: 'statement', title: `Statement ${model.month}`, section: 'invoices', model });
  });

  /** `filter` is null where it made no sense: the list is then left out. */
  const showList = async (
    req: Request,
    res: Response,
    filter: InvoiceFilter | null,
    forms: { asked?: FormState; statement?: FormState; exporting?: FormState },
    status: number,
  ): Promise<void> => {
    const { asked = NOTHING_TYPED, statement = NOTHING_TYPED, exporting = NOTHING_TYPED } = forms;
    const { role } = identityOf(req);
    const page = parsePage(req);
    const { rows, total } = filter ? await invoicesOf(req).list(filter, page) : { rows: [], total: 0 };
    kit.show(req, res, {
      view: 'invoices',
      title: 'Invoices',
      section: 'invoices',
      status,
      model: {
        heading: role === 'accountant' ? 'All invoices' : 'Your invoices',
        count: displayCount(total, 'invoice'),
        rows: rows.map(invoiceLine),
        filter: invoicesFilter(asked, role),
        filtered: filter === null || filter.filters.length > 0,
        pager: filter ? pagerOf('/invoices', filter.filters, page, total) : null,
        exportForm: role === 'accountant' ? exportForm(exporting) : null,
        statement: statementForm(statement, role, kit.token(req, STATEMENT)),
      },
    });
  };

  const showInvoice = async (
    req: Request,
    res: Response,
    invoice: ShownInvoice,
    refused: { paymentId: string; form: FormState } | null,
    status: number,
  ): Promise<void> => {
    const model = invoicePage(invoice, identityOf(req).role, {
      formOf: (paymentId) =>
        refused?.paymentId === paymentId
          ? refused.form
          : withTyped(NOTHING_TYPED, takeTyped(req, `/payments/${paymentId}/refund`)),
      token: (paymentId) => kit.token(req, refundOf(paymentId)),
    });
    kit.show(req, res, {
      view: 'invoice',
      title: `Invoice ${model.number}`,
      section: 'invoices',
      model,
      status,
    });
  };

  return router;
}

/** What the list shows beside an export that was refused; to export, one must be an accountant. */
const ALL_INVOICES: InvoiceFilter = { filters: [], where: 'true', values: [] };

/** The invoice that a form names, if it is the payment's. */
async function invoiceOfPayment(
  invoices: Invoices,
  named: string | undefined,
  paymentId: string,
): Promise<string> {
  const noSuchPayment = new Refusal('not_found', 'No such payment.');
  if (named === undefined) throw noSuchPayment;
  const { id, payments } = await invoices.visible(named);
  if (!payments.some((payment) => payment.id === paymentId)) throw noSuchPayment;
  return id;
}

function refundOf(paymentId: string): string {
  return `refund:${paymentId}`;
}
