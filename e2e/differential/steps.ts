import { gzipSync } from 'node:zlib';
import {
  booking,
  card,
  EMAILS,
  form,
  json,
  keepJson,
  logIn,
  MISSING,
  multipart,
  NOT_JSON,
  PLAIN,
  PNG,
  type Step,
  step,
  TOO_LARGE,
} from './step.ts';

const session: Step[] = [
  ...Object.keys(EMAILS).map(logIn),
  step('createSession', 302, 'POST', {
    target: '/api/v1/session',
    body: form('email=alice@example.com&password=meridian&next=/bookings/41'),
  }),
  step('createSession', 403, 'POST', {
    target: '/api/v1/session',
    body: json({ email: 'alice@example.com', password: 'no' }),
  }),
  step('createSession', 422, 'POST', { target: '/api/v1/session', body: json({}) }),
  step('createSession', 415, 'POST', { target: '/api/v1/session', body: PLAIN }),
  step('createSession', 415, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 415: a POST without any body',
  }),
  step('createSession', 413, 'POST', { target: '/api/v1/session', body: TOO_LARGE }),
  step('createSession', 400, 'POST', { target: '/api/v1/session', body: NOT_JSON }),
  step('createSession', 200, 'POST', {
    target: '/API/v1/Session/',
    title: 'createSession 200: other case, trailing slash, chunked',
    body: json({ email: 'bob@example.com', password: 'meridian' }),
    framing: 'chunked',
  }),
  step('createSession', 422, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 422: a gzipped body',
    headers: () => ['Content-Encoding: gzip'],
    body: { type: 'application/json', bytes: gzipSync('{"email":"x"}') },
  }),
  step('getSession', 200, 'GET', { target: '/api/v1/session', as: 'alice' }),
  step('getSession', 200, 'GET', { target: '/api/v1/session', as: 'partner' }),
  step('getSession', 401, 'GET', { target: '/api/v1/session' }),
  step('getSession', 401, 'GET', { target: '/api/v1/session', as: 'nobody-known' }),
  step('getSession', 304, 'GET', {
    target: '/api/v1/session',
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('getSession', 200, 'HEAD', { target: '/api/v1/session', as: 'alice' }),
  step(undefined, 200, 'OPTIONS', { target: '/api/v1/session' }),
  step('deleteSession', 403, 'DELETE', { target: '/api/v1/session', as: 'partner' }),
  step('deleteSession', 401, 'DELETE', { target: '/api/v1/session' }),
];

const flights: Step[] = [
  step('searchFlights', 200, 'GET', { target: '/api/v1/flights?from={from}&to={to}&date={date}' }),
  step('searchFlights', 200, 'GET', {
    target: '/api/v1/flights?from=XXX&from={from}&to={to}&date={date}&per_page=1&page=2',
  }),
  step('searchFlights', 422, 'GET', { target: '/api/v1/flights?to=JFK' }),
  step('searchFlights', 200, 'HEAD', { target: '/api/v1/flights?from={from}&to={to}&date={date}' }),
  step('getFlight', 200, 'GET', { target: '/api/v1/flights/{flight}' }),
  step('getFlight', 200, 'GET', { target: '/api/v1/flights/{flight}', as: 'alice' }),
  step('getFlight', 304, 'GET', { target: '/api/v1/flights/{flight}', headers: () => ['If-None-Match: *'] }),
  step('getFlight', 404, 'GET', { target: `/api/v1/flights/${MISSING}` }),
  step('getFlight', 404, 'GET', { target: '/api/v1/flights/abc%20d' }),
  step(undefined, 404, 'GET', {
    target: '/api/v1/flights/%zz',
    title: 'no operation: a parameter that is no encoding',
  }),
  step('getSeatMap', 200, 'GET', { target: '/api/v1/flights/{flight}/seats', as: 'alice' }),
  step('getSeatMap', 401, 'GET', { target: '/api/v1/flights/{flight}/seats' }),
  step('getSeatMap', 404, 'GET', { target: `/api/v1/flights/${MISSING}/seats`, as: 'alice' }),
  step('streamFlightStatus', 200, 'GET', {
    target: '/api/v1/flights/{flight}/status/stream',
    enough: (body) => body.includes('data: ') && body.endsWith('\n\n'),
  }),
  step('streamFlightStatus', 200, 'HEAD', { target: '/api/v1/flights/{flight}/status/stream' }),
  step('streamFlightStatus', 404, 'GET', { target: `/api/v1/flights/${MISSING}/status/stream` }),
];

const bookings: Step[] = [
  step('createBooking', 201, 'POST', {
    target: '/api/v1/bookings',
    as: 'alice',
    body: booking(),
    keep: (answer, findings) => {
      keepJson('booking', 'id')(answer, findings);
      findings.values.set('etag', answer.header('etag') ?? '');
    },
  }),
  step('createBooking', 201, 'POST', {
    target: '/api/v1/bookings',
    as: 'partner',
    title: 'createBooking 201: as a form, by a partner',
    body: (findings) =>
      form(
        `flight_id=${findings.values.get('flight')}&contact_email=a@b.example&passenger_1_first_name=Jos%C3%A9&passenger_1_last_name=P+Q`,
      ),
    keep: keepJson('partnerBooking', 'id'),
  }),
  step('createBooking', 201, 'POST', {
    target: '/api/v1/bookings',
    as: 'bob',
    title: 'createBooking 201: chunked, by another',
    framing: 'chunked',
    body: booking({ passengers: [{ first_name: 'Bob', last_name: 'B' }] }),
    keep: keepJson('bobsBooking', 'id'),
  }),
  step('createBooking', 409, 'POST', { target: '/api/v1/bookings', as: 'bob', body: booking() }),
  step('createBooking', 422, 'POST', {
    target: '/api/v1/bookings',
    as: 'alice',
    body: booking({ passengers: [{}] }),
  }),
  step('createBooking', 401, 'POST', { target: '/api/v1/bookings', body: booking() }),
  step('createBooking', 403, 'POST', { target: '/api/v1/bookings', as: 'accountant', body: booking() }),
  step('createBooking', 415, 'POST', { target: '/api/v1/bookings', as: 'alice', body: PLAIN }),
  step('createBooking', 413, 'POST', { target: '/api/v1/bookings', as: 'alice', body: TOO_LARGE }),
  step('createBooking', 413, 'POST', {
    target: '/api/v1/bookings',
    as: 'alice',
    title: 'createBooking 413: chunked',
    framing: 'chunked',
    body: TOO_LARGE,
  }),
  step('createBooking', 400, 'POST', { target: '/api/v1/bookings', as: 'alice', body: NOT_JSON }),
  step('listBookings', 200, 'GET', { target: '/api/v1/bookings', as: 'agent' }),
  step('listBookings', 200, 'GET', {
    target: '/api/v1/bookings?status=HELD&page=2&per_page=1&per_page=2',
    as: 'agent',
  }),
  step('listBookings', 200, 'GET', { target: '/api/v1/bookings/?page=9999', as: 'alice' }),
  step('listBookings', 401, 'GET', { target: '/api/v1/bookings' }),
  step('listBookings', 403, 'GET', { target: '/api/v1/bookings', as: 'accountant' }),
  step('getBooking', 200, 'GET', { target: '/api/v1/bookings/{booking}', as: 'alice' }),
  step('getBooking', 200, 'HEAD', { target: '/api/v1/bookings/{booking}', as: 'alice' }),
  step('getBooking', 304, 'GET', {
    target: '/api/v1/bookings/{booking}',
    as: 'alice',
    headers: (findings) => [`If-None-Match: ${findings.values.get('etag')}`],
  }),
  step('getBooking', 404, 'GET', { target: '/api/v1/bookings/{booking}', as: 'bob' }),
  step('getBooking', 401, 'GET', { target: '/api/v1/bookings/{booking}' }),
  step('updateBooking', 412, 'PATCH', {
    target: '/api/v1/bookings/{booking}',
    as: 'alice',
    headers: () => ['If-Match: "1-99"'],
    body: json({ note: 'x' }),
  }),
  step('updateBooking', 200, 'PATCH', {
    target: '/api/v1/bookings/{booking}',
    as: 'alice',
    body: json({ note: 'Fenêtre, s’il vous plaît' }),
  }),
  step('updateBooking', 200, 'PATCH', {
    target: '/api/v1/bookings/{booking}',
    as: 'agent',
    title: 'updateBooking 200: as a form',
    body: form('note=first&note=second'),
  }),
  step('updateBooking', 422, 'PATCH', {
    target: '/api/v1/bookings/{booking}',
    as: 'alice',
    body: json({ contact_email: 'no' }),
  }),
  step('updateBooking', 403, 'PATCH', {
    target: '/api/v1/bookings/{booking}',
    as: 'accountant',
    body: json({}),
  }),
  step('updateBooking', 404, 'PATCH', { target: `/api/v1/bookings/${MISSING}`, as: 'alice', body: json({}) }),
  step('getItinerary', 200, 'GET', { target: '/api/v1/bookings/{booking}/itinerary.ics', as: 'alice' }),
  step('getItinerary', 403, 'GET', { target: '/api/v1/bookings/{booking}/itinerary.ics', as: 'accountant' }),
  step('exportBookings', 200, 'GET', { target: '/api/v1/bookings/export.csv', as: 'agent' }),
  step('exportBookings', 403, 'GET', { target: '/api/v1/bookings/export.csv', as: 'alice' }),
  step('exportBookings', 200, 'GET', {
    target: '/api/v1/bookings/export.csv',
    title: 'exportBookings 200: to an HTTP/1.0 client',
    as: 'agent',
    version: '1.0',
  }),
  step('exportBookings', 200, 'HEAD', { target: '/api/v1/bookings/export.csv', as: 'agent' }),
  step('exportBookings', 422, 'GET', { target: '/api/v1/bookings/export.csv?from=yesterday', as: 'agent' }),
  step('getBookingInvoice', 200, 'GET', {
    target: '/api/v1/bookings/{booking}/invoice',
    as: 'alice',
    keep: keepJson('invoice', 'id'),
  }),
  step('getBookingInvoice', 200, 'GET', {
    target: '/api/v1/bookings/{bobsBooking}/invoice',
    as: 'bob',
    keep: keepJson('bobsInvoice', 'id'),
  }),
  step('getBookingInvoice', 404, 'GET', { target: `/api/v1/bookings/${MISSING}/invoice`, as: 'alice' }),
];

const billing: Step[] = [
  step('listInvoices', 200, 'GET', { target: '/api/v1/invoices?status=OPEN&per_page=3', as: 'accountant' }),
  step('listInvoices', 200, 'GET', { target: '/api/v1/invoices', as: 'partner' }),
  step('listInvoices', 422, 'GET', { target: '/api/v1/invoices?status=x&issued_from=y', as: 'accountant' }),
  step('listInvoices', 403, 'GET', { target: '/api/v1/invoices', as: 'agent' }),
  step('getInvoice', 200, 'GET', { target: '/api/v1/invoices/{invoice}', as: 'alice' }),
  step('getInvoice', 304, 'GET', {
    target: '/api/v1/invoices/{invoice}',
    as: 'alice',
    headers: () => ['If-Modified-Since: Sun, 06 Nov 2039 08:49:37 GMT'],
  }),
  step('getInvoice', 403, 'GET', { target: '/api/v1/invoices/{invoice}', as: 'bob' }),
  step('getInvoice', 404, 'GET', { target: `/api/v1/invoices/${MISSING}`, as: 'alice' }),
  step('payInvoice', 422, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: json({}),
  }),
  step('payInvoice', 200, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    title: 'payInvoice 200: declined',
    body: card('4000000000000002'),
  }),
  step('payInvoice', 503, 'POST', {
    target: '/api/v1/invoices/{bobsInvoice}/payments',
    as: 'bob',
    body: card('4000000000001307'),
  }),
  step('payInvoice', 200, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    title: 'payInvoice 200: approved',
    body: card('4242424242424242'),
    keep: keepJson('payment', 'payment":{"id'),
  }),
  step('payInvoice', 409, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: card('4242424242424242'),
  }),
  step('payInvoice', 403, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'accountant',
    body: card('4242424242424242'),
  }),
  step('payInvoice', 415, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: PLAIN,
  }),
  step('payInvoice', 400, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: NOT_JSON,
  }),
  step('refundPayment', 403, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'alice',
    body: json({}),
  }),
  step('refundPayment', 422, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'accountant',
    body: json({}),
  }),
  step('refundPayment', 201, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'accountant',
    body: json({ amount: '10.00', reason: 'goodwill' }),
  }),
  step('refundPayment', 404, 'POST', {
    target: `/api/v1/payments/${MISSING}/refunds`,
    as: 'accountant',
    body: json({ reason: 'x' }),
  }),
  step('getInvoicePdf', 200, 'GET', { target: '/api/v1/invoices/{invoice}/pdf', as: 'alice' }),
  step('getInvoicePdf', 200, 'HEAD', { target: '/api/v1/invoices/{invoice}/pdf', as: 'alice' }),
  step('getInvoicePdf', 206, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['Range: bytes=10-99'],
  }),
  step('getInvoicePdf', 416, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['Range: bytes=99999999-'],
  }),
  step('getInvoicePdf', 304, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('exportInvoices', 200, 'GET', {
    target: '/api/v1/invoices/export.csv',
    as: 'accountant',
    headers: () => ['TE: trailers', 'Connection: TE'],
  }),
  step('exportInvoices', 403, 'GET', { target: '/api/v1/invoices/export.csv', as: 'alice' }),
  step('exportInvoices', 422, 'GET', { target: '/api/v1/invoices/export.csv?from=x&to=y', as: 'accountant' }),
  step('createStatement', 201, 'POST', {
    target: '/api/v1/statements',
    as: 'alice',
    body: json({ month: '2026-11' }),
  }),
  step('createStatement', 422, 'POST', {
    target: '/api/v1/statements',
    as: 'alice',
    body: json({ month: 'May' }),
  }),
  step('createStatement', 403, 'POST', {
    target: '/api/v1/statements',
    as: 'agent',
    body: json({ month: '2026-10' }),
  }),
];

