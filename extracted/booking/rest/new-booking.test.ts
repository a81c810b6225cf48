import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cabin } from '@banyan/contracts/booking/v1/booking';
import { readBookingChange } from './booking-change.ts';
import { readNewBooking } from './new-booking.ts';

const CABIN: Cabin = { rows: 30, columns: 'ABCDEF' };
const P = { first_name: 'A', last_name: 'B' };
const good = { flight_id: 7, passengers: [P], contact_email: 'a@b' };
const read = (values: Record<string, unknown>, byAgent = false, cabinOf = async () => CABIN) =>
  readNewBooking({ kind: 'json', values }, byAgent, cabinOf);

const FAULTS: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ flight_id: undefined }, 'flight_id is required'],
  [{ flight_id: 2 ** 53 }, 'flight_id must be an id'],
  [{ fare_class: 'x' }, 'fare_class must be one of SAVER, CLASSIC, FLEX'],
  [{ passengers: null }, 'passengers is required'],
  [{ passengers: {} }, 'passengers must be a list'],
  [{ passengers: [] }, 'passengers must be 1 to 9'],
  [{ passengers: [1] }, 'passengers[0] must be an object'],
  [{ passengers: [{ ...P, title: 'x' }] }, 'passengers[0].title must be one of MR, MRS, MS, MX, DR'],
  [{ passengers: [{ ...P, first_name: ' ' }] }, 'passengers[0].first_name is required'],
  [{ passengers: [{ ...P, last_name: 5 }] }, 'passengers[0].last_name must be a string'],
  [
    { passengers: [{ ...P, last_name: 'a\tb' }] },
    'passengers[0].last_name contains characters that are not allowed',
  ],
  [
    { passengers: [{ ...P, last_name: 'x'.repeat(61) }] },
    'passengers[0].last_name must have at most 60 characters',
  ],
  [{ passengers: [{ ...P, seat: 'A1' }] }, 'passengers[0].seat must be a row and a column, as in 12A'],
  [{ passengers: [{ ...P, seat: '31A', infant: 'x' }] }, 'passengers[0].seat: this aircraft has no seat 31A'],
  [
    {
      passengers: [
        { ...P, seat: '1A' },
        { ...P, seat: '1A' },
      ],
    },
    'passengers[1].seat: seat 1A is given twice',
  ],
  [{ passengers: [{ ...P, infant: 1 }] }, 'passengers[0].infant must be Y or N'],
  [{ passengers: [P, { ...P, infant: 'Y', seat: '1A' }] }, 'passengers[1].seat: an infant holds no seat'],
  [{ passengers: [{ ...P, infant: 'Y' }] }, 'passengers: one at least must be no infant'],
  [
    { passengers: [P, { ...P, infant: 'Y' }, { ...P, infant: 'Y' }] },
    'passengers: there are more infants than others',
  ],
  [
    { passengers: [{ ...P, frequent_flyer_no: 'x' }] },
    'passengers[0].frequent_flyer_no must be 5 to 12 capital letters and digits',
  ],
  [{ contact_email: '' }, 'contact_email is required'],
  [{ contact_email: 'x' }, 'contact_email must be an e-mail address'],
  [{ contact_phone: 'x'.repeat(31) }, 'contact_phone must have at most 30 characters'],
  [{ note: 'a\u0000' }, 'note contains characters that are not allowed'],
];

