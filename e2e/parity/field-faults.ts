import { type Findings, json, type Step, step } from '../differential/step.ts';

/** Every rule of a field, broken; of two, the first in documented order is told. */

const PASSENGER = { first_name: 'A', last_name: 'B' };
type Body = Record<string, unknown>;

const NEW_BOOKINGS: readonly (readonly [string, Body])[] = [
  ['no flight', { flight_id: null }],
  ['flight of another type', { flight_id: true }],
  ['flight a fraction', { flight_id: 1.5 }],
  ['flight beyond 2^53', { flight_id: 2 ** 53 }],
  ['flight beyond int64', { flight_id: '9'.repeat(19) }],
  ['flight unknown', { flight_id: 999_999_999 }],
  ['flight unknown, and all else wrong', { flight_id: 999_999_999, fare_class: 'x', passengers: 5 }],
  ['fare class', { fare_class: 'saver', passengers: [] }],
  ['fare class a number', { fare_class: 5 }],
  ['no passengers', { passengers: null }],
  ['passengers no list', { passengers: {} }],
  ['passengers none', { passengers: [] }],
  ['passengers ten', { passengers: Array.from({ length: 10 }, () => PASSENGER) }],
  ['a passenger that is none', { passengers: [PASSENGER, null] }],
  ['a passenger that is a list', { passengers: [[]] }],
  ['title', { passengers: [{ ...PASSENGER, title: 'mr' }] }],
  ['first name absent', { passengers: [{ last_name: 'B' }] }],
  ['first name blank', { passengers: [{ ...PASSENGER, first_name: '\u3000 ' }] }],
  ['first name a number', { passengers: [{ ...PASSENGER, first_name: 1 }] }],
  ['first name with a line break', { passengers: [{ ...PASSENGER, first_name: 'a\nb' }] }],
  ['first name with a NUL', { passengers: [{ ...PASSENGER, first_name: 'a\u0000b' }] }],
  ['first name with half a pair', { passengers: [{ ...PASSENGER, first_name: 'a\ud800' }] }],
  ['first name of 61', { passengers: [{ ...PASSENGER, first_name: '😀'.repeat(61) }] }],
  ['last name null', { passengers: [{ ...PASSENGER, last_name: null }] }],
  ['seat without form', { passengers: [{ ...PASSENGER, seat: '12a' }] }],
  ['seat 0A', { passengers: [{ ...PASSENGER, seat: '0A' }] }],
  ['seat a number', { passengers: [{ ...PASSENGER, seat: 12 }] }],
  ['seat of no row', { passengers: [{ ...PASSENGER, seat: '31A' }] }],
  ['seat of no column', { passengers: [{ ...PASSENGER, seat: '30K' }] }],
  ['seat not there, before a later fault', { passengers: [{ ...PASSENGER, seat: '99A', infant: 'x' }] }],
  ['seat not there, after an earlier fault', { passengers: [{ first_name: 'A', seat: '99A' }] }],
  [
    'seat not there, of the second',
    { passengers: [PASSENGER, { ...PASSENGER, seat: '99A' }], contact_email: 1 },
  ],
  [
    'seat twice',
    {
      passengers: [
        { ...PASSENGER, seat: '9A' },
        { ...PASSENGER, seat: '9A' },
      ],
    },
  ],
  [
    'seat twice that is not there',
    {
      passengers: [
        { ...PASSENGER, seat: '99A' },
        { ...PASSENGER, seat: '99A' },
      ],
    },
  ],
  ['infant neither', { passengers: [{ ...PASSENGER, infant: true }] }],
  ['infant with a seat', { passengers: [PASSENGER, { ...PASSENGER, infant: 'Y', seat: '9A' }] }],
  ['infant with a seat not there', { passengers: [PASSENGER, { ...PASSENGER, infant: 'Y', seat: '99A' }] }],
  ['infants only', { passengers: [{ ...PASSENGER, infant: 'Y' }] }],
  [
    'infants too many',
    { passengers: [PASSENGER, { ...PASSENGER, infant: 'Y' }, { ...PASSENGER, infant: 'Y' }] },
  ],
  [
    'infants only, and a mail that is none',
    { passengers: [{ ...PASSENGER, infant: 'Y' }], contact_email: '' },
  ],
  ['assistance', { passengers: [{ ...PASSENGER, special_assistance: 'y' }] }],
  ['frequent flyer', { passengers: [{ ...PASSENGER, frequent_flyer_no: 'abc12' }] }],
  ['frequent flyer a number', { passengers: [{ ...PASSENGER, frequent_flyer_no: 12_345 }] }],
  ['mail absent', { contact_email: undefined }],
  ['mail without a host', { contact_email: 'a@' }],
  ['mail with a blank', { contact_email: 'a b@c' }],
  ['mail of 255', { contact_email: `${'a'.repeat(250)}@b.cd` }],
  ['phone of 31', { contact_phone: '1'.repeat(31) }],
  ['phone a number', { contact_phone: 5 }],
  ['phone with a tab', { contact_phone: '1\t2' }],
  ['note of 501', { note: 'x'.repeat(501) }],
  ['note a list', { note: [] }],
  ['note with a NUL', { note: '\u0000' }],
];

export const bookingFaults: readonly Step[] = NEW_BOOKINGS.map(([title, body]) =>
  step('createBooking', 422, 'POST', {
    target: '/api/v1/bookings',
    as: 'partner',
    title: `createBooking 422: ${title}`,
    body: ({ values }: Findings) =>
      json({
        flight_id: values.get('flight'),
        passengers: [PASSENGER],
        contact_email: 'a@b.example',
        ...body,
      }),
  }),
);

type Ids = { adult: number; infant: number };
const CHANGES: readonly (readonly [string, (ids: Ids) => Body])[] = [
  ['mail null', () => ({ contact_email: null })],
  ['mail, before phone', () => ({ contact_phone: 5, contact_email: 'x' })],
  ['phone', () => ({ contact_phone: '\n' })],
  ['note', () => ({ note: 5 })],
  ['passengers no list', () => ({ passengers: 'x' })],
  ['a passenger that is none', () => ({ passengers: [5] })],
  ['id absent', () => ({ passengers: [{ seat: '9A' }] })],
  ['id a fraction', () => ({ passengers: [{ id: 0.5 }] })],
  ['id unknown', () => ({ passengers: [{ id: 1 }] })],
  ['id twice', ({ adult }) => ({ passengers: [{ id: adult }, { id: String(adult) }] })],
  ['seat without form', ({ adult }) => ({ passengers: [{ id: adult, seat: 'A9' }] })],
  ['seat not there', ({ adult }) => ({ passengers: [{ id: adult, seat: '31A' }] })],
  [
    'seat twice',
    ({ adult, infant }) => ({
      passengers: [
        { id: adult, seat: '9A' },
        { id: infant, seat: '9A' },
      ],
    }),
  ],
  ['seat of an infant', ({ infant }) => ({ passengers: [{ id: infant, seat: '9A' }] })],
  ['assistance', ({ adult }) => ({ passengers: [{ id: adult, special_assistance: 1 }] })],
  ['frequent flyer', ({ adult }) => ({ passengers: [{ id: adult, frequent_flyer_no: 'A' }] })],
];

export const changeFaults: readonly Step[] = CHANGES.map(([title, body]) =>
  step('updateBooking', 422, 'PATCH', {
    target: '/api/v1/bookings/{overdue}',
    as: 'alice',
    title: `updateBooking 422: ${title}`,
    body: ({ values }: Findings) =>
      json(body({ adult: Number(values.get('overdueAdult')), infant: Number(values.get('overdueInfant')) })),
  }),
);
