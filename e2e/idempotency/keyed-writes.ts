import { form, json, type Step } from '../differential/step.ts';
import type { Worlds } from '../parity/worlds.ts';
import type { Client } from './client.ts';
import * as client from './client.ts';

/** A request of one of the six operations, about something of its own. */
export type KeyedWrite = {
  readonly request: Step;
  /** The same, otherwise written; the operation has no body where there is none. */
  readonly worded?: Step;
  /** Another request, which would be carried out under another key. */
  readonly other: Step;
  /** After this the request would be refused, or would do something else. */
  moveOn?(): Promise<unknown>;
  /** How often it has been done. */
  effects(): Promise<number>;
};

export type Ground = { readonly client: Client; readonly worlds: Worlds; readonly months: readonly string[] };

export type KeyedOperation = {
  readonly operation: string;
  readonly family: 'bookings' | 'billing';
  prepare(ground: Ground): Promise<KeyedWrite>;
  /** What may not be done: by whom, and to what. */
  readonly refusals: readonly (readonly [status: number, change: Partial<Step>])[];
};

let count = 0;
const counter = (): number => {
  count += 1;
  return count;
};

const asked = (target: string): Partial<Step> => ({ target: () => target });
const NONE = '999999999999';

export const KEYED_OPERATIONS: readonly KeyedOperation[] = [
  {
    operation: 'createBooking',
    family: 'bookings',
    refusals: [[403, { as: 'accountant' }]],
    async prepare({ client: { ask }, worlds }) {
      const email = `ada${counter()}@example.com`;
      const request = client.createBooking(email);
      const [passenger] = client.bookingFields(email).passengers;
      const bookings = async (): Promise<number[]> => {
        const text = 'SELECT id::int FROM booking.bookings WHERE contact_email = $1';
        return (await rowsOf(worlds, 'booking', text, email)).map(({ id }) => Number(id));
      };
      return {
        request,
        worded: {
          ...request,
          body: ({ values }) =>
            form(
              `passenger_1_last_name=${passenger?.last_name}&passenger_1_first_name=${passenger?.first_name}` +
                `&contact_email=${encodeURIComponent(email)}&flight_id=${values.get('flight')}&note=`,
            ),
        },
        other: client.createBooking(`other-${email}`),
        moveOn: async () => {
          for (const id of await bookings()) await ask(client.cancelBooking(id));
        },
        effects: async () => (await bookings()).length,
      };
    },
  },
  {
    operation: 'updateBooking',
    family: 'bookings',
    refusals: [
      [403, { as: 'accountant' }],
      [404, { as: 'bob' }],
      [404, asked(`/api/v1/bookings/${NONE}`)],
    ],
    async prepare({ client: { ask, book }, worlds }) {
      const { id } = await book();
      const note = `Window, please (${counter()})`;
      let others = 0;
      const request = client.updateBooking(id, note);
      return {
        request,
        worded: { ...request, body: form(`note=${encodeURIComponent(note)}`) },
        other: client.updateBooking(id, 'An aisle, please'),
        moveOn: async () => {
          await ask(client.updateBooking(id, 'Never mind'));
          await ask(client.cancelBooking(id));
          others = 2;
        },
        effects: async () => (await versionOf(worlds, id)) - 1 - others,
      };
    },
  },
  {
    operation: 'cancelBooking',
    family: 'bookings',
    refusals: [
      [403, { as: 'accountant' }],
      [404, { as: 'bob' }],
    ],
    async prepare({ client: { book }, worlds }) {
      const [{ id }, another] = [await book(), await book()];
      return {
        request: client.cancelBooking(id),
        other: client.cancelBooking(another.id),
        effects: async () => (await versionOf(worlds, id)) - 1,
      };
    },
  },
  {
    operation: 'payInvoice',
    family: 'billing',
    refusals: [
      [403, { as: 'bob' }],
      [403, { as: 'accountant' }],
      [404, asked(`/api/v1/invoices/${NONE}/payments`)],
    ],
    async prepare({ client: { ask, book, read }, worlds }) {
      const { id, invoiceId, invoiceNumber } = await book();
      const paid = {
        card_number: '4242424242424242',
        expiry: '12/39',
        cvc: '123',
        card_holder: 'Alice Martin',
      };
      const request = client.payInvoice(invoiceId, json(paid));
      return {
        request,
        worded: {
          ...request,
          body: form(`${new URLSearchParams({ ...paid, card_number: '4242 4242-42424242' })}`),
        },
        other: client.payInvoice(invoiceId, json({ ...paid, cvc: '124' })),
        moveOn: async () => {
          await ask(client.cancelBooking(id));
          const { payments } = (await read(`/api/v1/invoices/${invoiceId}`)) as {
            payments: { id: number }[];
          };
          await ask(client.refundPayment(payments[0]?.id ?? 0, '0.01'));
        },
        effects: async () => (await chargesOf(worlds, invoiceNumber)).length,
      };
    },
  },
  {
    operation: 'refundPayment',
    family: 'billing',
    refusals: [
      [403, { as: 'alice' }],
      [404, asked(`/api/v1/payments/${NONE}/refunds`)],
    ],
    async prepare({ client: { ask, book, pay }, worlds }) {
      const booked = await book();
      const paymentId = await pay(booked);
      const amount = '1.50';
      const request = client.refundPayment(paymentId, amount);
      return {
        request,
        worded: { ...request, body: form(`reason=Goodwill&amount=1.5`) },
        other: client.refundPayment(paymentId, amount, 'Another reason'),
        moveOn: () => {
          const { body: _, ...rest } = client.refundPayment(paymentId, '');
          return ask({ ...rest, body: json({ reason: 'All of it' }) });
        },
        effects: async () => {
          const charges = await chargesOf(worlds, booked.invoiceNumber);
          const refunds = await movementsOf(worlds);
          return refunds.filter((each) => each.charge_id === charges[0]?.id && each.amount === amount).length;
        },
      };
    },
  },
  {
    operation: 'createStatement',
    family: 'billing',
    refusals: [[403, { as: 'agent' }]],
    async prepare({ worlds, months }) {
      // One month of each: a statement has no other mark of its request.
      const month = months[counter() % months.length] ?? '';
      const request = client.createStatement(month);
      const drawnUp = async (): Promise<number> => {
        const text = `SELECT count(*)::int AS n FROM billing.statements WHERE to_char(month, 'YYYY-MM') = $1`;
        return Number((await rowsOf(worlds, 'billing', text, month))[0]?.n);
      };
      const before = await drawnUp();
      return {
        request,
        worded: { ...request, body: form(`month=${month}&account_id=`) },
        other: client.createStatement('2020-01'),
        effects: async () => (await drawnUp()) - before,
      };
    },
  },
];

async function rowsOf(
  { services }: Worlds,
  service: 'booking' | 'billing',
  text: string,
  value: string | number,
): Promise<Record<string, unknown>[]> {
  const found = await services[service]?.pool.query<Record<string, unknown>>(text, [value]);
  return found?.rows ?? [];
}

async function versionOf(worlds: Worlds, id: number): Promise<number> {
  const [row] = await rowsOf(worlds, 'booking', 'SELECT version FROM booking.bookings WHERE id = $1', id);
  return Number(row?.version);
}

type Movement = {
  readonly id: string;
  readonly reference?: string;
  readonly charge_id?: string;
  readonly amount: string;
};

async function movementsOf({ acquirerUrl }: Worlds): Promise<Movement[]> {
  return ((await (await fetch(`${acquirerUrl}/ledger`)).json()) as { movements: Movement[] }).movements;
}

export async function chargesOf(worlds: Worlds, invoiceNumber: string): Promise<Movement[]> {
  return (await movementsOf(worlds)).filter(({ reference }) => reference === invoiceNumber);
}