const profile: Step[] = [
  step('getProfile', 200, 'GET', { target: '/api/v1/profile', as: 'alice' }),
  step('getProfile', 401, 'GET', { target: '/api/v1/profile' }),
  step('updateProfile', 200, 'PUT', {
    target: '/api/v1/profile',
    as: 'bob',
    body: json({ name: 'Bob Ångström', phone: null }),
  }),
  step('updateProfile', 200, 'PUT', {
    target: '/api/v1/profile',
    as: 'bob',
    title: 'updateProfile 200: as a form',
    body: form('address=&newsletter=Y&newsletter=N'),
  }),
  step('updateProfile', 422, 'PUT', { target: '/api/v1/profile', as: 'bob', body: json({ name: '' }) }),
  step('updateProfile', 403, 'PUT', { target: '/api/v1/profile', as: 'partner', body: json({ name: 'x' }) }),
  step('uploadPhoto', 201, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', PNG),
    keep: keepJson('photo', 'photo_url'),
  }),
  step('uploadPhoto', 415, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', Buffer.from('no picture')),
  }),
  step('uploadPhoto', 422, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('other', PNG),
  }),
  step('uploadPhoto', 413, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', Buffer.concat([PNG, Buffer.alloc(2_200_000)])),
  }),
  step(undefined, 200, 'GET', { target: '{photo}' }),
];

