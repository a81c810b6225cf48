import { type Step, step } from '../../differential/step.ts';

const BOOKINGS = '/api/v1/bookings';
const INVOICES = '/api/v1/invoices';

export const reads: readonly Step[] = [
  ...['flown', 'expired', 'overdue', 'classic'].flatMap((name) => [
    step('getBooking', 200, 'GET', { target: `${BOOKINGS}/{${name}}`, as: 'alice' }),
    step('getBooking', 200, 'GET', { target: `${BOOKINGS}/000{${name}}/`, as: 'accountant' }),
    step('getBookingInvoice', 200, 'GET', { target: `${BOOKINGS}/{${name}}/invoice`, as: 'alice' }),
    step('getInvoice', 200, 'GET', { target: `${INVOICES}/{${name}Invoice}`, as: 'agent' }),
    step('getInvoicePdf', 200, 'GET', { target: `${INVOICES}/{${name}Invoice}/pdf`, as: 'alice' }),
    step('getBooking', 404, 'GET', { target: `${BOOKINGS}/{${name}}`, as: 'skyways' }),
    step('getInvoice', 403, 'GET', { target: `${INVOICES}/{${name}Invoice}`, as: 'skyways' }),
    step('getInvoicePdf', 403, 'GET', { target: `${INVOICES}/{${name}Invoice}/pdf`, as: 'bob' }),
    step('getBookingInvoice', 403, 'GET', { target: `${BOOKINGS}/{${name}}/invoice`, as: 'bob' }),
  ]),
  ...[
    '0',
    '-1',
    '1.5',
    '1e3',
    'abc',
    '%00',
    '9'.repeat(18),
    '9'.repeat(19),
    '%20',
    '1%2F2',
    'export.csv%20',
  ].flatMap((id) => [
    step('getBooking', 404, 'GET', { target: `${BOOKINGS}/${id}`, as: 'agent' }),
    step('getInvoice', 404, 'GET', { target: `${INVOICES}/${id}`, as: 'accountant' }),
    step('getBookingInvoice', 404, 'GET', { target: `${BOOKINGS}/${id}/invoice`, as: 'agent' }),
    step('getInvoicePdf', 404, 'GET', { target: `${INVOICES}/${id}/pdf`, as: 'accountant' }),
    step('getItinerary', 404, 'GET', { target: `${BOOKINGS}/${id}/itinerary.ics`, as: 'agent' }),
    step('cancelBooking', 404, 'DELETE', { target: `${BOOKINGS}/${id}`, as: 'agent' }),
  ]),
  step('getItinerary', 200, 'GET', { target: `${BOOKINGS}/{flown}/itinerary.ics`, as: 'alice' }),
  step('getItinerary', 200, 'HEAD', { target: `${BOOKINGS}/{overdue}/itinerary.ics`, as: 'alice' }),
  step('getItinerary', 304, 'GET', {
    target: `${BOOKINGS}/{overdue}/itinerary.ics`,
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('getItinerary', 409, 'GET', { target: `${BOOKINGS}/{expired}/itinerary.ics`, as: 'agent' }),
  step('getItinerary', 404, 'GET', { target: `${BOOKINGS}/{expired}/itinerary.ics`, as: 'bob' }),
  step('getItinerary', 401, 'GET', { target: `${BOOKINGS}/{expired}/itinerary.ics` }),
  step('getInvoice', 200, 'HEAD', { target: `${INVOICES}/{flownInvoice}`, as: 'alice' }),
  step('getInvoice', 200, 'GET', {
    target: `${INVOICES}/{flownInvoice}`,
    as: 'alice',
    title: 'getInvoice 200: changed since',
    headers: () => ['If-Modified-Since: Sat, 31 Oct 2026 23:59:59 GMT'],
  }),
  step('getInvoice', 304, 'GET', {
    target: `${INVOICES}/{flownInvoice}`,
    as: 'alice',
    title: 'getInvoice 304: not changed since the second it was',
    headers: () => ['If-Modified-Since: Sun, 01 Nov 2026 00:00:00 GMT'],
  }),
  step('getInvoice', 200, 'GET', {
    target: `${INVOICES}/{flownInvoice}`,
    as: 'alice',
    title: 'getInvoice 200: a tag wins over a date',
    headers: () => ['If-None-Match: "x"', 'If-Modified-Since: Sun, 01 Nov 2026 00:00:00 GMT'],
  }),
  ...['bytes=0-0', 'bytes=-1', 'bytes=-999999999', 'bytes=5-', 'bytes= 5-9 '].map((range) =>
    step('getInvoicePdf', 206, 'GET', {
      target: `${INVOICES}/{classicInvoice}/pdf`,
      as: 'alice',
      title: `getInvoicePdf 206: ${range}`,
      headers: () => [`Range: ${range}`],
    }),
  ),
  ...['bytes=9-5', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=', 'bytes=a-b'].map((range) =>
    step('getInvoicePdf', 200, 'GET', {
      target: `${INVOICES}/{classicInvoice}/pdf`,
      as: 'alice',
      title: `getInvoicePdf 200: ${range}`,
      headers: () => [`Range: ${range}`],
    }),
  ),
  ...['bytes=-0', 'bytes=999999999-'].map((range) =>
    step('getInvoicePdf', 416, 'GET', {
      target: `${INVOICES}/{classicInvoice}/pdf`,
      as: 'alice',
      title: `getInvoicePdf 416: ${range}`,
      headers: () => [`Range: ${range}`],
    }),
  ),
  step('getInvoicePdf', 200, 'HEAD', {
    target: `${INVOICES}/{classicInvoice}/pdf`,
    as: 'alice',
    title: 'getInvoicePdf 200: HEAD with a range',
    headers: () => ['Range: bytes=0-9'],
  }),
  step('getInvoicePdf', 200, 'GET', {
    target: `${INVOICES}/{classicInvoice}/pdf`,
    as: 'alice',
    title: 'getInvoicePdf 200: If-Range of another',
    headers: () => ['Range: bytes=0-9', 'If-Range: "x"'],
  }),
  step('exportBookings', 200, 'GET', {
    target: `${BOOKINGS}/export.csv?from=2026-11-01&to=2026-11-21`,
    as: 'partner',
  }),
  step('exportBookings', 200, 'GET', { target: `${BOOKINGS}/export.csv?from=9999-01-01`, as: 'agent' }),
  step('exportBookings', 422, 'GET', { target: `${BOOKINGS}/export.csv?from=2026-02-30&to=x`, as: 'agent' }),
  step('exportBookings', 401, 'GET', { target: `${BOOKINGS}/export.csv` }),
  step('exportBookings', 200, 'GET', { target: `${BOOKINGS}/EXPORT.csv/?to=1999-01-01`, as: 'agent' }),
  step('exportInvoices', 200, 'GET', {
    target: `${INVOICES}/export.csv?from=2026-10-31&to=2026-10-31`,
    as: 'accountant',
  }),
  step('exportInvoices', 200, 'GET', { target: `${INVOICES}/export.csv?to=1999-01-01`, as: 'accountant' }),
  step('exportInvoices', 200, 'HEAD', { target: `${INVOICES}/export.csv`, as: 'accountant' }),
  step('exportInvoices', 200, 'GET', {
    target: `${INVOICES}/export.csv`,
    title: 'exportInvoices 200: to an HTTP/1.0 client',
    as: 'accountant',
    version: '1.0',
  }),
];