describe('the body of createBooking', () => {
  for (const [fields, message] of FAULTS) {
    it(message, async () => {
      await assert.rejects(read({ ...good, ...fields }), { kind: 'invalid', message });
    });
  }

  it('asks for no cabin where nothing is wrong', async () => {
    const { flightId, fareClass, contact, accountId } = await read(
      { ...good, flight_id: '007', account_id: 'ignored', note: '' },
      false,
      () => Promise.reject(new Error('asked')),
    );
    assert.deepEqual(
      [flightId, fareClass, contact, accountId],
      [7n, 'FARE_CLASS_CLASSIC', { email: 'a@b', phone: undefined }, undefined],
    );
  });

  it('an account is an agent’s to give', async () => {
    assert.equal((await read({ ...good, account_id: '12' }, true)).accountId, 12n);
    await assert.rejects(read({ ...good, account_id: 'x' }, true), { message: 'account_id must be an id' });
  });

  it('a form counts its passengers up to the first gap', async () => {
    const values = {
      flight_id: '7',
      contact_email: 'a@b',
      passenger_1_first_name: 'A',
      passenger_1_last_name: 'B',
      passenger_3_first_name: 'C',
    };
    const { passengers } = await readNewBooking({ kind: 'form', values }, false, async () => CABIN);
    assert.equal(passengers.length, 1);
  });
});

describe('the body of updateBooking', () => {
  const booked = [
    { id: 61n, infant: false },
    { id: 62n, infant: true },
  ].map((each) => ({
    ...each,
    title: 'TITLE_UNSPECIFIED' as const,
    firstName: 'A',
    lastName: 'B',
    specialAssistance: false,
  }));
  const change = (values: Record<string, unknown>, kind: 'json' | 'form' = 'json', isKeyed = false) =>
    readBookingChange({ kind, values }, booked, CABIN, isKeyed);

  const faults: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ contact_email: null, contact_phone: 5 }, 'contact_email is required'],
    [{ passengers: 5 }, 'passengers must be a list'],
    [{ passengers: [{}] }, 'passengers[0].id is required'],
    [{ passengers: [{ id: 1 }] }, 'passengers[0].id: no such passenger'],
    [{ passengers: [{ id: 61 }, { id: '061' }] }, 'passengers[1].id: passenger 61 is given twice'],
    [{ passengers: [{ id: 61, seat: '9K' }] }, 'passengers[0].seat: this aircraft has no seat 9K'],
    [{ passengers: [{ id: 62, seat: '9A' }] }, 'passengers[0].seat: an infant holds no seat'],
    [
      { passengers: [{ id: 61, special_assistance: 'y' }] },
      'passengers[0].special_assistance must be Y or N',
    ],
  ];
  for (const [values, message] of faults) {
    it(message, () => {
      assert.throws(() => change(values), { kind: 'invalid', message });
    });
  }

  it('under a key a seat of another aircraft is the service’s to refuse, any other fault is told as ever', () => {
    const seat = { id: 61, seat: '9K' };
    assert.equal(change({ passengers: [seat] }, 'json', true).passengers[0]?.seat, '9K');
    const faulty = { passengers: [{ ...seat, special_assistance: 'y' }] };
    assert.throws(() => change(faulty, 'json', true), { message: /^passengers\[0\]\.seat: this aircraft/ });
  });

  it('masks what is named, and nothing else', () => {
    assert.deepEqual(change({}), {
      contact: { email: '', phone: undefined },
      note: undefined,
      passengers: [],
      updateMask: [],
    });
    const { updateMask, note, passengers } = change({
      contact_email: 'a@b',
      contact_phone: null,
      note: '',
      passengers: [{ id: 61, seat: null, special_assistance: null, frequent_flyer_no: 'ABCDE' }],
    });
    assert.deepEqual(updateMask, ['contact.email', 'contact.phone', 'note']);
    assert.equal(note, undefined);
    assert.deepEqual(passengers, [
      {
        passengerId: 61n,
        seat: undefined,
        specialAssistance: false,
        frequentFlyerNumber: 'ABCDE',
        updateMask: ['seat', 'special_assistance', 'frequent_flyer_number'],
      },
    ]);
  });

  it('a form names passengers by id', () => {
    const { passengers } = change({ passenger_61_seat: '9A', passenger_x_seat: '1A' }, 'form');
    assert.deepEqual(
      passengers.map(({ passengerId, seat, updateMask }) => [passengerId, seat, updateMask]),
      [[61n, '9A', ['seat']]],
    );
  });
});