const ends: Step[] = [
  step('cancelBooking', 412, 'DELETE', {
    target: '/api/v1/bookings/{partnerBooking}',
    as: 'partner',
    headers: () => ['If-Match: "1-99"'],
  }),
  step('cancelBooking', 200, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'partner' }),
  step('cancelBooking', 409, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'partner' }),
  step('cancelBooking', 404, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'bob' }),
  step('cancelBooking', 403, 'DELETE', { target: '/api/v1/bookings/{booking}', as: 'accountant' }),
  step('getItinerary', 409, 'GET', {
    target: '/api/v1/bookings/{partnerBooking}/itinerary.ics',
    as: 'partner',
  }),
  step('deleteSession', 204, 'DELETE', { target: '/api/v1/session', as: 'bob' }),
  step('deleteSession', 401, 'DELETE', { target: '/api/v1/session', as: 'bob' }),
];

const beside: Step[] = [
  step(undefined, 404, 'GET', { target: '/api/v1/nothing' }),
  step(undefined, 404, 'PUT', { target: '/api/v1/bookings', as: 'alice', body: json({}) }),
  step(undefined, 404, 'PROPFIND', { target: '/api/v1/bookings' }),
  step(undefined, 200, 'GET', { target: '/' }),
  step(undefined, 404, 'GET', { target: '//api/v1/session' }),
  step(undefined, 200, 'GET', {
    target: '/ws/seats?flight_id={flight}',
    title: 'no operation: a WebSocket handshake',
    as: 'alice',
    status: 101,
    headers: () => [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  }),
  step(undefined, 404, 'GET', {
    target: '/ws/nothing',
    title: 'no operation: a WebSocket handshake that is refused',
    headers: () => [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  }),
  step('getSession', 401, 'GET', {
    target: '/api/v1/session',
    title: 'getSession 401: offering h2c',
    headers: () => ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'],
  }),
  step('getSession', 401, 'GET', {
    target: 'http://meridian.example/api/v1/session',
    title: 'getSession 401: an absolute target',
  }),
  step(undefined, 404, 'OPTIONS', { target: '*', title: 'no operation: OPTIONS *' }),
  step('createSession', 422, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 422: Expect: 100-continue',
    headers: () => ['Expect: 100-continue'],
    body: json({}),
  }),
  step('getSession', 401, 'GET', {
    target: '/api/v1/session',
    title: 'getSession 401: Connection: close',
    headers: () => ['Connection: close'],
  }),
];

export const GROUPS = { session, flights, bookings, billing, profile, ends, beside } as const;

export const STEPS: readonly Step[] = [
  ...session,
  ...flights,
  ...bookings,
  ...billing,
  ...profile,
  ...ends,
  ...beside,
];
