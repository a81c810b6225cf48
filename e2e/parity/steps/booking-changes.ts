import { deflateSync } from 'node:zlib';
import {
  type Findings,
  form,
  json,
  MISSING,
  NOT_JSON,
  PLAIN,
  type Step,
  step,
  TOO_LARGE,
} from '../../differential/step.ts';
import { changeFaults } from '../field-faults.ts';

const BOOKINGS = '/api/v1/bookings';

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

export const changes: readonly Step[] = [
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
