import {
  booking,
  form,
  json,
  keepJson,
  MISSING,
  NOT_JSON,
  PLAIN,
  type Step,
  step,
  TOO_LARGE,
} from '../step.ts';

export const bookings: readonly Step[] = [
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
