import assert from 'node:assert/strict';
import { until } from '@banyan/stack/testing/until';
import { exchangeRaw, type RawAnswer } from '../differential/raw-exchange.ts';
import { card, type Findings, json, logIn, renderStep, type Step, step } from '../differential/step.ts';
import { headerOf, statusOf } from '../parity/ask.ts';

/** A booking of one passenger, and its invoice. */
export type Booked = { readonly id: number; readonly invoiceId: number; readonly invoiceNumber: string };

export type Client = {
  logIn(name: string): Promise<void>;
  ask(each: Step, ...headers: readonly string[]): Promise<RawAnswer>;
  read(path: string, as?: string): Promise<Record<string, unknown>>;
  /** A booking of alice's, without any key. */
  book(): Promise<Booked>;
  /** The payment of a booking that was paid. */
  pay(booked: Booked): Promise<number>;
};

export const GOOD_CARD = card('4242 4242 4242 4242');
/** An invoice comes by a queue. */
const deadlineMs = 120_000;

export function createClient(port: () => number, findings: Findings): Client {
  const ask: Client['ask'] = (each, ...headers) => {
    const asked = { ...each, headers: () => headers };
    return exchangeRaw(port(), { bytes: renderStep(asked, findings), method: each.method });
  };
  const read: Client['read'] = async (path, as = 'alice') => {
    const answer = await ask(step(undefined, 200, 'GET', { target: path, as }));
    assert.equal(statusOf(answer), 200, answer.body);
    return JSON.parse(answer.body) as Record<string, unknown>;
  };
  return {
    async logIn(name) {
      const answer = await ask(logIn(name));
      findings.cookies.set(name, headerOf(answer, 'set-cookie')?.split(';')[0] ?? '');
    },
    ask,
    read,
    async book() {
      const answer = await ask(createBooking());
      assert.equal(statusOf(answer), 201, answer.body);
      const { id } = JSON.parse(answer.body) as { id: number };
      const what = `the invoice of booking ${id}`;
      const invoice = await until(() => read(`/api/v1/bookings/${id}/invoice`), { deadlineMs, what });
      return { id, invoiceId: Number(invoice.id), invoiceNumber: String(invoice.number) };
    },
    async pay({ invoiceId }) {
      const answer = await ask(payInvoice(invoiceId));
      assert.equal(statusOf(answer), 200, answer.body);
      const { payments } = (await read(`/api/v1/invoices/${invoiceId}`)) as { payments: { id: number }[] };
      return payments[0]?.id ?? 0;
    },
  };
}

export const bookingFields = (email: string) => ({
  passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
  contact_email: email,
});

export const createBooking = (email = 'ada@example.com', as = 'alice'): Step =>
  step('createBooking', 201, 'POST', {
    target: '/api/v1/bookings',
    as,
    body: ({ values }) => json({ flight_id: values.get('flight'), ...bookingFields(email) }),
  });

export const updateBooking = (id: number, note: string): Step =>
  step('updateBooking', 200, 'PATCH', {
    target: `/api/v1/bookings/${id}`,
    as: 'alice',
    body: json({ note }),
  });

export const cancelBooking = (id: number): Step =>
  step('cancelBooking', 200, 'DELETE', { target: `/api/v1/bookings/${id}`, as: 'alice' });

export const payInvoice = (id: number, body = GOOD_CARD): Step =>
  step('payInvoice', 200, 'POST', { target: `/api/v1/invoices/${id}/payments`, as: 'alice', body });

export const refundPayment = (id: number, amount: string, reason = 'Goodwill'): Step =>
  step('refundPayment', 201, 'POST', {
    target: `/api/v1/payments/${id}/refunds`,
    as: 'accountant',
    body: json({ amount, reason }),
  });

export const createStatement = (month: string): Step =>
  step('createStatement', 201, 'POST', { target: '/api/v1/statements', as: 'alice', body: json({ month }) });
