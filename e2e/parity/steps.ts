import { deflateSync, gzipSync } from 'node:zlib';
import {
  booking,
  card,
  type Findings,
  form,
  json,
  keepJson,
  logIn,
  MISSING,
  NOT_JSON,
  PLAIN,
  type Step,
  step,
  TOO_LARGE,
} from '../differential/step.ts';
import { GROUPS } from '../differential/steps.ts';
import { bookingFaults, changeFaults } from './field-faults.ts';

/** The differential run's own steps of the two contexts, and what their translation might get wrong besides. */

const BOOKINGS = '/api/v1/bookings';
const INVOICES = '/api/v1/invoices';

const HOST_HEADERS = {
  revoked: () => ['X-Api-Key: mk_demo_revoked_0000'],
  empty: () => ['X-Api-Key:'],
};

const noBody = (method: string, target: string, as: string, status: number, title: string): Step =>
  step(undefined, status, method, { target, as, title });

const identities: Step[] = (
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
const methods: Step[] = [
  noBody('OPTIONS', BOOKINGS, 'alice', 200, 'OPTIONS of a list'),
  noBody('OPTIONS', '/api/v1/invoices/{flownInvoice}/payments', 'alice', 200, 'OPTIONS of payments'),
  noBody('PUT', '/api/v1/bookings/{flown}', 'alice', 404, 'PUT of a booking'),
  noBody('POST', '/api/v1/invoices/{flownInvoice}', 'alice', 404, 'POST of an invoice'),
  noBody('DELETE', INVOICES, 'accountant', 404, 'DELETE of invoices'),
  noBody('GET', '/api/v1/payments/{flownPayment}/refunds', 'accountant', 404, 'GET of refunds'),
  noBody('GET', '/api/v1/statements', 'accountant', 404, 'GET of statements'),
];

const lists: Step[] = [
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

const reads: Step[] = [
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

const newBookings: Step[] = [
  ...bookingFaults,
  step('createBooking', 422, 'POST', {
    target: BOOKINGS,
    as: 'agent',
    title: 'createBooking 422: for an account that is none',
    body: booking({ account_id: 999_999_999, passengers: [{ first_name: 'A', last_name: 'B' }] }),
  }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'agent',
    title: 'createBooking 201: by an agent for another account',
    body: booking({ account_id: '0002', passengers: [{ first_name: 'Für', last_name: 'Bob', seat: '' }] }),
    keep: keepJson('agentsBooking', 'id'),
  }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: 'createBooking 201: another account, which is not hers to give; all that may be is null or absent',
    body: booking({
      account_id: 'nonsense',
      fare_class: null,
      contact_phone: '',
      note: null,
      passengers: [
        { title: '', first_name: ' 李 ', last_name: '😀'.repeat(60), infant: 'N', frequent_flyer_no: null },
        { title: 'MX', first_name: 'b', last_name: 'a', infant: 'Y', special_assistance: 'Y', seat: null },
      ],
    }),
    keep: keepJson('nullsBooking', 'id'),
  }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: 'createBooking 201: nine, at the dearest fare',
    body: (findings: Findings) =>
      json({
        flight_id: String(findings.values.get('dearFlight')),
        fare_class: 'FLEX',
        passengers: Array.from({ length: 9 }, (_, index) => ({
          first_name: `P${index}`,
          last_name: 'x'.repeat(60),
          seat: `3${index % 7}${'ABCDEFGHJ'[index]}`,
        })),
        contact_email: `${'a'.repeat(248)}@b.cd`,
        contact_phone: '1'.repeat(30),
        note: 'ü'.repeat(500),
      }),
    keep: keepJson('dearBooking', 'id'),
  }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: 'createBooking 201: gzipped',
    headers: () => ['Content-Encoding: gzip'],
    body: (findings: Findings) => ({
      type: 'Application/JSON; charset="utf-8"',
      bytes: gzipSync(
        JSON.stringify({
          flight_id: findings.values.get('tinyFlight'),
          passengers: [{ first_name: 'A', last_name: 'B', seat: '1A' }],
          contact_email: 'a@b',
        }),
      ),
    }),
    keep: keepJson('tinyBooking', 'id'),
  }),
  ...[
    ['409: a seat that is taken', 'tinyFlight', [{ first_name: 'C', last_name: 'D', seat: '1A' }]],
    [
      '409: a flight that is full',
      'tinyFlight',
      [
        { first_name: 'C', last_name: 'D' },
        { first_name: 'E', last_name: 'F' },
      ],
    ],
    ['409: a flight that closes', 'closingFlight', [{ first_name: 'C', last_name: 'D' }]],
    ['409: a flight that is cancelled', 'cancelledFlight', [{ first_name: 'C', last_name: 'D' }]],
    ['409: a flight that has departed', 'departedFlight', [{ first_name: 'C', last_name: 'D' }]],
  ].map(([title, flight, passengers]) =>
    step('createBooking', 409, 'POST', {
      target: BOOKINGS,
      as: 'bob',
      title: `createBooking ${title}`,
      body: (findings: Findings) =>
        json({ flight_id: findings.values.get(flight as string), passengers, contact_email: 'a@b' }),
    }),
  ),
];

