import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import type { ShownInvoice } from '../billing/invoices.ts';
import type { BookingRow } from '../bookings/booking.ts';
import { listAirports, requiredFlight } from '../flights/flight-queries.ts';
import { Refusal } from '../http/refusal.ts';
import { awaitInvoice } from './awaited-invoice.ts';
import { awaitsPayment } from './awaits-payment.ts';
import { type FormState, faultsOf, formOf, NOTHING_TYPED, withTyped } from './fields.ts';
import { formIdOf } from './form-token.ts';
import { leadOn, type PageKit, type PageParts } from './page-kit.ts';
import { takeTyped } from './typed-form.ts';
import { airportsByCode } from './view-models/flight-parts.ts';
import { declinedText, payPage } from './view-models/pay-page.ts';

/** Of a card, the name alone may ever be shown again. */
const SHOWN_AGAIN = ['card_holder'];
const CARD_FIELDS = ['card_number', 'expiry', 'cvc', 'card_holder'];

/** `/bookings/{id}/pay`. */
export function createPayRoutes({ pool, border, clock }: PageParts, kit: PageKit): Router {
  const router = Router();
  const payer = kit.only('customer', 'agent', 'partner');

  router.get('/bookings/:id/pay', payer, async (req, res) => {
    const { row, invoice } = await payable(req, res);
    // Nothing is to be paid any more, or a payment is under way: the booking's page tells.
    if (row.status !== 'HELD' || awaitsPayment(row, invoice)) {
      res.redirect(303, `/bookings/${row.id}`);
      return;
    }
    const last = invoice.payments.at(-1);
    const declined = last?.result === 'DECLINED' ? declinedText(last.decline_reason) : null;
    const fresh = { ...NOTHING_TYPED, message: declined };
    await showForm(req, res, row, invoice, withTyped(fresh, takeTyped(req, req.path)), 200);
  });

  router.post('/bookings/:id/pay', payer, async (req, res) => {
    const { row, invoice } = await payable(req, res);
    const purpose = `pay:${row.id}`;
    const form = await kit.readForm(req, purpose);
    const kept = pick(form, SHOWN_AGAIN);
    try {
      const done = await kit.once(req, purpose, form, `/bookings/${row.id}`, async () => {
        const formId = formIdOf(form.form_token as string);
        const payment = await border.invoicesOf(callerOf(req)).pay(invoice, pick(form, CARD_FIELDS), formId);
        if (payment.result === 'APPROVED') return { path: `/bookings/${row.id}` };
        return {
          path: `/bookings/${row.id}/pay`,
          view: () => showDeclined(req, res, row, invoice, kept, payment.decline_reason),
        };
      });
      await leadOn(res, done);
    } catch (error) {
      if (!(error instanceof Refusal) || !['invalid', 'conflict', 'unavailable'].includes(error.kind))
        throw error;
      if (error.details.retryAfterSeconds !== undefined) {
        res.set('Retry-After', String(error.details.retryAfterSeconds));
      }
      await showForm(req, res, row, invoice, faultsOf(kept, error, cardField), error.status);
    }
  });

  const payable = async (
    req: Request,
    res: Response,
  ): Promise<{ row: BookingRow; invoice: ShownInvoice }> => {
    const row = await border.bookingsOf(callerOf(req)).visible(req.params.id);
    const invoices = border.invoicesOf(callerOf(req));
    return { row, invoice: await awaitInvoice(invoices, row, { req, res, now: clock() }) };
  };

  const showDeclined = (
    req: Request,
    res: Response,
    row: BookingRow,
    invoice: ShownInvoice,
    kept: Record<string, string>,
    reason: string | null,
  ): Promise<void> =>
    showForm(req, res, row, invoice, { ...formOf(kept), message: declinedText(reason) }, 200);

  const showForm = async (
    req: Request,
    res: Response,
    row: BookingRow,
    invoice: ShownInvoice,
    form: FormState,
    status: number,
  ): Promise<void> => {
    const { gate } = await requiredFlight(pool, String(row.flight.id));
    const airports = airportsByCode(await listAirports(pool));
    const token = kit.token(req, `pay:${row.id}`);
    kit.show(req, res, {
      view: 'pay',
      title: 'Pay',
      section: 'bookings',
      model: payPage({ row, invoice, airports, gate, form, token }),
      status,
    });
  };

  return router;
}

/** The amount is not asked for, so a fault of it stands above the form. */
function cardField(path: string): string | null {
  return CARD_FIELDS.includes(path) ? path : null;
}

function pick(form: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (name in form ? [[name, form[name] as string]] : [])));
}
