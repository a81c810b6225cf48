import { type Step, step } from '../../differential/step.ts';

const BOOKINGS = '/api/v1/bookings';
const INVOICES = '/api/v1/invoices';

export const lists: readonly Step[] = [
  ...[
    '?status=CANCELLED&per_page=100',
    '?status=EXPIRED',
    '?status=nonsense&flight_id=x&created_from=2026-02-30',
    '?flight_id=00{flight}&account_id=1',
    '?flight_id=999999999999999999&per_page=7',
    '?created_from=2026-11-21&created_to=2026-11-21',
    '?created_from=9999-12-31&created_to=1000-01-01',
    '?created_to=9999-12-31&per_page=1',
    '?page=999999999999999&per_page=100',
    '?page=9999999999999999&per_page=0',
    '?page=0&per_page=-1',
    '?page=1&page=&per_page=3&per_page=',
    '?per_page=1000',
    '?status=HELD%20&x=1',
    '?per_page=2&page=2&st%61tus=HELD',
    '?account_id=&status=',
    '?%E4=%F6&per_page=2',
  ].flatMap((query) =>
    ['agent', 'alice', 'partner'].map((as) =>
      step('listBookings', 200, 'GET', { target: BOOKINGS + query, as }),
    ),
  ),
  step('listBookings', 200, 'HEAD', { target: `${BOOKINGS}?per_page=2`, as: 'agent' }),
  step('listBookings', 304, 'GET', {
    target: `${BOOKINGS}?status=EXPIRED`,
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('listBookings', 200, 'GET', {
    target: `${BOOKINGS}?status=EXPIRED`,
    as: 'alice',
    title: 'listBookings 200: If-None-Match with no-cache',
    headers: () => ['If-None-Match: *', 'Cache-Control: no-cache'],
  }),
  step('listBookings', 200, 'GET', {
    target: `${BOOKINGS.toUpperCase().replace('API', 'api')}/?per_page=1`,
    as: 'agent',
    title: 'listBookings 200: in capitals, with a slash',
  }),
  ...[
    '?status=PAID&per_page=100',
    '?status=VOID',
    '?ledger_ref=9223372036854775807',
    '?ledger_ref=9223372036854775806',
    '?ledger_ref=9007199254740993',
    '?booking_id={flown}',
    '?account_id=1&per_page=3&page=2',
    '?issued_from=2026-10-31&issued_to=2026-10-31',
    '?issued_from=9999-12-31&issued_to=9999-12-31',
    '?page=999999999999999&per_page=100',
    '?page=2&per_page=1&unknown=1',
    '?booking_id=000{flown}',
  ].flatMap((query) =>
    ['accountant', 'alice', 'partner'].map((as) =>
      step('listInvoices', 200, 'GET', { target: INVOICES + query, as }),
    ),
  ),
  ...[
    '?ledger_ref=9223372036854775808',
    '?status=open&booking_id=-1&ledger_ref=1.5&issued_from=x&issued_to=2026-13-01&account_id=a',
    '?booking_id=1234567890123456789',
  ].map((query) => step('listInvoices', 422, 'GET', { target: INVOICES + query, as: 'accountant' })),
  step('listInvoices', 200, 'HEAD', { target: `${INVOICES}?per_page=1`, as: 'accountant' }),
  step('listInvoices', 401, 'GET', { target: INVOICES }),
];