const formBody =
  (first: string, more: Record<string, unknown> = {}) =>
  (findings: Findings) =>
    json({
      flight_id: findings.values.get('flight'),
      passengers: [{ first_name: first, last_name: 'Sent' }],
      contact_email: 'a@b',
      ...more,
    });
const formId = (id: string) => () => [`X-Form-Id: ${id}`];
const forms: Step[] = [
  ['201: a form, sent first', 201, 'f.1', 'Once', {}],
  ['201: the same form again', 201, 'f.1', 'Once', {}],
  ['201: the same form with other fields', 201, 'f.1', ' ONCE ', { note: 'changed', fare_class: 'SAVER' }],
  ['409: the same form for others', 409, 'f.1', 'Twice', {}],
  ['422: the same form, faulty', 422, 'f.1', '', {}],
  ['400: a form without a good id', 400, 'a b', 'Once', {}],
  ['400: before any fault of a field', 400, 'ä', '', {}],
].map(([title, status, id, first, more]) =>
  step('createBooking', status as number, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: `createBooking ${title}`,
    headers: formId(id as string),
    body: formBody(first as string, more as Record<string, unknown>),
    ...(status === 201 ? { keep: keepJson('formBooking', 'id') } : {}),
  }),
);
const formsAfter: Step[] = [
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'bob',
    title: "createBooking 201: another's form of the same id",
    headers: formId('f.1'),
    body: formBody('Once'),
  }),
  step('updateBooking', 200, 'PATCH', {
    target: `${BOOKINGS}/{formBooking}`,
    as: 'alice',
    title: 'updateBooking 200: the booking of a form',
    body: json({ note: 'changed since' }),
  }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: 'createBooking 201: the form again, after its booking was changed',
    headers: formId('f.1'),
    body: formBody('Once'),
  }),
  step('cancelBooking', 200, 'DELETE', { target: `${BOOKINGS}/{formBooking}`, as: 'alice' }),
  step('createBooking', 201, 'POST', {
    target: BOOKINGS,
    as: 'alice',
    title: 'createBooking 201: the form again, after its booking was cancelled',
    headers: formId('f.1'),
    body: formBody('Once'),
  }),
];

const change = (
  status: number,
  title: string,
  body: Record<string, unknown> | ((findings: Findings) => Record<string, unknown>),
  more: { target?: string; as?: string; headers?: (findings: Findings) => string[] } = {},
): Step =>
  step('updateBooking', status, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: `updateBooking ${status}: ${title}`,
    body: (findings: Findings) => json(typeof body === 'function' ? body(findings) : body),
    ...more,
  });
const adult = (fields: Record<string, unknown>) => (findings: Findings) => ({
  passengers: [{ id: Number(findings.values.get('overdueAdult')), ...fields }],
});
const tag = (text: string) => (findings: Findings) => [
  `If-Match: ${text.replaceAll('ID', String(findings.values.get('overdue')))}`,
];

