import { gzipSync } from 'node:zlib';
import { booking, type Findings, json, keepJson, type Step, step } from '../../differential/step.ts';
import { bookingFaults } from '../field-faults.ts';

const BOOKINGS = '/api/v1/bookings';

export const newBookings: readonly Step[] = [
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
