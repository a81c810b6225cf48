import { type Findings, json, keepJson, type Step, step } from '../../differential/step.ts';

const BOOKINGS = '/api/v1/bookings';

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

export const forms: readonly Step[] = [
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

export const formsAfter: readonly Step[] = [
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
