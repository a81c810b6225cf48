import {
  card,
  form,
  json,
  keepJson,
  MISSING,
  NOT_JSON,
  PLAIN,
  type Step,
  step,
  TOO_LARGE,
} from '../../differential/step.ts';

const BOOKINGS = '/api/v1/bookings';
const INVOICES = '/api/v1/invoices';

const pay = (
  status: number,
  title: string,
  invoice: string,
  fields: Record<string, unknown>,
  as = 'alice',
): Step =>
  step('payInvoice', status, 'POST', {
    target: `${INVOICES}/{${invoice}}/payments`,
    as,
    title: `payInvoice ${status}: ${title}`,
    body: json(fields),
  });

const CARD = { card_number: '4242 4242 4242 4242', expiry: '12/39', cvc: '123', card_holder: 'Zoë Ω' };

export const money: readonly Step[] = [
  pay(409, 'void', 'expiredInvoice', CARD),
  pay(409, 'paid', 'flownInvoice', CARD),
  pay(422, 'every field wrong', 'overdueInvoice', {
    card_number: '4242424242424241',
    expiry: '13/39',
    cvc: '12',
    card_holder: 'x'.repeat(81),
    amount: '1,00',
  }),
  pay(422, 'every field of another type', 'overdueInvoice', {
    card_number: 4242,
    expiry: [],
    cvc: {},
    card_holder: true,
    amount: 100,
  }),
  pay(422, 'an expired card, another amount', 'overdueInvoice', {
    ...CARD,
    expiry: '10/26',
    amount: '99.99',
  }),
  pay(422, 'blank and null', 'overdueInvoice', { card_number: null, expiry: '', cvc: ' ', card_holder: ' ' }),
  pay(200, 'an amount as it is', 'overdueInvoice', { ...CARD, amount: '100' }),
  step('payInvoice', 403, 'POST', {
    target: `${INVOICES}/{overdueInvoice}/payments`,
    as: 'bob',
    body: json(CARD),
  }),
  step('payInvoice', 404, 'POST', { target: `${INVOICES}/${MISSING}/payments`, as: 'bob', body: PLAIN }),
  step('payInvoice', 413, 'POST', {
    target: `${INVOICES}/{overdueInvoice}/payments`,
    as: 'alice',
    body: TOO_LARGE,
  }),
  step('getBookingInvoice', 200, 'GET', {
    target: `${BOOKINGS}/{nullsBooking}/invoice`,
    as: 'alice',
    keep: keepJson('nullsInvoice', 'id'),
  }),
  step('payInvoice', 200, 'POST', {
    target: `${INVOICES}/{nullsInvoice}/payments`,
    as: 'alice',
    title: 'payInvoice 200: what will be refunded in parts',
    body: json(CARD),
    keep: keepJson('nullsPayment', 'payment":{"id'),
  }),
  ...(
    [
      [422, { amount: '1000.11', reason: 'all and more' }],
      [422, { amount: '0', reason: 'nothing' }],
      [422, { amount: '-1', reason: ' ' }],
      [422, { amount: 1, reason: 'x'.repeat(201) }],
      [422, { amount: '0.001', reason: 5 }],
      [201, { amount: '0.10', reason: 'ünïcode “✓”' }],
      [201, { amount: '', reason: 'the rest' }],
      [409, { reason: 'nothing is left' }],
    ] as const
  ).map(([status, body]) =>
    step('refundPayment', status, 'POST', {
      target: '/api/v1/payments/{nullsPayment}/refunds',
      as: 'accountant',
      title: `refundPayment ${status}: ${JSON.stringify(body).slice(0, 60)}`,
      body: json(body),
    }),
  ),
  step('refundPayment', 415, 'POST', {
    target: '/api/v1/payments/{nullsPayment}/refunds',
    as: 'accountant',
    body: PLAIN,
  }),
  ...(
    [
      [201, 'accountant', { month: '2026-11', account_id: 1 }],
      [201, 'accountant', { month: '2026-10', account_id: '0001' }],
      [201, 'accountant', { month: '1000-01', account_id: 2 }],
      [201, 'partner', { month: '2026-11', account_id: 'ignored' }],
      [422, 'accountant', { month: '2026-12', account_id: 999_999_999 }],
      [422, 'accountant', { month: '2026-11', account_id: 999_999_999 }],
      [422, 'accountant', { month: '0999-01' }],
      [422, 'accountant', { month: 202_611, account_id: 1.5 }],
      [422, 'alice', { month: null }],
    ] as const
  ).map(([status, as, body]) =>
    step('createStatement', status, 'POST', {
      target: '/api/v1/statements',
      as,
      title: `createStatement ${status}: ${JSON.stringify(body)} as ${as}`,
      body: json(body),
    }),
  ),
  step('createStatement', 400, 'POST', { target: '/api/v1/statements', as: 'alice', body: NOT_JSON }),
  step('createStatement', 201, 'POST', {
    target: '/api/v1/statements',
    as: 'alice',
    title: 'createStatement 201: as a form',
    body: form('month=2026-10&month=2026-11'),
  }),
];

/** Cancelled after they were paid: what goes back is the fare's rule, and is on the invoice afterwards. */
export const cancellations: readonly Step[] = [
  step('cancelBooking', 200, 'DELETE', { target: `${BOOKINGS}/{nullsBooking}`, as: 'alice' }),
  step('cancelBooking', 200, 'DELETE', { target: `${BOOKINGS}/{overdue}`, as: 'agent' }),
  step('cancelBooking', 200, 'DELETE', { target: `${BOOKINGS}/{dearBooking}`, as: 'alice' }),
  step('payInvoice', 409, 'POST', {
    target: `${INVOICES}/{overdueInvoice}/payments`,
    as: 'alice',
    title: 'payInvoice 409: of a booking that was cancelled',
    body: card('4242424242424242'),
  }),
];
