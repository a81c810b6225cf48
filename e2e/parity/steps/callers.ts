import { type Step, step } from '../../differential/step.ts';

const BOOKINGS = '/api/v1/bookings';
const INVOICES = '/api/v1/invoices';

const HOST_HEADERS = {
  revoked: () => ['X-Api-Key: mk_demo_revoked_0000'],
  empty: () => ['X-Api-Key:'],
};

const noBody = (method: string, target: string, as: string, status: number, title: string): Step =>
  step(undefined, status, method, { target, as, title });

export const identities: readonly Step[] = (
  [
    ['getBooking', '/api/v1/bookings/{flown}'],
    ['listBookings', BOOKINGS],
    ['listInvoices', INVOICES],
    ['getInvoice', '/api/v1/invoices/{flownInvoice}'],
  ] as const
).flatMap(([operation, target]) => [
  step(operation, 401, 'GET', {
    target,
    title: `${operation} 401: an unknown key`,
    headers: HOST_HEADERS.revoked,
  }),
  step(operation, 401, 'GET', {
    target,
    title: `${operation} 401: an empty key`,
    headers: HOST_HEADERS.empty,
  }),
  step(operation, 401, 'GET', {
    target,
    title: `${operation} 401: a session that has expired`,
    as: 'expired',
  }),
  step(operation, 401, 'GET', {
    target,
    title: `${operation} 401: a session that is forged`,
    headers: () => ['Cookie: MERIDIANSESSID=s%3Aabc.def'],
  }),
  step(operation, 401, 'GET', {
    target,
    title: `${operation} 401: a wrong key beside a good session`,
    as: 'alice',
    headers: HOST_HEADERS.revoked,
  }),
  step(operation, 401, 'HEAD', { target, title: `${operation} 401: HEAD` }),
]);

/** A method that the contract does not have is the monolith's to refuse, whoever owns. */
export const methods: readonly Step[] = [
  noBody('OPTIONS', BOOKINGS, 'alice', 200, 'OPTIONS of a list'),
  noBody('OPTIONS', '/api/v1/invoices/{flownInvoice}/payments', 'alice', 200, 'OPTIONS of payments'),
  noBody('PUT', '/api/v1/bookings/{flown}', 'alice', 404, 'PUT of a booking'),
  noBody('POST', '/api/v1/invoices/{flownInvoice}', 'alice', 404, 'POST of an invoice'),
  noBody('DELETE', INVOICES, 'accountant', 404, 'DELETE of invoices'),
  noBody('GET', '/api/v1/payments/{flownPayment}/refunds', 'accountant', 404, 'GET of refunds'),
  noBody('GET', '/api/v1/statements', 'accountant', 404, 'GET of statements'),
];
