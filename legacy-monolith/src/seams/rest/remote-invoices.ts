import type { Pool } from 'pg';
import type { StatementBody } from '../../billing/create-statement.ts';
import { findStatement } from '../../billing/create-statement.ts';
import type { InvoicesOf, ShownInvoice } from '../../billing/invoices.ts';
import { notMoved, stillUnknown } from '../../billing/payment-refusals.ts';
import type { WantedRefund } from '../../billing/refund-payment.ts';
import { parseId } from '../../http/query.ts';
import { Refusal, refusedField } from '../../http/refusal.ts';
import { fromCents, toCents } from '../../money.ts';
import { listQuery } from './remote-bookings.ts';
import { type RestAnswer, type RestClient, Unanswered } from './rest-client.ts';

/** Longer than billing may take to give an acquirer up. */
const MONEY_MS = 25_000;

/** Billing that is elsewhere, by the contract's own operations. */
export function createRemoteInvoices({ ask, pool }: { ask: RestClient; pool: Pool }): InvoicesOf {
  return ({ credentials }) => {
    const read = async (path: string): Promise<ShownInvoice> =>
      invoiceOf((await ask(credentials, { path })).body);
    const post = (path: string, json: object, formId: string): Promise<RestAnswer> =>
      ask(credentials, {
        method: 'POST',
        path,
        json,
        // The form counts once, also for who answers it elsewhere and is not heard.
        headers: { 'Idempotency-Key': formId },
        deadlineMs: MONEY_MS,
      });
    const visible = (id: unknown): Promise<ShownInvoice> => {
      const known = parseId(id);
      if (known === null) throw new Refusal('not_found', 'No such invoice.');
      return read(`/invoices/${known}`);
    };
    return {
      visible: async (id) => visible(id),
      ofBooking: (bookingId) => read(`/bookings/${bookingId}/invoice`),
      async list(filter, page) {
        const { headers, body } = await ask(credentials, {
          path: `/invoices?${listQuery(filter.filters, page)}`,
        });
        return { total: Number(headers.get('X-Total-Count')), rows: body.map(invoiceOf) };
      },
      async payment(id) {
        const paymentId = parseId(id);
        if (paymentId === null) throw new Refusal('not_found', 'No such payment.');
        return { paymentId, invoiceId: null };
      },
      async pay({ id }, card, formId) {
        const { body } = await money('Nothing was charged.', () =>
          post(`/invoices/${id}/payments`, card, formId),
        );
        return { result: body.result, decline_reason: body.reason };
      },
      async refund(invoiceId, paymentId, wanted, formId) {
        await refuseUnlessLeft(() => visible(invoiceId), paymentId, wanted);
        const amount = wanted.amountCents === null ? {} : { amount: fromCents(wanted.amountCents) };
        const json = { ...amount, reason: wanted.reason };
        await money('Nothing was refunded.', () => post(`/payments/${paymentId}/refunds`, json, formId));
      },
      async drawUp({ accountId, month }, formId) {
        const { body, text } = await post(
          '/statements',
          { month: month.text, account_id: accountId },
          formId,
        );
        // The contract has no way to read a statement again, and the site has a page for it.
        await pool.query(KEEP, [String(body.id), accountId, text]);
        return String(body.id);
      },
      async statement(id) {
        const kept = await pool.query<{ account_id: string; body: StatementBody }>(KEPT, [id]);
        // One that was drawn up here, before billing went away, is as it was.
        return kept.rows[0] ?? findStatement(pool, id);
      },
    };
  };
}

/** Where nobody answers, it depends on how far the order had come what may be said of the money. */
async function money(assurance: string, order: () => Promise<RestAnswer>): Promise<RestAnswer> {
  try {
    return await order();
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    throw error.wasSent ? stillUnknown() : notMoved(assurance);
  }
}

/** What is refunded was decided on by what was left then. */
async function refuseUnlessLeft(
  read: () => Promise<ShownInvoice>,
  paymentId: string,
  { leftThenCents }: WantedRefund,
): Promise<void> {
  if (leftThenCents === undefined) return;
  const payment = (await read()).payments.find(({ id }) => id === paymentId);
  if (!payment) throw new Refusal('not_found', 'No such payment.');
  if (payment.result !== 'APPROVED') return;
  const taken = payment.refunds.filter(({ result }) => result !== 'FAILED');
  const leftCents = taken.reduce((left, { amount }) => left - toCents(amount), toCents(payment.amount));
  if (leftCents === 0n || leftCents === leftThenCents) return;
  const msg =
    'This payment was refunded meanwhile. Please look at what is left, and send it again if need be.';
  throw refusedField('conflict', 'payment', msg);
}

// biome-ignore lint/suspicious/noExplicitAny: as the contract describes it
function invoiceOf(shown: any): ShownInvoice {
  const { number: _, booking_reference: __, ...rest } = shown;
  return {
    ...rest,
    id: String(shown.id),
    booking_id: String(shown.booking_id),
    account_id: String(shown.account_id),
    ledger_ref: String(shown.ledger_ref),
    issued_at: new Date(shown.issued_at),
    due_at: new Date(shown.due_at),
    paid_at: shown.paid_at === null ? null : new Date(shown.paid_at),
    // biome-ignore lint/suspicious/noExplicitAny: as the contract describes it
    payments: shown.payments.map((payment: any) => ({
      ...payment,
      id: String(payment.id),
      // biome-ignore lint/suspicious/noExplicitAny: as the contract describes it
      refunds: payment.refunds.map((refund: any) => ({ ...refund, id: String(refund.id) })),
    })),
  };
}

const KEEP = `
  INSERT INTO seam_statements (id, account_id, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`;

const KEPT = 'SELECT account_id, body FROM seam_statements WHERE id = $1';