const changes: Step[] = [
  ...changeFaults,
  change(200, 'of nothing', {}),
  change(200, 'a null note', { note: null, contact_phone: '' }),
  change(200, 'note and phone', { note: 'ñ', contact_phone: '+1' }),
  change(200, 'the same again, no change', { note: 'ñ', contact_phone: '+1' }),
  change(200, 'a seat', adult({ seat: '14C' })),
  change(200, 'the same seat', adult({ seat: '14C' })),
  change(200, 'assistance and number', adult({ special_assistance: 'N', frequent_flyer_no: null })),
  change(200, 'assistance null', adult({ special_assistance: null, frequent_flyer_no: 'AB123' })),
  change(200, 'the seat given back', adult({ seat: null })),
  change(409, 'a seat that is taken', adult({ seat: '12A' })),
  change(
    412,
    'of another version, before the state',
    { note: 'x' },
    {
      target: `${BOOKINGS}/{expired}`,
      headers: () => ['If-Match: "1-1"'],
    },
  ),
  change(
    422,
    'a fault before another version',
    { contact_email: 'x' },
    { headers: () => ['If-Match: "1-1"'] },
  ),
  change(409, 'of an expired one', { note: 'x' }, { target: `${BOOKINGS}/{expired}` }),
  change(409, 'of nothing of an expired one', {}, { target: `${BOOKINGS}/{expired}` }),
  change(412, 'a weak tag', { note: 'y' }, { headers: tag('W/"ID-1"') }),
  change(412, 'an empty list', { note: 'y' }, { headers: tag('') }),
  change(200, 'any version', { note: 'y' }, { headers: tag(' * ') }),
  change(412, 'a tag without its id', { note: 'z' }, { headers: tag('"7"') }),
  change(412, 'versions beyond', { note: 'z' }, { headers: tag('"ID-99999999999", "ID-0", "0ID-8"') }),
  step('getBooking', 200, 'GET', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'getBooking 200: for its tag',
    keep: (answer, findings) => findings.values.set('overdueTag', answer.header('etag') ?? ''),
  }),
  change(
    200,
    'its own tag among others',
    { note: 'w' },
    {
      headers: (findings) => [`If-Match: "a", W/"b",${findings.values.get('overdueTag')}`],
    },
  ),
  change(
    412,
    'its tag again',
    { note: 'v' },
    {
      headers: (findings) => [`If-Match: ${findings.values.get('overdueTag')}`],
    },
  ),
  change(404, "another's", { note: 'v' }, { as: 'bob' }),
  step('updateBooking', 200, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'updateBooking 200: a form names passengers by id',
    body: (findings: Findings) => {
      const { values } = findings;
      return form(
        `contact_phone=&passenger_${values.get('overdueInfant')}_special_assistance=Y&passenger_${values.get('overdueAdult')}_seat=15C&passenger_x_seat=1A`,
      );
    },
  }),
  step('updateBooking', 415, 'PATCH', { target: `${BOOKINGS}/{overdue}`, as: 'alice', body: PLAIN }),
  step('updateBooking', 413, 'PATCH', { target: `${BOOKINGS}/{overdue}`, as: 'alice', body: TOO_LARGE }),
  step('updateBooking', 400, 'PATCH', { target: `${BOOKINGS}/{overdue}`, as: 'alice', body: NOT_JSON }),
  step('updateBooking', 400, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'updateBooking 400: a list',
    body: json([]),
  }),
  step('updateBooking', 400, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'updateBooking 400: no deflate at all',
    headers: () => ['Content-Encoding: deflate'],
    body: json({}),
  }),
  step('updateBooking', 413, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'updateBooking 413: a bomb',
    headers: () => ['Content-Encoding: deflate'],
    body: { type: 'application/json', bytes: deflateSync(Buffer.alloc(2_000_000, 32)) },
  }),
  step('updateBooking', 415, 'PATCH', {
    target: `${BOOKINGS}/{overdue}`,
    as: 'alice',
    title: 'updateBooking 415: a coding that nobody knows',
    headers: () => ['Content-Encoding: compress'],
    body: json({}),
  }),
  step('updateBooking', 404, 'PATCH', {
    target: `${BOOKINGS}/${MISSING}`,
    as: 'alice',
    title: 'updateBooking 404: before its body',
    body: PLAIN,
  }),
  step('updateBooking', 403, 'PATCH', {
    target: `${BOOKINGS}/${MISSING}`,
    as: 'accountant',
    title: 'updateBooking 403: before what is missing',
    body: PLAIN,
  }),
  step('cancelBooking', 409, 'DELETE', { target: `${BOOKINGS}/{flown}`, as: 'alice' }),
  step('cancelBooking', 409, 'DELETE', { target: `${BOOKINGS}/{expired}`, as: 'alice' }),
  step('cancelBooking', 412, 'DELETE', {
    target: `${BOOKINGS}/{expired}`,
    as: 'alice',
    headers: () => ['If-Match: "1-1"'],
  }),
];

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

const money: Step[] = [
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
const cancellations: Step[] = [
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

export const LOG_INS: readonly Step[] = [
  ...['alice', 'bob', 'agent', 'accountant'].map(logIn),
  step('createSession', 200, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 200: the session that will expire',
    body: json({ email: 'alice@example.com', password: 'meridian' }),
    keep: (answer, { cookies }) => cookies.set('expired', answer.header('set-cookie')?.split(';')[0] ?? ''),
  }),
];

const contexts = ({ operation }: Step): boolean => operation !== undefined;

export const PARITY_STEPS: readonly Step[] = [
  ...identities,
  ...methods,
  ...lists,
  ...reads,
  ...GROUPS.bookings,
  ...newBookings,
  ...forms,
  ...formsAfter,
  ...changes,
  ...GROUPS.billing,
  ...money,
  ...cancellations,
  ...GROUPS.ends.filter(contexts),
  ...lists.slice(0, 12),
];
